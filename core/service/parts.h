/*
 * parts.h - which parts of this process are at work, each an owner of claims of its own
 *
 * What has ended without giving its claim back (the disk was full) can be told from what is
 * at work, whatever the clock says of the claim's lease. For one thread.
 */
#ifndef SERVICE_PARTS_H
#define SERVICE_PARTS_H

#include "engine/owner.h"

struct parts;

struct parts *parts_new(const char *owner); /* this process's name (copied), as of owner_self() */
void parts_free(struct parts *);            /* NULL is fine */

/* The process's name becomes the part's own. */
void parts_begin(struct parts *, char owner[OWNER_TEXT]);
void parts_end(struct parts *, const char *owner);

enum part { PART_NONE, PART_AT_WORK, PART_ENDED };
enum part parts_find(const struct parts *, const char *owner); /* NONE: not of this process */

#endif
