/*
 * sockets.h - waits for the sockets of many exchanges; one that is quiet costs nothing
 */
#ifndef HTTP_SOCKETS_H
#define HTTP_SOCKETS_H

#include <curl/curl.h>
#include <stdint.h>

struct sockets;

struct sockets *sockets_new(CURLM *); /* the multi handle must outlive it */
void sockets_free(struct sockets *);
/* Waits at most wait_ms until something is ready or due, and lets curl act on it. */
void sockets_run(struct sockets *, int64_t wait_ms);
void sockets_wake(struct sockets *); /* from any thread: a wait ends soon */

#endif
