/*
 * outbox.h - carries events out to webhooks, at least once, a few at a time
 *
 * The ledger's events are the outbox. Each webhook takes them up in their order; those of
 * one request go one after the other. What is not taken is tried again on a schedule, and
 * holds up nothing. All of it on the loop's thread; the counts may be read from any.
 */
#ifndef SERVICE_OUTBOX_H
#define SERVICE_OUTBOX_H

#include "service/background.h"

struct outbox;

struct outbox *outbox_new(void);
void outbox_free(struct outbox *); /* after loop_stop(): its exchanges have ended by then */

background_round outbox_round; /* context: the outbox */

/* Of one webhook, since the start; gauges as of the last second or so. */
struct outbox_counts {
	atomic_ullong delivered, failed; /* tries */
	atomic_ullong dead_letters;      /* that became one */
	atomic_llong due, dead;          /* now */
	atomic_llong oldest;             /* instant of the oldest event not delivered; 0: none */
};
/* The nth webhook that events went to; NULL: no more. Lives as long as the outbox. */
const struct outbox_counts *outbox_counts(struct outbox *, size_t, const char **name);

#endif
