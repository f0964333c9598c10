/*
 * api.h - the HTTP API: /v1, for agents' tools, ticket systems and the console
 *
 * One table of endpoints. What reads or changes the record runs on the loop's
 * thread; the rest is answered at once.
 */
#ifndef SERVICE_API_H
#define SERVICE_API_H

#include "service/keeper.h"
#include "service/key_sets.h"
#include "service/loop.h"
#include "service/outbox.h"
#include "service/reload.h"
#include "service/strikes.h"
#include "server/server.h"

/* Since the start, from any thread. */
struct api_counts {
	atomic_ullong accepted, repeated;     /* submissions: recorded, on record already */
	atomic_ullong unauthorized, held_off; /* without a good key or token; too often */
	atomic_ullong answers[6];             /* by the first digit of their status */
};

struct api {
	struct loop *loop;
	struct reload *reload;
	struct keeper *keeper;
	struct outbox *outbox;
	struct key_sets *key_sets;
	struct strikes *strikes;
	struct server *_Atomic server; /* NULL until it has started */
	struct api_counts counts;
};

/* A server_handler; the context is a struct api. */
void api_handle(void *api, struct server_request *);
/* The nth endpoint: method and path, where a segment of "*" is an id. False beyond the last. */
bool api_endpoint(size_t, const char **method, const char **path);
/* A server_problem: what the server refuses looks as what the API refuses. */
void api_problem(
    void *api, unsigned status, const char *code, const char *detail, struct buffer *body);

#endif
