#include "service/keeper.h"
#include "base/log.h"
#include "service/notify.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ROUND_MS 1000
#define AT_ONCE 50     /* of each kind, so that a round takes milliseconds */
#define PRUNE_MS 60000 /* after a round that found nothing old */
#define PLANS_MS 15000
#define STATUS_MS 10000

struct keeper {
	struct loop *loop;
	struct server *_Atomic *server;
	struct ledger *ledger; /* of its own, for its thread */
	char *path, *log;
	pthread_t thread;
	pthread_mutex_t lock; /* over is_stopping and sample */
	pthread_cond_t ends;
	bool is_stopping;
	struct keeper_sample sample;
	char generation[sizeof((struct generation *)NULL)->digest]; /* at the last pruning */

	atomic_bool is_out; /* a round is with the loop */
	bool was_given;     /* the loop took the last one */
	atomic_ullong reminders, failures;
	atomic_llong turned_at; /* the last round came back */

	bool loop_turned, server_turned; /* since the last sign of life */
	int64_t watchdog_ms;             /* 0: nobody waits for signs of life */
	instant told_at;                 /* of the status; monotonic, as these: */
	instant prune_at, plans_at;
};

/* ---- one round, on the loop's thread ------------------------------------------------------- */

/* It ends with a commit of nothing, which waits for those before it: the writer goes round,
 * too. */
static void round_of(struct engine *e, void *argument)
{
	struct keeper *k = argument;
	struct ledger_change none = { 0 };
	struct failure why = { 0 };
	size_t n = 0;

	if (!upkeep_remind(e, AT_ONCE, &n, &why) || !engine_commit(e, &none, 0, &why)) {
		atomic_fetch_add(&k->failures, 1);
		log_line(LOG_WARNING, "cannot look for overdue hand-offs: %s", why.text);
	}
	atomic_fetch_add(&k->reminders, n);
	atomic_store(&k->turned_at, instant_now());
	atomic_store(&k->is_out, false);
}

/* ---- the keeper's own work, beside the loop ---------------------------------------------------
 */

static bool failed(struct keeper *k, const char *what, const struct failure *why)
{
	atomic_fetch_add(&k->failures, 1);
	log_line(LOG_WARNING, "cannot %s: %s", what, why->text);
	return false;
}

static void prune(struct keeper *k, struct keeper_sample *s)
{
	struct generation *g = loop_generation(k->loop);
	struct ledger_pruned done = { 0 };
	struct failure why = { 0 };

	if (strcmp(k->generation, g->digest) != 0)
		k->prune_at = 0; /* other ages, perhaps */
	memcpy(k->generation, g->digest, sizeof k->generation);
	if (instant_monotonic() >= k->prune_at) {
		if (!ledger_prune(
			k->ledger, &g->upkeep.keep, "service", instant_now(), AT_ONCE, &done, &why))
			failed(k, "prune", &why);
		if (done.texts + done.requests + done.events + done.keys + done.cached == 0)
			k->prune_at = instant_monotonic() + PRUNE_MS;
	}
	s->texts += done.texts;
	s->requests += done.requests;
	s->events += done.events;
	generation_free(g);
}

static void count_plans(struct keeper *k, struct keeper_sample *s)
{
	struct arena *arena;
	struct plan_balance *rows;
	struct failure why = { 0 };
	size_t n;

	if (instant_monotonic() < k->plans_at)
		return;
	arena = arena_new();
	if (ledger_by_plan(k->ledger, instant_now(), arena, &rows, &n, &why)) {
		s->n_plans = n < KEEPER_PLANS ? n : KEEPER_PLANS;
		memcpy(s->plans, rows, s->n_plans * sizeof *rows);
	} else {
		failed(k, "count contracts", &why);
	}
	arena_free(arena);
	k->plans_at = instant_monotonic() + PLANS_MS;
}

static int64_t size_of(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 ? info.st_size : 0;
}

static void look(struct keeper *k)
{
	struct keeper_sample s = keeper_look(k);
	struct ledger_counts counts;
	struct failure why = { 0 };

	prune(k, &s);
	count_plans(k, &s);
	if (ledger_count(k->ledger, instant_now(), &counts, &why)) {
		s.ledger = counts;
		s.at = instant_now();
	} else {
		failed(k, "count the ledger", &why);
	}
	s.ledger_bytes = size_of(k->path);
	s.log_bytes = size_of(k->log);
	pthread_mutex_lock(&k->lock);
	k->sample = s;
	pthread_mutex_unlock(&k->lock);
}

struct keeper_sample keeper_look(struct keeper *k)
{
	struct keeper_sample sample;

	pthread_mutex_lock(&k->lock);
	sample = k->sample;
	pthread_mutex_unlock(&k->lock);
	sample.reminders = atomic_load(&k->reminders);
	sample.failures = atomic_load(&k->failures);
	sample.turned_at = atomic_load(&k->turned_at);
	return sample;
}

/* ---- signs of life --------------------------------------------------------------------------- */

/* Both have really gone round: a process that is merely there is not alive. */
static void tell_alive(struct keeper *k)
{
	struct server *server = atomic_load(k->server);

	k->server_turned = k->server_turned || (server && server_turned(server));
	if (!k->watchdog_ms || !k->loop_turned || !k->server_turned)
		return;
	notify_alive();
	k->loop_turned = k->server_turned = false;
}

static void tell_status(struct keeper *k)
{
	const struct loop_counts *c = loop_counts(k->loop);
	struct keeper_sample s = keeper_look(k);
	char text[160];

	if (!s.at || instant_monotonic() < k->told_at + STATUS_MS)
		return;
	k->told_at = instant_monotonic();
	snprintf(text, sizeof text,
	    "takes requests; %zu under way, %lld hand-offs open, %lld of them overdue, %lld "
	    "parked",
	    atomic_load(&c->driving), (long long)s.ledger.guides_open,
	    (long long)s.ledger.guides_overdue, (long long)s.ledger.requests[STATE_PARKED]);
	notify_status(text);
}

/* ---- the thread --------------------------------------------------------------------------------
 */

static void give_round(struct keeper *k)
{
	if (atomic_load(&k->is_out))
		return;
	k->loop_turned = k->loop_turned || k->was_given; /* and has come back */
	atomic_store(&k->is_out, true);
	k->was_given = loop_do(k->loop, "service", round_of, k);
	if (!k->was_given)
		atomic_store(&k->is_out, false);
}

static bool wait_for_end(struct keeper *k, int64_t ms)
{
	struct timespec until;
	bool is_stopping;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&k->lock);
	if (!k->is_stopping)
		pthread_cond_timedwait(&k->ends, &k->lock, &until);
	is_stopping = k->is_stopping;
	pthread_mutex_unlock(&k->lock);
	return is_stopping;
}

static void *run(void *argument)
{
	struct keeper *k = argument;
	int64_t ms =
	    k->watchdog_ms && k->watchdog_ms / 4 < ROUND_MS ? k->watchdog_ms / 4 : ROUND_MS;

	do {
		give_round(k);
		look(k);
		tell_alive(k);
		tell_status(k);
	} while (!wait_for_end(k, ms));
	return NULL;
}

static bool set_up(struct keeper *k, struct failure *why)
{
	struct generation *g = loop_generation(k->loop);
	struct buffer log = { 0 };
	pthread_condattr_t monotonic;

	k->path = memory_copy_text(g->partner->ledger_path);
	generation_free(g);
	buffer_format(&log, "%s-wal", k->path);
	k->log = log.p;
	k->watchdog_ms = notify_watchdog_ms();
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&k->ends, &monotonic);
	pthread_condattr_destroy(&monotonic);
	k->ledger = ledger_open(k->path, LEDGER_WRITE, NULL, why);
	return k->ledger != NULL;
}

struct keeper *keeper_start(struct loop *loop, struct server *_Atomic *server, struct failure *why)
{
	struct keeper *k = memory_new(sizeof *k);

	k->loop = loop;
	k->server = server;
	if (set_up(k, why)) {
		if (pthread_create(&k->thread, NULL, run, k) == 0)
			return k;
		failure_set(why, FAILURE_TRY_LATER, "cannot start a thread");
	}
	keeper_free(k);
	return NULL;
}

void keeper_stop(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	k->is_stopping = true;
	pthread_cond_signal(&k->ends);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	pthread_mutex_destroy(&k->lock);
	pthread_cond_destroy(&k->ends);
	ledger_close(k->ledger);
	free(k->path);
	free(k->log);
	free(k);
}
