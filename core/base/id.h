/*
 * id.h - identities: UUIDv7 (RFC 9562), ordered by time
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include "base/instant.h"

#define ID_TEXT 37 /* 36 characters and a NUL */

/* A new UUIDv7; never less than one made before in this process. */
void id_new(instant now, char out[ID_TEXT]);
/* Nor less than this one from now on: an id of an earlier process, whose clock may have been
 * ahead. What is no UUIDv7 is passed over. */
void id_follow(const char *id);
/* The end of an id, which tells requests apart: its beginning is the time. Lent. */
const char *id_short(const char *id);
void random_bytes(void *, size_t);     /* from the kernel; ends the process if there are none */
uint64_t random_below(uint64_t limit); /* uniform in [0, limit) */

#endif
