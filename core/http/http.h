/*
 * http.h - outgoing exchanges (the only room with curl)
 *
 * HTTPS with verified certificates, plain HTTP to loopback only; an exchange
 * goes only to an origin on its allow-list; redirects are not followed.
 * Connections are kept. Nothing of a header or body marked secret is logged.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/failure.h"
#include "base/instant.h"
#include "base/text.h"

struct http; /* one multi handle; used from one thread at a time */

struct http_options {
	const char *ca_file;  /* extra trust, e.g. a test's; NULL: the system's */
	const char *user_agent;
};

struct http *http_new(const struct http_options *);
void http_free(struct http *);

struct http_header {
	struct text name, value;
};

struct http_request {
	const char *method;
	const char *url;                 /* absolute */
	const char *const *origins;      /* allow-list: "https://host[:port]" */
	size_t n_origins;
	const struct http_header *headers;
	size_t n_headers;
	struct text body;
	bool has_body;                   /* an empty body is sent as Content-Length: 0 for PUT, POST, PATCH anyway */
	int64_t timeout_ms;              /* whole exchange; 0: 60 s */
	int64_t connect_timeout_ms;      /* 0: 10 s */
	size_t max_bytes;                /* of the reply's body; 0: 1 MiB */
};

struct http_reply {
	unsigned status;       /* 0: there was none */
	bool may_have_arrived; /* status 0: the request may have reached the server */
	struct buffer body;
	struct buffer headers; /* "Name: value\n" lines, names as sent, last reply only */
	int64_t retry_after_ms; /* from Retry-After in either form; -1: none */
	char problem[256];     /* status 0: why, for people */
};

/* Runs one exchange to its end. True when there is a reply with a status. False
 * with FAILURE_CONFIG for what must not be sent (origin, scheme), with
 * FAILURE_UNAVAILABLE when there was no (whole) reply. */
bool http_exchange(struct http *, const struct http_request *, instant now, struct http_reply *, struct failure *);
void http_reply_free(struct http_reply *);
/* First header of that name (ASCII case ignored), trimmed; empty if absent. */
struct text http_reply_header(const struct http_reply *, const char *name);

/* "https://host[:port]" of an absolute URL into out; false if it is none or has a user part. */
bool http_origin(const char *url, struct buffer *out);
bool http_origin_allowed(const char *url, const char *const *origins, size_t n);

/* Full jitter: uniform in [0, min(cap, base * 2^tries)]; at least retry_after_ms if that is not -1. */
int64_t http_backoff_ms(unsigned tries, int64_t base_ms, int64_t cap_ms, int64_t retry_after_ms);

#endif
