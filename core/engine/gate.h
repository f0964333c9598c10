/*
 * gate.h - how many exchanges go to a portal at one time, how often, and whether at all
 *
 * One gate for each portal by its name, whatever configuration a request goes by: limits
 * are those of the generation that asks. Who comes first goes first. A portal that fails
 * several times in a row is left alone for a while; then one exchange tries whether it
 * answers again (a circuit breaker with a half-open probe).
 *
 * For programs of many tasks on one thread. Counts may be read from any thread.
 */
#ifndef ENGINE_GATE_H
#define ENGINE_GATE_H

#include "portal/portals.h"

#include <stdatomic.h>

struct engine_runner;
struct gates;
struct gate;

struct gates *gates_new(void);
void gates_free(struct gates *);                           /* nobody may be in one; NULL is fine */
struct gate *gates_of(struct gates *, const char *portal); /* made if it is the first time */

/* Waits for a turn. 0: it is ours, until gate_leave(). Else milliseconds in which nobody
 * should try: the portal is left alone. -1: the program stops (is_stopping, NULL: never). */
int64_t gate_enter(struct gate *, const struct portal_limits *, const struct engine_runner *,
    const atomic_bool *is_stopping);

enum gate_result {
	GATE_ANSWERED, /* the portal works, whatever it said */
	GATE_FAILED,   /* no reply, or one that says that it does not work (5xx) */
	GATE_UNUSED,   /* nothing was sent */
};
void gate_leave(
    struct gate *, const struct portal_limits *, const struct engine_runner *, enum gate_result);

/* Sends beyond the first are a share of all: when a portal is down, trying again must not
 * multiply the load (portal_limits.retry_percent). True takes one from the budget. */
bool gate_may_retry(struct gate *, const struct portal_limits *);

enum gate_state { GATE_CLOSED, GATE_HALF_OPEN, GATE_OPEN }; /* in the words of circuit breakers */
struct gate_counts {
	atomic_uint in_flight, waiting;
	atomic_uint state; /* enum gate_state */
	atomic_ullong opened, retries_refused;
};
/* The gates in no order: start with NULL. From any thread. */
const struct gate *gates_next(const struct gates *, const struct gate *);
const char *gate_portal(const struct gate *);
const struct gate_counts *gate_counts(const struct gate *);

#endif
