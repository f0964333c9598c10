/*
 * sockets.h - waits for the sockets of many exchanges; one that is quiet costs nothing
 */
#ifndef HTTP_SOCKETS_H
#define HTTP_SOCKETS_H

#include "base/instant.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct sockets;

struct sockets *sockets_new(CURLM *); /* the multi handle must outlive it */
void sockets_free(struct sockets *);
/* Waits at most wait_ms until something is ready or due, and lets curl act on it. */
void sockets_run(struct sockets *, int64_t wait_ms);
void sockets_wake(struct sockets *); /* from any thread: a wait ends soon */

/* A wait for one descriptor (-1: for the time alone) that is none of curl's. */
struct socket_wait {
	struct socket_wait *next; /* in the list of those who wait */
	int fd;
	bool for_writing;
	instant due;                        /* monotonic */
	bool is_ready;                      /* else the time has passed */
	void (*tell)(struct socket_wait *); /* once, from sockets_run() */
};
void sockets_await(struct sockets *, struct socket_wait *);

#endif
