/*
 * read.h - the parts of reading a catalogue, for this room only
 */
#ifndef CATALOGUE_READ_H
#define CATALOGUE_READ_H

#include "catalogue/inside.h"
#include "config/option.h"

/* Adds a phrase and its side ways ("PowerBI", "Share Point") and returns its node. */
uint32_t phrase_add(struct catalogue *, struct text, bool is_name);

/* Reads the [release PRODUCT] sections into the products. */
void releases_read(struct catalogue *, struct config *, struct problems *);
/* Reads the [cue NAME] sections. */
void cues_read(struct catalogue *, struct config *, struct problems *);

/* The product whose own name this is; NULL. */
const struct product *product_named(const struct catalogue *, struct text);
/* The number of the product that has this name, from 1. Else 0, after a problem
 * that names the nearest one. */
uint32_t reference_read(
    const struct catalogue *, struct text name, struct place, struct problems *);

#endif
