/*
 * http.h - outgoing exchanges (the only room with curl)
 *
 * HTTPS with verified certificates (TLS 1.2 or later), plain HTTP to loopback
 * only; an exchange goes only to an origin on its allow-list; redirects are
 * not followed. Connections are kept. Nothing of a header or body is logged.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdatomic.h>
#include "base/failure.h"
#include "base/instant.h"
#include "base/text.h"

struct http; /* one multi handle; used from one thread at a time */

struct http_options {
	const char *ca_file;     /* extra trust, e.g. a test's; NULL: the system's */
	const char *user_agent;  /* NULL: caseroute/VERSION */
	const char *unix_socket; /* all goes to this path, whatever the origin; NULL: the network */
};

struct http *http_new(const struct http_options *); /* NULL: the defaults */
void http_free(struct http *);                      /* exchanges under way end without their call */

struct http_header {
	struct text name, value;
};

/* Which addresses an exchange may reach (guard.h). With a guard no proxy of the environment is
 * used: it would resolve the name where nobody looks. */
enum http_guard {
	HTTP_GUARD_NONE,
	HTTP_GUARD_PRIVATE, /* also this machine and private networks */
	HTTP_GUARD_PUBLIC,
};

struct http_request {
	const char *method;
	const char *url;            /* absolute; sent byte for byte */
	const char *const *origins; /* allow-list: "https://host[:port]", see http_origin() */
	size_t n_origins;
	const struct http_header *headers;
	size_t n_headers;
	struct text body;
	bool has_body;              /* PUT, POST and PATCH without one: Content-Length: 0 */
	bool must_not_repeat;       /* on a connection of its own: a kept one that dies
				       is tried again by curl, whatever the method */
	int64_t timeout_ms;         /* whole exchange; 0: 60 s */
	int64_t connect_timeout_ms; /* 0: 10 s */
	size_t max_bytes;           /* of the reply's body; 0: 1 MiB */
	bool needs_head_only;       /* the reply counts, however its body ends */
	enum http_guard guard;
};

struct http_reply {
	unsigned status;       /* 0: there was none, or not the whole of it */
	bool may_have_arrived; /* status 0: the request may have reached the server */
	struct buffer body;
	struct buffer headers;  /* "Name: value\n" lines of the final reply */
	int64_t retry_after_ms; /* from Retry-After in either form; -1: none */
	char problem[256];      /* status 0: why, for people */
};

/* Runs one exchange to its end. True when there is a whole reply. False with
 * FAILURE_CONFIG for what must not be sent (origin, scheme, malformed), with
 * FAILURE_UNAVAILABLE when there was no (whole) reply. */
bool http_exchange(
    struct http *, const struct http_request *, instant now, struct http_reply *, struct failure *);
void http_reply_free(struct http_reply *);
/* First header of that name (ASCII case ignored), trimmed; empty if absent. */
struct text http_reply_header(const struct http_reply *, const char *name);

/* In a program of many tasks on one thread http_exchange() lets the others go on: it
 * asks which task it runs in, waits until that one is woken, and wakes it from
 * http_run(), which somebody else calls. NULL: it drives the loop by itself. */
struct http_waiter {
	void *context;
	void *(*self)(void *context);
	void (*wait)(void *context);
	void (*wake)(void *context, void *task);
	bool (*is_busy)(void *context); /* others could run at once */
};
void http_set_waiter(struct http *, const struct http_waiter *); /* must outlive the http */

/* A door that one task at a time goes through, in order of coming. Each has a place before it,
 * which must last until it leaves. Where there are no tasks, or no http, it is always open. */
struct http_place {
	struct http_place *next;
	void *task;
	bool has_turn;
};
struct http_door {
	struct http_place *first, *last; /* the first is the one inside */
};
void http_door_queue(struct http *, struct http_door *, struct http_place *); /* does not wait */
void http_door_await(struct http *, struct http_place *);
void http_door_enter(struct http *, struct http_door *, struct http_place *); /* both of them */
void http_door_leave(struct http *, struct http_door *);

/* Waits at most `ms` until the descriptor can be read or written (or its other end is gone); false
 * when the time has passed. fd -1: for the time alone. In a program of many tasks the others go
 * on. NULL: there are none. */
bool http_await(struct http *, int fd, bool for_writing, int64_t ms);

/* ---- many at once ----------------------------------------------------------- */

/* Called once from http_run(). The reply (and failure) are the callee's to read
 * until it returns; to keep the reply, copy the struct and zero the original. */
typedef void http_done(void *context, bool has_reply, struct http_reply *, const struct failure *);

/* Starts an exchange; false (and no call) for what must not be sent. The
 * request is copied. */
bool http_begin(struct http *, const struct http_request *, instant now, http_done *, void *context,
    struct failure *);
/* Drives what is in flight for at most wait_ms and calls back what ended.
 * Returns how many are still in flight. */
size_t http_run(struct http *, int64_t wait_ms);
void http_wake(struct http *); /* from any thread: http_run returns soon */

/* ---- addresses and waits ------------------------------------------------------ */

/* "https://host[:port]" of an absolute URL into out (lower case, without the
 * scheme's own port); false if it is none, has a user part, or is plain http
 * to another machine. */
bool http_origin(const char *url, struct buffer *out);
bool http_origin_allowed(const char *url, const char *const *origins, size_t n);

/* Retry-After: seconds or an HTTP date, from now in ms; -1 if it is neither. */
int64_t http_retry_after(struct text value, instant now);
/* Full jitter: uniform in [0, min(cap, base * 2^tries)]; at least retry_after_ms
 * if that is not -1. */
int64_t http_backoff_ms(unsigned tries, int64_t base_ms, int64_t cap_ms, int64_t retry_after_ms);

/* Percent-encodes all but the unreserved characters (RFC 3986). */
void http_encode(struct buffer *, struct text);

#endif
