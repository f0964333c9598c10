#include "server/head.h"

#include <string.h>
#include <strings.h>

static bool refuse(const struct server_refusal **why, const char *code)
{
	*why = server_refusal_of(code);
	return false;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits and the given others; false also for the empty text. */
static bool is_made_of(struct text text, const char *others)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_letter_or_digit(text.p[i]) && (!text.p[i] || !strchr(others, text.p[i])))
			return false;
	return text.n > 0;
}

static struct text from(struct text text, size_t at)
{
	return (struct text){ text.p + at, text.n - at };
}

/* Cuts at the first of the separator: what is before it. The rest begins behind it. */
static struct text cut(struct text *rest, char separator)
{
	const char *at = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
	struct text before = { rest->p, at ? (size_t)(at - rest->p) : rest->n };

	*rest = from(*rest, before.n + (at != NULL));
	return before;
}

/* ---- hosts ------------------------------------------------------------------------ */

static bool is_port(struct text port)
{
	int64_t number;

	return port.n >= 1 && port.n <= 5 && is_made_of(port, "") && text_integer(port, &number) &&
	    number <= 65535;
}

bool server_host_fits(struct text host)
{
	const char *bracket = host.n && host.p[0] == '[' ? memchr(host.p, ']', host.n) : NULL;
	struct text rest = bracket ? from(host, (size_t)(bracket - host.p) + 1) : host;
	struct text name = bracket ? (struct text){ host.p + 1, host.n - rest.n - 2 } : host;

	if (bracket)
		return is_made_of(name, ":.") && name.n <= 45 &&
		    (!rest.n || (rest.p[0] == ':' && is_port(from(rest, 1))));
	name = cut(&rest, ':');
	return name.n <= 253 && is_made_of(name, "-._") && (name.n == host.n || is_port(rest));
}

/* ---- percent-encoding ---------------------------------------------------------------- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of "%XY", or -1. */
static int encoded_byte(struct text text, size_t at)
{
	int high = at + 2 < text.n ? hex(text.p[at + 1]) : -1;
	int low = high < 0 ? -1 : hex(text.p[at + 2]);

	return low < 0 ? -1 : high * 16 + low;
}

static bool decode(struct text text, bool plus_is_blank, struct arena *arena, struct text *out)
{
	char *decoded = arena_copy(arena, text.p, text.n);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int byte = text.p[i];

		if (byte == '+' && plus_is_blank)
			byte = ' ';
		if (byte == '%') {
			byte = encoded_byte(text, i);
			if (byte < ' ' || byte == 0x7f)
				return false;
			i += 2;
		}
		decoded[n++] = (char)byte;
	}
	decoded[n] = 0;
	*out = (struct text){ decoded, n };
	return text_bad_utf8(*out) < 0;
}

/* ---- path and query -------------------------------------------------------------------- */

static bool add_segment(struct text raw, bool is_last, struct arena *arena,
    struct server_head *head, const struct server_refusal **why)
{
	struct text *segment = &head->segments[head->n_segments];

	if (head->n_segments == SERVER_MAX_SEGMENTS)
		return refuse(why, "target-too-long");
	if (!decode(raw, false, arena, segment))
		return refuse(why, "target-encoding");
	if ((!segment->n && !is_last) || text_is(*segment, ".") || text_is(*segment, ".."))
		return refuse(why, "target-segment");
	head->n_segments++;
	return true;
}

static bool read_path(struct text path, struct arena *arena, struct server_head *head,
    const struct server_refusal **why)
{
	struct text rest = from(path, 1);
	bool is_last = path.n == 1; /* "/" has no segments */

	head->path = path;
	head->segments = arena_take(arena, SERVER_MAX_SEGMENTS * sizeof *head->segments);
	while (!is_last) {
		struct text before = rest, raw = cut(&rest, '/');

		is_last = raw.n == before.n;
		if (!add_segment(raw, is_last, arena, head, why))
			return false;
	}
	return true;
}

static bool read_query(struct text rest, struct arena *arena, struct server_head *head,
    const struct server_refusal **why)
{
	if (rest.n)
		head->query = arena_take(arena, SERVER_MAX_QUERY * sizeof *head->query);
	while (rest.n) {
		struct text value = cut(&rest, '&'), name = cut(&value, '=');
		struct server_pair *pair = &head->query[head->n_query];

		if (!name.n && !value.n)
			continue;
		if (head->n_query == SERVER_MAX_QUERY)
			return refuse(why, "target-too-long");
		if (!decode(name, true, arena, &pair->name) ||
		    !decode(value, true, arena, &pair->value))
			return refuse(why, "target-encoding");
		head->n_query++;
	}
	return true;
}

/* "http://host/path?query": leaves "/path?query" and notes the host. */
static bool strip_origin(struct text *target, struct server_head *head)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t s = 0; s < 2; s++) {
		size_t n = strlen(schemes[s]);
		struct text rest;

		if (target->n <= n || strncasecmp(target->p, schemes[s], n) != 0)
			continue;
		rest = from(*target, n);
		head->host = cut(&rest, '/');
		*target = rest.p[-1] == '/' ? from(*target, n + head->host.n) : TEXT("/");
		return server_host_fits(head->host);
	}
	return true;
}

bool server_target_read(struct text target, struct arena *arena, struct server_head *head,
    const struct server_refusal **why)
{
	struct text path, rest;

	if (!is_made_of(target, "-._~!$&'()*+,;=:@/?%"))
		return refuse(why, "target-byte");
	if (!strip_origin(&target, head))
		return refuse(why, "other-host");
	if (target.p[0] != '/')
		return refuse(why, "target");
	rest = target;
	path = cut(&rest, '?');
	return read_path(path, arena, head, why) && read_query(rest, arena, head, why);
}
