/*
 * loop.h - the engine of the service: one thread, many requests at once
 *
 * Work comes from any thread and runs as a task beside the others, each as if it
 * were alone with the ledger. What they change in a round goes to the writer in one
 * piece; their exchanges share one loop. Requests with work due, left by
 * an earlier run or by a command, are carried on without being asked for.
 */
#ifndef SERVICE_LOOP_H
#define SERVICE_LOOP_H

#include "engine/engine.h"
#include "service/writer.h"

#include <stdatomic.h>

struct loop;

struct loop_options {
	size_t most_queued;  /* [4096] pieces of work that have not begun */
	size_t most_driving; /* [2000] requests being carried on at once */
};

/* Opens the ledger (made if missing) and starts the thread; holds the generation.
 * NULL on failure. */
struct loop *loop_start(struct generation *, const struct loop_options *, struct failure *);

/* From now on this generation is in force (it is held); what has begun goes on with its own.
 * False: it names another ledger. */
bool loop_reload(struct loop *, struct generation *, struct failure *);

/* The one in force, held: free it. From any thread. */
struct generation *loop_generation(struct loop *);

/* Runs `work` on the loop's thread; the engine is its own until it returns, and
 * acts as `actor` (copied). False: too much is waiting, or the loop stops. */
typedef void loop_work(struct engine *, void *argument);
bool loop_do(struct loop *, const char *actor, loop_work *, void *argument);

/* Within work: carries a request on after it, in the same task. */
void loop_drive(struct engine *, const char *id);

/* Takes no new work; what is under way may end until the deadline, and who waits for
 * more than that is answered now. Returns at once. */
void loop_drain(struct loop *, int64_t deadline_ms);
/* Waits for the end of it (the deadline is that of loop_drain(), if it was called).
 * The rest stays in the ledger for the next run. Returns how many were left in the middle. */
size_t loop_stop(struct loop *, int64_t deadline_ms);

struct loop_counts {
	atomic_size_t queued, driving;
	atomic_ullong driven;
	struct writer_counts written;
};
const struct loop_counts *loop_counts(const struct loop *);
const struct gates *loop_gates(const struct loop *); /* to the portals; to look at */
/* Can nothing be recorded at the moment, and why? Looks each second whether it can again. From
 * any thread. */
bool loop_in_trouble(const struct loop *, struct failure *why);

#endif
