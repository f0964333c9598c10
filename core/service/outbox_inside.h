/*
 * outbox_inside.h - what the files of the outbox share
 */
#ifndef SERVICE_OUTBOX_INSIDE_H
#define SERVICE_OUTBOX_INSIDE_H

#include "service/outbox.h"
#include "service/parcel.h"

#define MOST_AT_ONCE 4 /* exchanges of one webhook */

/* An event under way. */
struct sending {
	bool is_taken, has_ended;
	bool is_again; /* from the ledger's deliveries, not by the cursor */
	bool is_lost;  /* the event is not on record any more */
	int64_t event, tries;
	char request[ID_TEXT]; /* "": about none */
	unsigned status;
	int64_t retry_after_ms;
	char problem[256];
};

/* One webhook, by name; stays until the end, whatever the configuration says. */
struct outlet {
	struct outlet *next;
	char *name;
	bool is_known;
	int64_t seen;                 /* events up to here have been taken up */
	int64_t saved;                /* the cursor in the ledger */
	bool is_dirty;                /* something was delivered since */
	instant saved_at, counted_at; /* monotonic */
	int64_t wait_ms;              /* of the last wait for an answer */
	struct sending sending[MOST_AT_ONCE];
	struct outbox_counts counts;
};

struct outbox {
	struct outlet *_Atomic outlets; /* newest first; read by any thread */
	char ledger_id[LEDGER_OWN_ID];
};

/* A round of one webhook. */
struct round {
	struct outbox *outbox;
	struct engine *engine;
	const struct webhook *webhook;
	struct outlet *outlet;
	struct arena *arena;
	struct failure *why;
	bool is_disabled;
	bool is_full; /* there is more to look at */
	bool is_last; /* the service stops: what has ended is written down, no more */
};

/* ---- outbox_send.c ------------------------------------------------------------- */

/* Starts what is due again and what is new, as long as there are places. */
bool outbox_send(struct round *);

/* ---- outbox_settle.c ----------------------------------------------------------- */

/* What has ended is free again only when its row is in the ledger. */
bool outbox_settle(struct round *);
/* The cursor and these rows (there is room for one more) in one commit; is_gone: disables. */
bool outbox_save(struct round *, struct ledger_row *rows, size_t n, bool is_gone);
/* Everything up to here is done, or has a row of its own. */
int64_t outbox_cursor(const struct outlet *);
bool outbox_is_busy(const struct outlet *); /* waits for an answer */

#endif
