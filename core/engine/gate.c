#include "engine/gate.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/memory.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_MS 60000 /* a turn comes by a wake-up; this is for a stop */
#define LONGEST_PAUSE_MS 300000
#define PROBE_MS 1000      /* how soon others ask whether the probe was answered */
#define RETRIES_SAVED 10.0 /* so many more may follow a quiet time */

struct waiting { /* on the heap: a task may leave the queue before it has its turn */
	struct waiting *next;
	void *task;
	bool has_turn;
};

struct gate {
	struct gate *next;
	char *portal;
	struct waiting *first, *last;
	double turns; /* of the rate: how many may go at once */
	double retries;
	instant filled;            /* monotonic: when `turns` was reckoned */
	unsigned failures, pauses; /* in a row */
	instant shut_until;        /* monotonic */
	struct gate_counts counts;
};

struct gates {
	_Atomic(struct gate *) first; /* only grows */
};

struct gates *gates_new(void)
{
	return memory_new(sizeof(struct gates));
}

void gates_free(struct gates *gates)
{
	struct gate *gate = gates ? atomic_load(&gates->first) : NULL, *next;

	for (; gate; gate = next) {
		next = gate->next;
		free(gate->portal);
		free(gate);
	}
	free(gates);
}

struct gate *gates_of(struct gates *gates, const char *portal)
{
	struct gate *gate;

	for (gate = atomic_load(&gates->first); gate; gate = gate->next)
		if (text_same(gate->portal, portal))
			return gate;
	gate = memory_new(sizeof *gate);
	gate->portal = memory_copy_text(portal);
	gate->retries = RETRIES_SAVED;
	gate->next = atomic_load(&gates->first);
	atomic_store(&gates->first, gate);
	return gate;
}

/* ---- whether ---------------------------------------------------------------------- */

static enum gate_state state_of(const struct gate *gate)
{
	return (enum gate_state)atomic_load(&gate->counts.state);
}

static void set_state(struct gate *gate, enum gate_state state)
{
	atomic_store(&gate->counts.state, state);
}

/* Milliseconds to wait; 0: it may be tried. The first after a pause is the probe. */
static int64_t shut_for(struct gate *gate, instant now)
{
	if (state_of(gate) == GATE_CLOSED)
		return 0;
	if (state_of(gate) == GATE_HALF_OPEN)
		return PROBE_MS;
	if (now < gate->shut_until)
		return gate->shut_until - now;
	set_state(gate, GATE_HALF_OPEN);
	return 0;
}

static void open_breaker(struct gate *gate, const struct portal_limits *limits)
{
	int64_t pause = limits->pause_ms;

	for (unsigned i = 0; i < gate->pauses && pause < LONGEST_PAUSE_MS; i++)
		pause *= 2;
	pause = pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
	gate->pauses++;
	gate->shut_until = instant_monotonic() + pause;
	set_state(gate, GATE_OPEN);
	atomic_fetch_add(&gate->counts.opened, 1);
	log_line(LOG_WARNING, "portal %s failed %u times in a row: it is left alone for %.1f s",
	    gate->portal, gate->failures, (double)pause / 1000);
}

static void note_result(
    struct gate *gate, const struct portal_limits *limits, enum gate_result result)
{
	bool is_probe = state_of(gate) == GATE_HALF_OPEN;

	if (result == GATE_UNUSED && is_probe)
		set_state(gate, GATE_OPEN); /* the next one tries */
	if (result == GATE_UNUSED)
		return;
	gate->failures = result == GATE_FAILED ? gate->failures + 1 : 0;
	if (result == GATE_ANSWERED) {
		if (state_of(gate) != GATE_CLOSED)
			log_line(LOG_NOTICE, "portal %s answers again", gate->portal);
		gate->pauses = 0;
		set_state(gate, GATE_CLOSED);
	} else if (is_probe ||
	    (limits->failures && gate->failures >= limits->failures &&
		state_of(gate) == GATE_CLOSED)) {
		open_breaker(gate, limits);
	}
}

/* ---- how often -------------------------------------------------------------------- */

/* Milliseconds until the rate allows one more; 0: it is taken. */
static int64_t take_turn(struct gate *gate, const struct portal_limits *limits)
{
	instant now = instant_monotonic();
	double rate = (double)limits->rate;

	if (!limits->rate)
		return 0;
	gate->turns += (double)(now - gate->filled) * rate / 1000;
	gate->turns = gate->turns < rate ? gate->turns : rate; /* a second's worth at once */
	gate->filled = now;
	if (gate->turns < 1)
		return (int64_t)((1 - gate->turns) * 1000 / rate) + 1;
	gate->turns -= 1;
	return 0;
}

bool gate_may_retry(struct gate *gate, const struct portal_limits *limits)
{
	if (limits->retry_percent >= 100)
		return true;
	if (gate->retries < 1) {
		atomic_fetch_add(&gate->counts.retries_refused, 1);
		return false;
	}
	gate->retries -= 1;
	return true;
}

static void earn_retry(struct gate *gate, const struct portal_limits *limits)
{
	gate->retries += (double)limits->retry_percent / 100;
	gate->retries = gate->retries < RETRIES_SAVED ? gate->retries : RETRIES_SAVED;
}

/* ---- how many ------------------------------------------------------------------------ */

static bool stops(const atomic_bool *is_stopping)
{
	return is_stopping && atomic_load(is_stopping);
}

static void leave_queue(struct gate *gate, struct waiting *mine)
{
	struct waiting *before = NULL;

	for (struct waiting *w = gate->first; w != mine; w = w->next)
		before = w;
	if (before)
		before->next = mine->next;
	else
		gate->first = mine->next;
	if (gate->last == mine)
		gate->last = before;
}

/* False: no turn came, because the program stops. */
static bool queue(
    struct gate *gate, const struct engine_runner *runner, const atomic_bool *is_stopping)
{
	struct waiting *mine = memory_new(sizeof *mine);
	bool has_turn;

	mine->task = runner->self(runner->context);
	if (gate->last)
		gate->last->next = mine;
	else
		gate->first = mine;
	gate->last = mine;
	atomic_fetch_add(&gate->counts.waiting, 1);
	while (!mine->has_turn && !stops(is_stopping))
		runner->sleep(runner->context, LOOK_MS);
	atomic_fetch_sub(&gate->counts.waiting, 1);
	has_turn = mine->has_turn;
	if (!has_turn)
		leave_queue(gate, mine);
	free(mine);
	return has_turn;
}

/* The places that are free go to who waits first; they are taken before he runs. */
static void let_in(
    struct gate *gate, const struct portal_limits *limits, const struct engine_runner *runner)
{
	while (gate->first && atomic_load(&gate->counts.in_flight) < limits->concurrency) {
		struct waiting *first = gate->first;

		gate->first = first->next;
		if (!gate->first)
			gate->last = NULL;
		first->has_turn = true;
		atomic_fetch_add(&gate->counts.in_flight, 1);
		runner->wake(runner->context, first->task);
	}
}

static void give_place(
    struct gate *gate, const struct portal_limits *limits, const struct engine_runner *runner)
{
	atomic_fetch_sub(&gate->counts.in_flight, 1);
	let_in(gate, limits, runner);
}

int64_t gate_enter(struct gate *gate, const struct portal_limits *limits,
    const struct engine_runner *runner, const atomic_bool *is_stopping)
{
	int64_t ms;

	if (!gate->first && atomic_load(&gate->counts.in_flight) < limits->concurrency)
		atomic_fetch_add(&gate->counts.in_flight, 1);
	else if (!queue(gate, runner, is_stopping))
		return -1;
	while ((ms = take_turn(gate, limits)) > 0 && !stops(is_stopping))
		runner->sleep(runner->context, ms);
	ms = stops(is_stopping) ? -1 : shut_for(gate, instant_monotonic());
	if (ms)
		give_place(gate, limits, runner);
	else
		earn_retry(gate, limits);
	return ms;
}

void gate_leave(struct gate *gate, const struct portal_limits *limits,
    const struct engine_runner *runner, enum gate_result result)
{
	note_result(gate, limits, result);
	give_place(gate, limits, runner);
}

/* ---- for metrics ----------------------------------------------------------------------- */

const struct gate *gates_next(const struct gates *gates, const struct gate *gate)
{
	return gate ? gate->next : atomic_load(&gates->first);
}

const char *gate_portal(const struct gate *gate)
{
	return gate->portal;
}

const struct gate_counts *gate_counts(const struct gate *gate)
{
	return &gate->counts;
}
