/*
 * pointer.h - what a portal's reply says, however it spells its members
 */
#ifndef PORTAL_POINTER_H
#define PORTAL_POINTER_H

#include "base/json.h"
#include "http/http.h"

/* A member by pointer, exactly or else with ASCII case ignored; lent. */
struct json *point_loosely(struct json *, const char *pointer);
/* Puts BLANK in every place that point_loosely() might find a text or number in, null
 * where it is anything else. */
void blank_loosely(struct json *, const char *pointer);
#define BLANK "********"
/* A reply's body without the mark that some portals begin with (U+FEFF). */
struct text body_of(const struct http_reply *);

#endif
