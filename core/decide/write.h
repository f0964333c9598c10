/*
 * write.h - members of JSON objects whose value may be unknown: then null
 */
#ifndef DECIDE_WRITE_H
#define DECIDE_WRITE_H

#include "decide/request.h"

void write_instant(struct json_out *, const char *name, instant);
void write_tri(struct json_out *, const char *name, int);                 /* -1 unknown, 0, 1 */
void write_count(struct json_out *, const char *name, int64_t remaining); /* or "unlimited" */

#endif
