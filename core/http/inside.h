/*
 * inside.h - the inside of struct http, for this room
 */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include "http/http.h"
#include "http/sockets.h"

#define KEPT_HANDLES 256

struct http {
	CURLM *multi;
	struct sockets *sockets;
	char *ca_file, *user_agent, *unix_socket;
	struct transfer *transfers;
	size_t in_flight;
	CURL *kept[KEPT_HANDLES];
	size_t n_kept;
	const struct http_waiter *waiter;
};

#endif
