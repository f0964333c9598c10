/*
 * reload.h - another configuration for the running service
 *
 * The same loader as `config check` builds the new generation aside; only a good
 * one comes into force. Reloads run one after the other, on the thread that takes
 * signals; whoever asked over the API waits for the outcome.
 */
#ifndef SERVICE_RELOAD_H
#define SERVICE_RELOAD_H

#include "base/json.h"
#include "server/server.h"
#include "service/loop.h"

struct reload;

/* path: as config_find gave it. The loop must outlive the reload. */
struct reload *reload_new(const char *path, struct loop *);
/* Its certificate is read again with each reload. Before the first of them. */
void reload_also(struct reload *, struct server *);
void reload_stop(struct reload *); /* who waits is told, and who asks from now on */
void reload_free(struct reload *); /* when nobody can ask any more */

/* Loads, puts into force, tells who waits. */
void reload_run(struct reload *);

/* Wants a reload and to be told, from any thread: once, with {"generation"} or with
 * what is wrong ({"errors": [...]}, as `config check --json`). */
typedef void reload_told(void *argument, bool is_in_force, const struct json *outcome);
void reload_ask(struct reload *, reload_told *, void *argument);

/* The last one was refused, and why; for readiness. False: it was not. */
bool reload_refused(struct reload *, char text[200]);

struct reload_counts {
	uint64_t taken, refused;      /* since the start */
	instant started_at, taken_at; /* taken_at: the configuration in force */
};
struct reload_counts reload_counts(struct reload *);

#endif
