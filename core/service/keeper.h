/*
 * keeper.h - what the service does by the clock: reminders, pruning, its own health
 *
 * A thread of its own, with a ledger of its own. Each second it gives the loop a small round
 * of work (guides that are overdue are told of), takes out a little of what is older than
 * [retention] keeps it, and counts the ledger for the metrics. A round that does not come
 * back, or a server that does not turn, is how a watchdog learns that the service is stuck.
 */
#ifndef SERVICE_KEEPER_H
#define SERVICE_KEEPER_H

#include "server/server.h"
#include "service/loop.h"

struct keeper;

/* The loop must outlive it; *server may be NULL until it has started. NULL on failure. */
struct keeper *keeper_start(struct loop *, struct server *_Atomic *server, struct failure *);
void keeper_stop(struct keeper *); /* before the server ends; what it counted stays readable */
void keeper_free(struct keeper *); /* after the loop has ended; NULL is fine */

#define KEEPER_PLANS 8
struct keeper_sample {
	instant at; /* 0: none was taken yet */
	struct ledger_counts ledger;
	struct plan_balance plans[KEEPER_PLANS];
	size_t n_plans;
	int64_t ledger_bytes, log_bytes;
	instant turned_at;                /* when work last went round; 0: not yet */
	uint64_t reminders, failures;     /* since the start */
	uint64_t texts, requests, events; /* pruned since the start */
};
/* The last one, from any thread. */
struct keeper_sample keeper_look(struct keeper *);

#endif
