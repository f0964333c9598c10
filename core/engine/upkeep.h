/*
 * upkeep.h - what time does to a ledger: hand-offs fall due, old things go
 *
 * [service] says how long a person may take and how often to remind, and where the service is
 * met; [retention] for how long what is kept. Nothing goes by itself unless that section says so.
 */
#ifndef ENGINE_UPKEEP_H
#define ENGINE_UPKEEP_H

#include "config/option.h"
#include "ledger/ledger.h"

struct engine;

struct upkeep {
	int64_t handoff_due_ms;    /* where the plugin does not say */
	int64_t handoff_remind_ms; /* from one reminder to the next */
	const char *socket;        /* where the service is met; NULL: beside the ledger */
	struct ledger_retention keep;
};

struct upkeep upkeep_read(struct config *, struct problems *);

/* Tells of guides that nobody has answered in time, at most `most` of them: an event
 * "overdue" when it is due, "reminded" each time after. *n: how many. */
bool upkeep_remind(struct engine *, size_t most, size_t *n, struct failure *);

#endif
