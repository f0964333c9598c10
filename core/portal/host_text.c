/*
 * Host calls that make text. The formatter is our own: a plugin's formats get
 * neither %n nor floats, and nothing in it allocates behind our back.
 */
#include "portal/host.h"

#include <string.h>

#define FORMAT_BYTES ((size_t)128 * 1024)

struct conversion {
	int longs;         /* 0, 1 or 2 'l'; 'z' counts as 1 */
	int64_t precision; /* of %.*s; -1: none */
};

static int64_t next_signed(const struct conversion *c, va_list *args)
{
	if (c->longs == 0)
		return va_arg(*args, int);
	return c->longs == 1 ? va_arg(*args, long) : va_arg(*args, long long);
}

static uint64_t next_unsigned(const struct conversion *c, va_list *args)
{
	if (c->longs == 0)
		return va_arg(*args, unsigned);
	return c->longs == 1 ? va_arg(*args, unsigned long) : va_arg(*args, unsigned long long);
}

static void append_chars(struct buffer *out, const struct conversion *c, const char *text)
{
	size_t n = 0;

	if (!text)
		text = "";
	/* With a precision the text need not end in a NUL. */
	while ((c->precision < 0 || n < (size_t)c->precision) && text[n])
		n++;
	buffer_append(out, text, n);
}

static bool convert(struct buffer *out, char kind, const struct conversion *c, va_list *args)
{
	switch (kind) {
	case 's': append_chars(out, c, va_arg(*args, const char *)); return true;
	case 'c': buffer_char(out, (char)va_arg(*args, int)); return true;
	case 'd': buffer_format(out, "%lld", (long long)next_signed(c, args)); return true;
	case 'u':
		buffer_format(out, "%llu", (unsigned long long)next_unsigned(c, args));
		return true;
	case 'x':
		buffer_format(out, "%llx", (unsigned long long)next_unsigned(c, args));
		return true;
	case '%': buffer_char(out, '%'); return true;
	default: return false;
	}
}

/* Reads ".*" and "l", "ll", "z" before the conversion's letter. */
static const char *read_flags(const char *at, struct conversion *c, va_list *args)
{
	*c = (struct conversion){ 0, -1 };
	if (at[0] == '.' && at[1] == '*') {
		int precision = va_arg(*args, int);

		c->precision = precision < 0 ? -1 : precision;
		at += 2;
	}
	for (; (*at == 'l' || *at == 'z') && c->longs < 2; at++)
		c->longs++;
	return at;
}

void host_vformat(struct running *r, struct buffer *out, const char *format, va_list args)
{
	struct conversion c;
	va_list rest;

	if (!given(r, format))
		return;
	va_copy(rest, args);
	for (; *format && !r->stuck; format++) {
		if (*format != '%') {
			buffer_char(out, *format);
			continue;
		}
		format = read_flags(format + 1, &c, &rest);
		if (!*format || !convert(out, *format, &c, &rest))
			stick(r, "a format holds what the host does not know");
		if (out->n > FORMAT_BYTES)
			stick(r, "a text is longer than %zu bytes", FORMAT_BYTES);
		if (!*format)
			break;
	}
	va_end(rest);
}

portal_str host_format(struct portal_op *op, const char *format, ...)
{
	struct running *r = working(op);
	struct buffer text = { 0 };
	va_list args;

	if (!r)
		return PORTAL_STR("");
	va_start(args, format);
	host_vformat(r, &text, format, args);
	va_end(args);
	return str_buffer(r, &text);
}

void host_log(struct portal_op *op, const char *format, ...)
{
	struct running *r = working(op);
	struct buffer text = { 0 };
	va_list args;

	if (!r || (r->log && json_length(r->log) >= LOG_LINES))
		return;
	va_start(args, format);
	host_vformat(r, &text, format, args);
	va_end(args);
	if (text.n > LOG_BYTES)
		text.n = LOG_BYTES;
	if (!r->log)
		r->log = json_new_array();
	json_append(r->log, json_new_text(buffer_as_text(&text)));
	buffer_free(&text);
}

/* ---- templates ------------------------------------------------------------------------------- */

static bool append_named(struct buffer *out, struct text name, const portal_str *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_equal(name, (struct text){ pairs[2 * i].p, pairs[2 * i].n })) {
			http_encode(out, (struct text){ pairs[2 * i + 1].p, pairs[2 * i + 1].n });
			return true;
		}
	return false;
}

portal_str host_fill(struct portal_op *op, portal_str with_names, const portal_str *pairs, size_t n)
{
	struct running *r = working(op);
	struct buffer out = { 0 };
	struct text rest;

	if (!r)
		return PORTAL_STR("");
	if (n && !pairs)
		stick(r, "the names and values to fill in are NULL");
	rest = text_from(r, with_names);
	while (rest.n && !r->stuck) {
		const char *end = rest.p[0] == '{' ? memchr(rest.p, '}', rest.n) : NULL;
		size_t used = end ? (size_t)(end - rest.p) + 1 : 1;

		if (!end)
			buffer_char(&out, rest.p[0]);
		else if (!append_named(&out, (struct text){ rest.p + 1, used - 2 }, pairs, n))
			stick(r, "there is no value for '%.*s'", (int)used, rest.p);
		rest.p += used;
		rest.n -= used;
	}
	return str_buffer(r, &out);
}

/* ---- time --------------------------------------------------------------------------------------
 */

portal_str host_write_time(struct portal_op *op, int64_t seconds)
{
	struct running *r = working(op);
	char text[INSTANT_TEXT];

	if (!r || seconds <= 0 || seconds > INT64_C(253402300799))
		return PORTAL_STR("");
	return str_of(r, text_of(instant_write(seconds * INSTANT_SECOND, text)));
}

/* Portals write times with and without a zone; without one they mean UTC. */
int64_t host_read_time(struct portal_op *op, portal_str str)
{
	struct running *r = working(op);
	struct text text;
	instant at;

	if (!r)
		return 0;
	text = text_trim(text_from(r, str));
	if (text.n > 0 && text.n < 60 && !instant_read_date(text, &at))
		text = text_of(arena_format(r->arena, "%.*sZ", TEXT_ARGS(text)));
	if (text.n == 0 || !instant_read_date(text, &at) || at <= 0)
		return 0; /* 0001-01-01 is how some write "never" */
	return at / INSTANT_SECOND;
}

int64_t host_read_end(struct portal_op *op, portal_str str)
{
	int64_t at = host_read_time(op, str);
	bool is_day = at && text_trim((struct text){ str.p, str.n }).n == strlen("2027-01-31");

	return is_day ? at + 86399 : at;
}

int64_t host_read_number(struct portal_op *op, portal_str str, int64_t otherwise)
{
	struct running *r = working(op);
	int64_t number;

	return r && text_integer(text_trim(text_from(r, str)), &number) ? number : otherwise;
}
