/*
 * text.h - text as pointer and length, text that grows, words and nearness
 *
 * All text is UTF-8. A struct text need not end in NUL; a C string that came
 * from one of these functions does.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *p; /* never NULL when made by these functions */
	size_t n;      /* bytes */
};

#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })
#define TEXT_ARGS(t) (int)(t).n, (t).p /* for "%.*s" */

/* NULL gives the empty text. */
static inline struct text text_of(const char *c_string)
{
	return c_string ? (struct text){ c_string, strlen(c_string) } : TEXT("");
}
bool text_equal(struct text, struct text);
bool text_is(struct text, const char *c_string);
bool text_same(const char *, const char *);      /* strcmp == 0; NULL equals only NULL */
bool text_same_fold(const char *, const char *); /* ASCII case ignored */
bool text_starts(struct text, const char *prefix);
struct text text_trim(struct text); /* white space at both ends */

/* The next item of a list parted by `separator`, trimmed; false at the end.
 * Empty items are skipped. `rest` is moved on. */
bool text_split(struct text *rest, char separator, struct text *item);

/* Is the word one of the list's items, byte for byte? */
bool text_has_item(struct text list, char separator, const char *word);

/* Position of the first byte that is not well-formed UTF-8 (RFC 3629), or -1. */
ptrdiff_t text_bad_utf8(struct text);

/* Case and accents folded: "Ärger" becomes "arger"; what has no simple form stays.
 * Appends to out at most `n` bytes; returns the bytes written. Input UTF-8. */
size_t text_fold(struct text, char *out, size_t capacity);

/* Strict decimal integer with optional sign: no blanks, no other bytes. */
bool text_integer(struct text, int64_t *);
/* Its decimal digits, which lie in the room. */
#define NUMBER_TEXT 20
struct text text_of_number(int64_t, char room[NUMBER_TEXT]);

/* Damerau-Levenshtein distance of two short words (up to 63 bytes), ASCII case
 * ignored; more than `limit` is reported as limit + 1. */
unsigned text_distance(const char *, const char *, unsigned limit);

/* The word nearest to `wrong`, or NULL if none is near (distance 1 for words up
 * to 4 bytes, 2 for longer ones, or one begins with the other). */
const char *text_nearest(const char *wrong, const char *const *words, size_t n);

/* ---- text that grows: failures cannot happen (memory.h) ------------------ */

struct buffer {
	char *p; /* NUL-terminated once something was appended; NULL before */
	size_t n, capacity;
};

void buffer_reserve(struct buffer *, size_t more); /* room for so many more, and the NUL */
static inline void buffer_append(struct buffer *buffer, const char *bytes, size_t n)
{
	if (buffer->n + n >= buffer->capacity)
		buffer_reserve(buffer, n);
	if (n)
		memcpy(buffer->p + buffer->n, bytes, n);
	buffer->n += n;
	buffer->p[buffer->n] = 0;
}
static inline void buffer_text(struct buffer *buffer, const char *c_string)
{
	buffer_append(buffer, c_string, strlen(c_string));
}
static inline void buffer_char(struct buffer *buffer, char c)
{
	buffer_append(buffer, &c, 1);
}
void buffer_number(struct buffer *, int64_t); /* its decimal digits */
void buffer_format(struct buffer *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vformat(struct buffer *, const char *format, va_list)
    __attribute__((format(printf, 2, 0)));
struct text buffer_as_text(const struct buffer *);
char *buffer_steal(struct buffer *); /* never NULL; free() it */
void buffer_free(struct buffer *);
void buffer_wipe(struct buffer *); /* overwritten, then freed: for secrets */

#endif
