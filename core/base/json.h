/*
 * json.h - JSON, strict (RFC 8259)
 *
 * Reading refuses duplicate members, trailing text, bad UTF-8, lone surrogates, NUL in
 * strings, numbers out of range and more depth or bytes than the limits. Members keep their
 * order and are found in constant time, however a stranger has chosen their names.
 * A value is owned by whoever made it and passed on by json_set and json_append; it is used
 * by one thread at a time.
 *
 * Of our own because each request is read and written several times: jansson took a third
 * of the CPU of a request. It is the judge of tests/fuzz/json_fuzz.c.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/failure.h"
#include "base/text.h"

struct json;

enum json_kind {
	JSON_IS_NULL,
	JSON_IS_BOOLEAN,
	JSON_IS_NUMBER,
	JSON_IS_REAL,
	JSON_IS_TEXT,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT
};

#define JSON_MAX_DEPTH 64

/* The system call that large objects need is made now: for who may make none later. */
void json_seed(void);

/* Reads one JSON text of at most max_bytes (0: 1 MiB). `what` names it in
 * failures: "WHAT:LINE:COLUMN: ...", FAILURE_DATA. NULL on failure. */
struct json *json_read(struct text, const char *what, size_t max_bytes, struct failure *);

enum json_style { JSON_LINE, JSON_INDENTED }; /* INDENTED: two blanks, no final newline */
void json_write(const struct json *, enum json_style, struct buffer *);

/* The same as JSON_LINE, written at once: an object is opened with '{' and closed with '}', an
 * array with '[' and ']'. `name` is NULL within an array and for the outermost value; it has
 * nothing that must be escaped. Begin with { buffer, false }. */
struct json_out {
	struct buffer *to;
	bool has_one; /* a value before the next one: a comma parts them */
};
void json_out_open(struct json_out *, const char *name, char bracket);
void json_out_close(struct json_out *, char bracket);
void json_out_text(struct json_out *, const char *name, struct text);    /* as json_new_text() */
void json_out_string(struct json_out *, const char *name, const char *); /* NULL gives null */
void json_out_number(struct json_out *, const char *name, int64_t);
void json_out_boolean(struct json_out *, const char *name, bool);
void json_out_null(struct json_out *, const char *name);
void json_out_json(struct json_out *, const char *name, const struct json *); /* not NULL */
/* Reads what was written so, of any length, and frees it; NULL if it is not JSON. */
struct json *json_from(struct buffer *);

struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_text(struct text);    /* bad UTF-8 is replaced by U+FFFD */
struct json *json_new_string(const char *); /* NULL gives null */
struct json *json_new_number(int64_t);
struct json *json_new_boolean(bool);
struct json *json_new_null(void);
struct json *json_clone(const struct json *); /* deep */
struct json *json_hold(struct json *);        /* one more owner */
void json_free(struct json *);                /* NULL is fine */

/* Both take the value over; NULL as value does nothing. */
void json_set(struct json *object, const char *name, struct json *value);
void json_append(struct json *array, struct json *value);
void json_remove(struct json *object, const char *name);

enum json_kind json_kind(const struct json *); /* NULL is JSON_IS_NULL */
const char *json_kind_name(enum json_kind);    /* "null", "a string" ... for messages */
size_t json_length(const struct json *);       /* array or object, else 0 */
struct json *json_get(const struct json *object, const char *name); /* lent; NULL if absent */
struct json *json_at(const struct json *array, size_t index);       /* lent; NULL if absent */
struct text json_text(const struct json *);                         /* "" if not a string */
const char *json_chars(const struct json *);                        /* NULL if not a string; lent */
int64_t json_number(const struct json *, int64_t otherwise);
bool json_truth(const struct json *);
bool json_same(const struct json *, const struct json *);
const char *json_get_chars(const struct json *object, const char *name); /* NULL if not there */

/* Members in order: start with *cursor = NULL. */
bool json_next(const struct json *object, void **cursor, const char **name, struct json **value);

/* RFC 6901. json_point lends, NULL if absent. json_put makes missing objects
 * and arrays on the way ("/list/-" appends) and takes the value over; false if
 * a scalar is in the way or an index leaves a gap. */
struct json *json_point(const struct json *, const char *pointer);
bool json_put(struct json *root, const char *pointer, struct json *value);

#endif
