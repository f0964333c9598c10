/*
 * transcript_write.h - steps as they happen, written as a transcript (transcript.h)
 *
 * What stands in it is what the plugin saw: no ID of a contract, no token, no secret; replies
 * as the host has blanked them. But the request is in it, with the people it names.
 */
#ifndef CHECK_TRANSCRIPT_WRITE_H
#define CHECK_TRANSCRIPT_WRITE_H

#include <stdio.h>
#include "portal/portals.h"

struct transcript;

/* The file must outlive it; it is written as it goes. */
struct transcript *transcript_new(FILE *);
void transcript_free(struct transcript *); /* ends an operation that goes on later; NULL is fine */

/* Before and after portal_step(): what it begins with, and what it wants. The memory is as it
 * is before the step. */
void transcript_before(struct transcript *, const struct portal *, const struct step_input *,
    const struct step_memory *);
void transcript_after(struct transcript *, const struct step *);
/* One exchange alone. */
void transcript_exchange(FILE *, const struct json *exchange);

#endif
