/* JSON in: RFC 8259 and nothing beside it, with the place of the first fault. */
#include "base/json_inside.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *start, *p, *end;
	const char *fault; /* the first one, in words; NULL: none yet */
	bool is_too_deep;
	unsigned depth;
	struct buffer scratch; /* a text with escapes */
};

static struct json *read_value(struct reader *);

static struct json *refuse(struct reader *r, const char *fault)
{
	if (!r->fault)
		r->fault = fault;
	return NULL;
}

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

static bool take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* ---- texts ------------------------------------------------------------------------ */

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of \uXXXX; -1 if they are none. */
static long read_unit(struct reader *r)
{
	long unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = r->p < r->end ? hex_of(*r->p) : -1;

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
		r->p++;
	}
	return unit;
}

static void append_character(struct buffer *to, unsigned long c)
{
	if (c < 0x80)
		buffer_char(to, (char)c);
	else if (c < 0x800)
		buffer_append(to, (char[]){ (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)) }, 2);
	else if (c < 0x10000)
		buffer_append(to,
		    (char[]){ (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
			(char)(0x80 | (c & 0x3f)) },
		    3);
	else
		buffer_append(to,
		    (char[]){ (char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3f)),
			(char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f)) },
		    4);
}

static bool read_unicode(struct reader *r)
{
	long unit = read_unit(r), low;

	if (unit < 0)
		return refuse(r, "\\u needs four hexadecimal digits");
	if (unit == 0)
		return refuse(r, "\\u0000 cannot stand in a text");
	if (unit >= 0xd800 && unit <= 0xdfff) {
		if (unit >= 0xdc00 || r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
			return refuse(r, "half of a surrogate pair");
		r->p += 2;
		low = read_unit(r);
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(r, "half of a surrogate pair");
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	append_character(&r->scratch, (unsigned long)unit);
	return true;
}

static bool read_escape(struct reader *r)
{
	static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	char c = r->p < r->end ? *r->p : 0;

	if (c == 'u') {
		r->p++;
		return read_unicode(r);
	}
	for (const char *p = names; c && *p; p += 2)
		if (*p == c) {
			buffer_char(&r->scratch, p[1]);
			r->p++;
			return true;
		}
	return refuse(r, "there is no such escape");
}

/* What needs no change up to the next escape or the end. */
static struct text plain_part(struct reader *r)
{
	struct text part = { r->p, json_plain(r->p, (size_t)(r->end - r->p)) };

	r->p += part.n;
	return part;
}

static bool part_ok(struct reader *r, struct text part)
{
	ptrdiff_t bad = text_bad_utf8(part);

	if (bad >= 0) {
		r->p = part.p + bad;
		return refuse(r, "not UTF-8");
	}
	if (r->p == r->end)
		return refuse(r, "the text has no end");
	return (unsigned char)*r->p >= ' ' || refuse(r, "a control character must be escaped");
}

/* After the quotation mark. Lent: until the next text is read. */
static bool read_text(struct reader *r, struct text *text)
{
	*text = plain_part(r);
	if (!part_ok(r, *text))
		return false;
	if (*r->p == '"') {
		r->p++;
		return true;
	}
	r->scratch.n = 0;
	buffer_append(&r->scratch, text->p, text->n);
	while (*r->p == '\\') {
		struct text part;

		r->p++;
		if (!read_escape(r))
			return false;
		part = plain_part(r);
		if (!part_ok(r, part))
			return false;
		buffer_append(&r->scratch, part.p, part.n);
	}
	r->p++;
	*text = buffer_as_text(&r->scratch);
	return true;
}

static struct json *read_string(struct reader *r)
{
	struct text text;
	struct json *value;
	char *bytes;

	if (!read_text(r, &text))
		return NULL;
	value = json_make_text(text.n, &bytes);
	memcpy(bytes, text.p, text.n);
	return value;
}

/* ---- numbers ------------------------------------------------------------------------ */

static bool skip_digits(struct reader *r)
{
	const char *begun = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > begun;
}

static struct json *read_real(struct reader *r, struct text digits)
{
	char *copy = memory_copy(digits.p, digits.n);
	double real;

	errno = 0;
	real = strtod(copy, NULL); /* in the C locale: none is ever set */
	free(copy);
	if (isinf(real))
		return refuse(r, "the number is too large");
	return json_new_real(real);
}

static struct json *read_number(struct reader *r)
{
	const char *begun = r->p;
	bool is_whole = true;
	struct text digits;
	int64_t number;

	if (*r->p == '-')
		r->p++;
	if (r->p < r->end && *r->p == '0')
		r->p++;
	else if (!skip_digits(r))
		return refuse(r, "a value must stand here");
	if (r->p < r->end && *r->p == '.') {
		is_whole = false;
		r->p++;
		if (!skip_digits(r))
			return refuse(r, "digits must follow the point");
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		is_whole = false;
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (!skip_digits(r))
			return refuse(r, "the exponent has no digits");
	}
	digits = (struct text){ begun, (size_t)(r->p - begun) };
	if (!is_whole)
		return read_real(r, digits);
	if (!text_integer(digits, &number))
		return refuse(r, "the number is too large");
	return json_new_number(number);
}

/* ---- the rest -------------------------------------------------------------------------- */

static bool go_deeper(struct reader *r)
{
	if (++r->depth <= JSON_MAX_DEPTH)
		return true;
	r->is_too_deep = true;
	return refuse(r, "too deep");
}

/* A name with escapes is copied: its value may have some, too. */
static bool read_name(struct reader *r, struct text *name, char **copy)
{
	if (!read_text(r, name))
		return false;
	if (name->p == r->scratch.p)
		name->p = *copy = memory_copy(name->p, name->n);
	return take(r, ':') || refuse(r, "a colon must follow the name");
}

static bool read_member(struct reader *r, struct json *object)
{
	const char *begun;
	struct json *value = NULL;
	struct text name;
	char *copy = NULL;
	bool is_ok;

	if (!take(r, '"'))
		return refuse(r, "a name in quotation marks must stand here");
	begun = r->p - 1;
	if (read_name(r, &name, &copy))
		value = read_value(r);
	is_ok = value && json_add(object, name, value);
	free(copy);
	if (value && !is_ok) {
		json_free(value);
		r->p = begun;
		refuse(r, "a duplicate: the object has that name already");
	}
	return is_ok;
}

static bool read_element(struct reader *r, struct json *array)
{
	struct json *value = read_value(r);

	json_append(array, value);
	return value != NULL;
}

/* Behind the opening bracket, through the closing one. */
static struct json *read_list(struct reader *r, struct json *list, char closing,
    bool (*read_one)(struct reader *, struct json *))
{
	bool is_ok = go_deeper(r), is_closed = is_ok && take(r, closing);

	while (is_ok && !is_closed) {
		is_ok = read_one(r, list);
		is_closed = is_ok && take(r, closing);
		if (is_ok && !is_closed && !take(r, ','))
			is_ok = refuse(r,
			    closing == '}' ? "a comma or } must stand here"
					   : "a comma or ] must stand here");
	}
	r->depth--;
	if (is_ok)
		return list;
	json_free(list);
	return NULL;
}

static struct json *read_word(struct reader *r, const char *word, struct json *value)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
		return refuse(r, "a value must stand here");
	r->p += n;
	return value;
}

static struct json *read_value(struct reader *r)
{
	skip_blanks(r);
	switch (r->p < r->end ? *r->p : 0) {
	case '{': r->p++; return read_list(r, json_new_object(), '}', read_member);
	case '[': r->p++; return read_list(r, json_new_array(), ']', read_element);
	case '"': r->p++; return read_string(r);
	case 't': return read_word(r, "true", json_new_boolean(true));
	case 'f': return read_word(r, "false", json_new_boolean(false));
	case 'n': return read_word(r, "null", json_new_null());
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9': return read_number(r);
	default: return refuse(r, "a value must stand here");
	}
}

/* Line and column of the fault, counted from 1 in characters. */
static void tell_fault(const struct reader *r, const char *what, struct failure *why)
{
	size_t line = 1, column = 1;

	if (r->is_too_deep) {
		failure_set(
		    why, FAILURE_DATA, "%s: nested deeper than %d levels", what, JSON_MAX_DEPTH);
		return;
	}
	for (const char *p = r->start; p < r->p; p++) {
		if (*p == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)*p & 0xc0) != 0x80) {
			column++;
		}
	}
	failure_set(why, FAILURE_DATA, "%s:%zu:%zu: not JSON: %s", what, line, column, r->fault);
}

struct json *json_read(struct text text, const char *what, size_t max_bytes, struct failure *why)
{
	size_t limit = max_bytes ? max_bytes : (size_t)1 << 20;
	struct reader r = { .start = text.p, .p = text.p, .end = text.p + text.n };
	struct json *value;

	if (text.n > limit) {
		failure_set(why, FAILURE_DATA, "%s: %zu bytes of JSON, the limit is %zu", what,
		    text.n, limit);
		return NULL;
	}
	value = read_value(&r);
	skip_blanks(&r);
	if (value && r.p < r.end) {
		json_free(value);
		value = refuse(&r, "nothing may follow the value");
	}
	if (!value)
		tell_fault(&r, what, why);
	buffer_free(&r.scratch);
	return value;
}
