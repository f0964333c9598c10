/* JSON out: what RFC 8259 asks for and no more; UTF-8 as it is. */
#include "base/json_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	struct buffer *to;
	bool is_indented;
	unsigned depth;
};

static void new_line(struct writer *w)
{
	if (!w->is_indented)
		return;
	buffer_char(w->to, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		buffer_append(w->to, "  ", 2);
}

static void write_escape(struct buffer *to, unsigned char c)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *p = names; *p; p += 2)
		if ((unsigned char)*p == c) {
			buffer_append(to, (char[]){ '\\', p[1] }, 2);
			return;
		}
	buffer_format(to, "\\u%04X", c);
}

/* Sixteen bytes are looked at together. */
typedef unsigned char block __attribute__((vector_size(16)));

static bool is_plain(const char *p)
{
	uint64_t halves[2];
	block bytes, special;

	memcpy(&bytes, p, sizeof bytes);
	special = (block)((bytes < ' ') | (bytes == '"') | (bytes == '\\'));
	memcpy(halves, &special, sizeof halves);
	return (halves[0] | halves[1]) == 0;
}

size_t json_plain(const char *p, size_t n)
{
	char rest[sizeof(block)];
	size_t at = 0;

	while (n - at >= sizeof rest && is_plain(p + at))
		at += sizeof rest;
	if (n > at && n - at < sizeof rest) {
		memset(rest, ' ', sizeof rest);
		memcpy(rest, p + at, n - at);
		if (is_plain(rest))
			return n;
	}
	while (at < n && (unsigned char)p[at] >= ' ' && p[at] != '"' && p[at] != '\\')
		at++;
	return at;
}

void json_write_text(struct buffer *to, struct text text)
{
	size_t n = json_plain(text.p, text.n);

	buffer_char(to, '"');
	while (n < text.n) {
		buffer_append(to, text.p, n);
		write_escape(to, (unsigned char)text.p[n]);
		text = (struct text){ text.p + n + 1, text.n - n - 1 };
		n = json_plain(text.p, text.n);
	}
	buffer_append(to, text.p, n);
	buffer_char(to, '"');
}

/* The fewest digits that read back as the same number; never one without a fraction. */
static void write_real(struct buffer *to, double real)
{
	char digits[40];

	for (int precision = 15; precision <= 17; precision++) {
		double read;

		snprintf(digits, sizeof digits, "%.*g", precision, real);
		read = strtod(digits, NULL);
		if (read >= real && read <= real)
			break;
	}
	buffer_text(to, digits);
	if (!strpbrk(digits, ".e"))
		buffer_text(to, ".0");
}

static void write_value(struct writer *, const struct json *);

static void write_object(struct writer *w, const struct json *value)
{
	buffer_char(w->to, '{');
	w->depth++;
	for (size_t i = 0; i < value->object.n; i++) {
		const struct json_member *m = &value->object.members[i];

		if (i)
			buffer_char(w->to, ',');
		new_line(w);
		json_write_text(w->to, (struct text){ json_member_name(m), m->n });
		buffer_append(w->to, ": ", w->is_indented ? 2 : 1);
		write_value(w, m->value);
	}
	w->depth--;
	if (value->object.n)
		new_line(w);
	buffer_char(w->to, '}');
}

static void write_array(struct writer *w, const struct json *value)
{
	buffer_char(w->to, '[');
	w->depth++;
	for (size_t i = 0; i < value->array.n; i++) {
		if (i)
			buffer_char(w->to, ',');
		new_line(w);
		write_value(w, value->array.items[i]);
	}
	w->depth--;
	if (value->array.n)
		new_line(w);
	buffer_char(w->to, ']');
}

static void write_value(struct writer *w, const struct json *value)
{
	switch (value->kind) {
	case JSON_IS_OBJECT: write_object(w, value); return;
	case JSON_IS_ARRAY: write_array(w, value); return;
	case JSON_IS_TEXT: json_write_text(w->to, json_text(value)); return;
	case JSON_IS_NUMBER: buffer_number(w->to, value->number); return;
	case JSON_IS_REAL: write_real(w->to, value->real); return;
	case JSON_IS_BOOLEAN: buffer_text(w->to, value->truth ? "true" : "false"); return;
	case JSON_IS_NULL: break;
	}
	buffer_append(w->to, "null", 4);
}

void json_write(const struct json *value, enum json_style style, struct buffer *to)
{
	struct writer w = { to, style == JSON_INDENTED, 0 };

	if (value)
		write_value(&w, value);
}
