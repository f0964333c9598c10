/*
 * values.h - the only file that knows iniparser
 */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "config/scan.h"
#include "config/section.h"

/* Fills the values of the entries of sections[0 .. n-1], which are those of the
 * scan in its order, from iniparser's reading of the same bytes. iniparser is
 * quadratic in the number of keys, so it gets a few dozen sections at a time.
 * A value that differs from the scan's is a fault of ours and reported. */
void values_read(struct arena *, struct config_section **sections, size_t n, const struct scan *,
    struct text bytes, const char *file, struct problems *);

#endif
