/*
 * stub.h - a small HTTP server on loopback, for tests
 *
 * Each connection has a thread; the handler gets one request at a time (a lock
 * is held) and appends the raw reply. No reply closes the connection.
 */
#ifndef TESTS_SUPPORT_STUB_H
#define TESTS_SUPPORT_STUB_H

#include <stdbool.h>
#include "base/text.h"

struct stub;

struct stub_request {
	char method[16], target[8192];
	struct buffer headers; /* lines as they came */
	struct buffer body;
	unsigned number; /* from 1, over all connections */
};

typedef void stub_handler(void *context, const struct stub_request *, struct buffer *reply);

/* with_tls: a certificate of its own for 127.0.0.1, which nobody trusts. */
struct stub *stub_new(stub_handler *, void *context, bool with_tls);
void stub_free(struct stub *);
const char *stub_origin(const struct stub *); /* "http://127.0.0.1:PORT" */
unsigned stub_requests(struct stub *);        /* so far */
unsigned stub_connections(struct stub *);
const char *stub_certificate(const struct stub *); /* path of its PEM file */

/* A new PEM file with a certificate for 127.0.0.1 and its key; unlink it. */
void stub_make_identity(char path[64]);

/* "HTTP/1.1 STATUS" with Content-Length; headers: "Name: value\r\n" lines or "". */
void stub_reply(struct buffer *reply, unsigned status, const char *headers, const char *body);
/* First header of that name, or "". */
struct text stub_header(const struct stub_request *, const char *name);

#endif
