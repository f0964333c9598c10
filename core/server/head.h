/*
 * head.h - the bytes of a request, read in one way only
 *
 * Pure: no sockets, no clock. What RFC 9112 allows a lenient recipient to repair
 * (bare LF, folded fields, blanks in odd places, several equal lengths) is
 * refused here, since another server may repair it otherwise.
 */
#ifndef SERVER_HEAD_H
#define SERVER_HEAD_H

#include "base/memory.h"
#include "base/text.h"

/* Why a request is refused: answer, word for programs, sentence for people. */
struct server_refusal {
	unsigned status;
	const char *code, *detail;
};

/* A row of the table; "malformed" is the row for codes that are not in it. Lent. */
const struct server_refusal *server_refusal_of(const char *code);

enum server_scan { SCAN_MORE, SCAN_WHOLE, SCAN_BAD };

/* Looks for the empty line that ends a head. *seen bytes were looked at before;
 * it is moved on, and is the head's length when it is whole. */
enum server_scan server_head_scan(struct text bytes, size_t *seen);

struct server_pair {
	struct text name, value;
};

#define SERVER_MAX_FIELDS 100
#define SERVER_MAX_SEGMENTS 16
#define SERVER_MAX_QUERY 32

struct server_head {
	struct text method, path, host;
	struct server_pair *fields, *query;
	struct text *segments; /* decoded */
	size_t n_fields, n_query, n_segments;
	uint64_t length; /* of the body, unless it is chunked */
	bool is_1_0, is_chunked, expects_continue, closes;
};

/* Reads a whole head, which must outlive what is read; the rest is in the arena.
 * False with the refusal. */
bool server_head_read(struct text bytes, size_t max_target, struct arena *, struct server_head *,
    const struct server_refusal **);

/* The target of a request: path, segments, query, and the host of an absolute form. */
bool server_target_read(
    struct text target, struct arena *, struct server_head *, const struct server_refusal **);
bool server_host_fits(struct text host); /* name or address, with or without a port */

/* ---- a chunked body, piece by piece --------------------------------------------- */

struct server_chunks {
	unsigned state, digits;
	uint64_t left;     /* of this chunk */
	size_t extensions; /* bytes of them so far */
};

/* Takes what it can of the bytes and moves them on; appends the body's part to
 * out, at most max_bytes in all. SCAN_WHOLE after the last chunk. */
enum server_scan server_chunks_take(struct server_chunks *, struct text *bytes, size_t max_bytes,
    struct buffer *out, const struct server_refusal **);

#endif
