/*
 * writer.h - one thread writes to the ledger
 *
 * What the tasks hand over while a commit is under way becomes the next one: the busier
 * the service, the more changes share a sync. The thread has a ledger of its own.
 */
#ifndef SERVICE_WRITER_H
#define SERVICE_WRITER_H

#include "ledger/ledger.h"

#include <stdatomic.h>

struct writer;

/* Changes of one task, which are committed or not as a whole. All belongs to the giver, and
 * is the writer's from writer_give() until writer_take() gives it back. */
struct writing {
	struct writing *next;
	struct ledger_change *changes;
	size_t n;
	struct failure *why;
	bool is_ok; /* out: as ledger_commit() has it; FAILURE_UNAVAILABLE: try again later */
	void *task; /* the giver's own */
};

struct writer_counts {
	atomic_ullong commits, changes;
	atomic_ullong failed; /* commits that the ledger could not make */
};

/* Takes the ledger over. done() is called in the writer's thread when there is something to
 * take. NULL on failure, with the ledger closed. */
struct writer *writer_start(struct ledger *, void (*done)(void *context), void *context,
    struct writer_counts *, struct failure *);
/* A list, in order. Returns at once. */
void writer_give(struct writer *, struct writing *first, struct writing *last);
/* What is done since the last call, in order; NULL: nothing. */
struct writing *writer_take(struct writer *);
/* Did the last commit fail because the ledger cannot be written to: disk full, read-only,
 * locked by another program? From any thread. */
bool writer_in_trouble(struct writer *, struct failure *why);
/* Nothing may be under way. */
void writer_stop(struct writer *);

#endif
