/*
 * Any bytes as one connection's requests, read in one piece and in two: both
 * readings must be the same, and what is taken must hold nothing that another
 * server could read otherwise. The first byte says where it is cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "server/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define MAX_BODY 4096

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void look_at_text(struct text text)
{
	need(text_bad_utf8(text) < 0);
	for (size_t i = 0; i < text.n; i++)
		need((unsigned char)text.p[i] >= ' ' && text.p[i] != 0x7f);
}

static void look_at_head(const struct server_head *head)
{
	unsigned hosts = 0, lengths = 0;

	need(head->method.n && head->path.n && head->path.p[0] == '/');
	for (size_t i = 0; i < head->n_segments; i++) {
		look_at_text(head->segments[i]);
		need(!text_is(head->segments[i], ".") && !text_is(head->segments[i], ".."));
	}
	for (size_t i = 0; i < head->n_query; i++) {
		look_at_text(head->query[i].name);
		look_at_text(head->query[i].value);
	}
	for (size_t i = 0; i < head->n_fields; i++) {
		struct text name = head->fields[i].name, value = head->fields[i].value;

		need(name.n && !memchr(name.p, ' ', name.n) && !memchr(name.p, ':', name.n));
		need(!value.n || (!memchr(value.p, '\r', value.n) && !memchr(value.p, 0, value.n)));
		hosts += name.n == 4 && strncasecmp(name.p, "Host", 4) == 0;
		lengths += name.n == 14 && strncasecmp(name.p, "Content-Length", 14) == 0;
		lengths += name.n == 17 && strncasecmp(name.p, "Transfer-Encoding", 17) == 0;
	}
	need(lengths <= 1 && hosts <= 1 && (hosts || head->is_1_0));
	need(lengths || (!head->length && !head->is_chunked));
}

/* The head's end, as found when the bytes come in two pieces. */
static enum server_scan scan_in_two(struct text bytes, size_t cut, size_t *seen)
{
	enum server_scan scan;

	*seen = 0;
	scan = server_head_scan((struct text){ bytes.p, cut < bytes.n ? cut : bytes.n }, seen);
	return scan == SCAN_MORE ? server_head_scan(bytes, seen) : scan;
}

static enum server_scan take(struct server_chunks *chunks, struct text *bytes, struct buffer *body)
{
	const struct server_refusal *why = NULL;
	enum server_scan scan = server_chunks_take(chunks, bytes, MAX_BODY, body, &why);

	need((scan == SCAN_BAD) == (why != NULL));
	need(body->n <= MAX_BODY);
	return scan;
}

static size_t read_chunks(struct text bytes, size_t cut, struct buffer *body)
{
	struct server_chunks chunks = { 0 };
	struct text first = { bytes.p, cut < bytes.n ? cut : bytes.n }, rest = bytes;

	if (take(&chunks, &first, body) != SCAN_MORE)
		return (size_t)(first.p - bytes.p);
	need(!first.n);
	rest = (struct text){ first.p, bytes.n - (size_t)(first.p - bytes.p) };
	take(&chunks, &rest, body);
	return (size_t)(rest.p - bytes.p);
}

static void look_at_body(struct text bytes, size_t cut)
{
	struct buffer once = { 0 }, twice = { 0 };

	need(read_chunks(bytes, bytes.n, &once) == read_chunks(bytes, cut, &twice));
	need(text_equal(buffer_as_text(&once), buffer_as_text(&twice)));
	buffer_free(&once);
	buffer_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
	struct text bytes = { (const char *)input + 1, n ? n - 1 : 0 };
	const struct server_refusal *why = NULL;
	struct server_head head;
	struct arena *arena;
	size_t seen = 0, seen_in_two = 0;
	enum server_scan scan;

	if (n < 2)
		return 0;
	scan = server_head_scan(bytes, &seen);
	need(scan == scan_in_two(bytes, input[0], &seen_in_two));
	need(scan != SCAN_WHOLE || seen == seen_in_two);
	look_at_body(bytes, input[0]);
	if (scan != SCAN_WHOLE)
		return 0;
	arena = arena_new();
	if (server_head_read((struct text){ bytes.p, seen }, 4096, arena, &head, &why))
		look_at_head(&head);
	else
		need(why && why->status >= 400);
	if (!why && head.is_chunked)
		look_at_body((struct text){ bytes.p + seen, bytes.n - seen }, input[0]);
	arena_free(arena);
	return 0;
}
