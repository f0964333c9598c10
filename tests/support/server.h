/*
 * server.h - a small HTTP server on loopback, for tests
 *
 * Each connection has a thread; the handler gets one request at a time (a lock
 * is held) and appends the raw reply. No reply closes the connection.
 */
#ifndef TESTS_SUPPORT_SERVER_H
#define TESTS_SUPPORT_SERVER_H

#include <stdbool.h>
#include "base/text.h"

struct server;

struct server_request {
	char method[16], target[8192];
	struct buffer headers; /* lines as they came */
	struct buffer body;
	unsigned number; /* from 1, over all connections */
};

typedef void server_handler(void *context, const struct server_request *, struct buffer *reply);

/* with_tls: a certificate of its own for 127.0.0.1, which nobody trusts. */
struct server *server_new(server_handler *, void *context, bool with_tls);
void server_free(struct server *);
const char *server_origin(const struct server *); /* "http://127.0.0.1:PORT" */
unsigned server_requests(struct server *);        /* so far */
unsigned server_connections(struct server *);
const char *server_certificate(const struct server *); /* path of its PEM file */

/* "HTTP/1.1 STATUS" with Content-Length; headers: "Name: value\r\n" lines or "". */
void server_reply(struct buffer *reply, unsigned status, const char *headers, const char *body);
/* First header of that name, or "". */
struct text server_header(const struct server_request *, const char *name);

#endif
