/*
 * server.h - requests come in over HTTP/1.1, answers and event streams go out
 *
 * A few threads wait for sockets and call the handler once for each request that
 * is whole and well-formed; what is not is refused before any handler sees it.
 * The handler must not block: it answers at once, or keeps the request and
 * answers later from any thread. Every request it gets is answered exactly once,
 * even when it is late: only that gives its memory back.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/failure.h"
#include "base/memory.h"
#include "base/text.h"

struct server;
struct server_request;
struct server_stream;

/* Body of a refusal; `code` is a word of the table in refusal.c. */
typedef void server_problem(
    void *context, unsigned status, const char *code, const char *detail, struct buffer *body);

struct server_options {
	/* Where to listen: "127.0.0.1:8080", "[::1]:0" (any free port), "unix:/PATH",
	 * or "systemd" for the sockets that systemd passed (LISTEN_FDS). */
	const char *const *addresses;
	size_t n_addresses;
	unsigned unix_mode; /* of a Unix socket; 0: 0600 */

	/* PEM files; both or none. For TCP only: a Unix socket never leaves the machine. */
	const char *tls_certificate, *tls_key;

	/* 0 takes the default in brackets. */
	unsigned threads;     /* [1] loops; one serves what two cores can decide */
	unsigned connections; /* [1024] at once; more get 503 */
	unsigned per_address; /* [no limit] connections of one TCP address (IPv6: of a /64) */
	size_t head_bytes;    /* [16 KiB] request line and fields */
	size_t target_bytes;  /* [4 KiB] */
	size_t body_bytes;    /* [1 MiB] as decoded, whatever its length field says */
	size_t stream_bytes;  /* [256 KiB] waiting for a reader of a stream; more cuts it off */
	int64_t idle_ms;      /* [60 s] between two requests */
	int64_t head_ms;      /* [10 s] first byte to the end of the head; also the TLS handshake */
	int64_t body_ms;      /* [30 s] the whole body */
	int64_t reply_ms;     /* [120 s] until the handler's answer; then 500 */
	int64_t write_ms;     /* [30 s] without the reader taking anything */

	server_problem *problem; /* NULL: refusal.c's own; gets the handler's context;
				    called on the server's threads */
};

/* Called on a thread of the server with a request that is the callee's until it
 * is answered. */
typedef void server_handler(void *context, struct server_request *);

/* Listens and starts the threads. NULL on failure (CONFIG for wrong options,
 * UNAVAILABLE for addresses in use, NO_PERMISSION), and then nothing is left. */
struct server *server_start(
    const struct server_options *, server_handler *, void *context, struct failure *);

/* Port of the nth TCP address, in the order of the options; 0 if there is none. */
unsigned server_port(const struct server *, size_t n);

/* Reads certificate and key again, for connections to come. False: the old ones stay.
 * True, too, where there is no TLS. */
bool server_reload_tls(struct server *, struct failure *);

/* Accepts no more, ends idle connections and streams, lets requests under way be
 * answered until the deadline, then closes. Returns how many were cut off.
 * Requests and streams that other threads still hold may be answered and ended
 * after it; that does nothing but give back their memory. Not from a handler. */
unsigned server_stop(struct server *, int64_t deadline_ms);

/* Has every thread gone round since this was last asked with success? Wakes them to do so
 * again. Of one asker's thread. */
bool server_turned(struct server *);

struct server_counts {
	uint64_t connections, requests, refusals, timeouts; /* since the start */
	uint64_t turned_away;                               /* connections beyond a limit */
	uint64_t streams_cut;                               /* readers that were too slow */
	unsigned open, waiting; /* now: connections; requests with the handler */
};
struct server_counts server_counts(const struct server *);

/* ---- a request: all texts live until its answer ------------------------------ */

struct text server_method(const struct server_request *); /* "GET": capital letters */
struct text server_path(const struct server_request *);   /* as it came, without the query */
bool server_is_http_1_0(const struct server_request *);

/* "/v1/requests/a%2Fb" has the segments v1, requests, a/b: decoded, UTF-8 without
 * control bytes, never "." or ".."; only the last may be empty (a final slash). */
size_t server_segments(const struct server_request *);
struct text server_segment(const struct server_request *, size_t n); /* "" beyond the end */

/* Decoded; a plus is a blank. The first of that name; false and "" if there is none. */
bool server_query(const struct server_request *, const char *name, struct text *value);
/* All of them, in order; false beyond the last. */
bool server_query_at(
    const struct server_request *, size_t n, struct text *name, struct text *value);

/* The first field of that name (ASCII case ignored), trimmed; false and "" if there is none. */
bool server_header(const struct server_request *, const char *name, struct text *value);
struct text server_body(const struct server_request *);
struct arena *server_arena(struct server_request *); /* freed with the request */

struct server_peer {
	bool is_unix; /* then uid, gid and pid are what the kernel says of the other side */
	bool is_tls;
	uint32_t uid, gid;
	int32_t pid;
	char address[48]; /* TCP: "127.0.0.1" or "::1"; Unix: "" */
	unsigned port;
};
const struct server_peer *server_peer(const struct server_request *);

/* ---- answers: from any thread -------------------------------------------------- */

struct server_field {
	const char *name, *value; /* a value with control bytes is left out, not sent */
};

/* Takes the request back: nothing of it may be used afterwards. The body is copied.
 * content_type NULL: none. Date, Content-Length and Connection are set here. */
void server_reply(struct server_request *, unsigned status, const char *content_type,
    struct text body, const struct server_field *, size_t n_fields);

/* Answers 200 with a body that has no end yet, and takes the request back. The
 * stream is the caller's until server_stream_end(). */
struct server_stream *server_stream_begin(struct server_request *, const char *content_type,
    const struct server_field *, size_t n_fields);
/* Copies the text and never waits. False once the reader is gone, too slow, or
 * the server stops; the stream is still to be ended. */
bool server_stream_send(struct server_stream *, struct text);
void server_stream_end(struct server_stream *); /* NULL is fine */

#endif
