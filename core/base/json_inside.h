/*
 * json_inside.h - how values lie in memory; for the json_*.c files alone
 */
#ifndef BASE_JSON_INSIDE_H
#define BASE_JSON_INSIDE_H

#include "base/json.h"

#define NAME_HERE 15 /* bytes of a name that lies in its member */

struct json_member {
	struct json *value;
	size_t n; /* bytes of the name */
	union {
		char here[NAME_HERE + 1]; /* NUL-terminated, both */
		char *elsewhere;
	} name;
};

static inline const char *json_member_name(const struct json_member *m)
{
	return m->n <= NAME_HERE ? m->name.here : m->name.elsewhere;
}

struct json {
	uint32_t users; /* 0: lives for ever, not counted */
	enum json_kind kind;
	union {
		bool truth;
		int64_t number;
		double real;
		struct {
			size_t n;
		} text; /* the bytes follow the struct, NUL-terminated */
		struct {
			struct json **items;
			size_t n, capacity;
		} array;
		struct {
			struct json_member *members;
			size_t n, capacity;
			uint32_t *places; /* by hash, with a seed that nobody outside knows: 1 +
				     index of the member; NULL: few members */
			size_t n_places;  /* a power of two */
		} object;
	};
};

/* How many bytes stand in a JSON text as they are: up to a quotation mark, a backslash or a
 * control character. */
size_t json_plain(const char *, size_t n);

void json_write_text(struct buffer *, struct text); /* which is UTF-8 */

/* Not zeroed beyond its head: for kinds that fill what they use. */
struct json *json_make(enum json_kind, size_t extra);
/* Bytes to be filled in by the caller, which must be UTF-8. */
struct json *json_make_text(size_t n, char **bytes);
struct json *json_new_real(double);

/* Takes the value over; false, and the value untouched, if the name is there already. */
bool json_add(struct json *object, struct text name, struct json *value);
/* The same, but in place of what is there. */
void json_set_text(struct json *object, struct text name, struct json *value);
struct json *json_get_text(const struct json *object, struct text name);

#endif
