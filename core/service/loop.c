#include "service/loop.h"
#include "base/log.h"
#include "service/parts.h"
#include "service/task.h"
#include "service/tell.h"
#include "service/writer.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MOST_QUEUED 4096
#define MOST_DRIVING 2000
#define PATIENCE_MS 5000       /* longer waits are due in the ledger instead of a task's */
#define TURN 32                /* tasks run before the writer and the portals get what they gave */
#define PUMP_MS 1000           /* looks for what has become due */
#define SPARE_BYTES (16 << 20) /* of the heap: given back when a walk finds time, not at once */
#define WALK_MS 30000          /* looks at all that is unfinished: a dead process leaves no due */

/* One piece of work from another thread. */
struct job {
	struct loop *loop;
	struct job *next;
	loop_work *work;
	void *argument;
	char *actor;
};

struct loop {
	struct engine engine; /* copied for each task */
	struct engine_runner runner;
	struct http_waiter waiter;
	struct tasks *tasks;
	struct task *pump;
	struct writer *writer;
	struct writing *first, *last; /* of this round, for the writer */
	pthread_t thread;
	struct parts *parts; /* at work now */
	size_t most_queued, most_driving;
	char *ledger_path;
	struct generation *generation; /* in force */
	struct generation *next;       /* to be; under the lock */
	int64_t clock_ahead;           /* of the monotonic one, ms: how far the wall clock was */
	bool has_left;                 /* work was left to the pump since its last walk */

	pthread_mutex_t lock; /* over the queue */
	struct job *queue, *queue_end;
	instant stop_at;
	atomic_bool is_stopping;
	struct loop_counts counts;
};

/* ---- commits: gathered in a round, given to the writer at its end --------------------- */

static bool gather(void *context, struct ledger_change *changes, size_t n, struct failure *why)
{
	struct loop *loop = context;
	struct writing *writing = memory_new(sizeof *writing);
	bool is_ok;

	*writing = (struct writing){ .changes = changes, .n = n, .why = why };
	writing->task = task_self(loop->tasks);
	if (loop->last)
		loop->last->next = writing;
	else
		loop->first = writing;
	loop->last = writing;
	while (writing->task) /* until take_written() has found it */
		task_wait(loop->tasks);
	is_ok = writing->is_ok;
	free(writing);
	return is_ok;
}

static void give_writings(struct loop *loop)
{
	if (loop->first)
		writer_give(loop->writer, loop->first, loop->last);
	loop->first = loop->last = NULL;
}

static void take_written(struct loop *loop)
{
	struct writing *next;

	for (struct writing *w = writer_take(loop->writer); w; w = next) {
		struct task *task = w->task;

		next = w->next;
		w->task = NULL;
		task_wake(loop->tasks, task);
	}
}

/* In the writer's thread. */
static void tell_written(void *context)
{
	http_wake(((struct loop *)context)->engine.http);
}

/* ---- waits ------------------------------------------------------------------------------ */

static void sleep_task(void *context, int64_t ms)
{
	struct loop *loop = context;

	if (!atomic_load(&loop->is_stopping))
		task_sleep(loop->tasks, ms);
}

static void *self(void *context)
{
	return task_self(((struct loop *)context)->tasks);
}

static void wait_task(void *context)
{
	task_rest(((struct loop *)context)->tasks);
}

static void wake_task(void *context, void *task)
{
	task_wake(((struct loop *)context)->tasks, task);
}

static bool is_busy(void *context)
{
	const struct loop *loop = context;

	return loop->first || tasks_next_ms(loop->tasks) == 0;
}

static bool is_gone(void *context, const char *owner)
{
	return parts_find(((struct loop *)context)->parts, owner) == PART_ENDED;
}

/* ---- work ----------------------------------------------------------------------------------- */

static struct loop *loop_of(struct engine *e)
{
	return e->runner->context;
}

static struct engine engine_part(struct loop *loop, const char *actor)
{
	struct engine part = loop->engine;

	part.generation = generation_hold(loop->generation);
	parts_begin(loop->parts, part.owner);
	part.actor = actor;
	part.leaves_work = atomic_load(&loop->counts.driving) >= loop->most_driving ||
	    atomic_load(&loop->is_stopping);
	return part;
}

void loop_drive(struct engine *e, const char *id)
{
	struct loop *loop = loop_of(e);
	struct failure why; /* its page of the stack is there anyway while the task waits */
	struct tell tell;

	if (e->leaves_work) {
		loop->has_left = true;
		return;
	}
	atomic_fetch_add(&loop->counts.driving, 1);
	tell = tell_before(e, id);
	why.kind = FAILURE_NONE;
	why.text[0] = 0;
	if (!engine_drive(e, id, &why)) {
		log_request(why.kind == FAILURE_TRY_LATER ? LOG_NOTICE : LOG_WARNING, id, NULL, 0,
		    "%s", why.text);
		loop->has_left = true;
	}
	tell_after(&tell, e, id);
	atomic_fetch_add(&loop->counts.driven, 1);
	atomic_fetch_sub(&loop->counts.driving, 1);
}

/* The generation is the one it began with, whatever has come into force since. */
static void part_end(struct engine *part)
{
	engine_forget(part);
	parts_end(loop_of(part)->parts, part->owner);
	generation_free((struct generation *)part->generation);
}

static void run_job(void *argument)
{
	struct job *job = argument;
	struct engine part = engine_part(job->loop, job->actor);

	job->work(&part, job->argument);
	part_end(&part);
	free(job->actor);
	free(job);
}

bool loop_do(struct loop *loop, const char *actor, loop_work *work, void *argument)
{
	struct job *job;
	bool is_taken, is_first;

	pthread_mutex_lock(&loop->lock);
	is_first = !loop->queue; /* else it has been woken already */
	is_taken = !atomic_load(&loop->is_stopping) &&
	    atomic_load(&loop->counts.queued) < loop->most_queued;
	if (is_taken) {
		job = memory_new(sizeof *job);
		*job = (struct job){ .loop = loop,
			.work = work,
			.argument = argument,
			.actor = memory_copy_text(actor) };
		if (loop->queue_end)
			loop->queue_end->next = job;
		else
			loop->queue = job;
		loop->queue_end = job;
		atomic_fetch_add(&loop->counts.queued, 1);
	}
	pthread_mutex_unlock(&loop->lock);
	if (is_taken && is_first)
		http_wake(loop->engine.http);
	return is_taken;
}

static void start_jobs(struct loop *loop)
{
	struct job *job, *next;
	struct generation *replaced;

	pthread_mutex_lock(&loop->lock);
	job = loop->queue;
	loop->queue = loop->queue_end = NULL;
	replaced = loop->next ? loop->generation : NULL;
	if (loop->next)
		loop->generation = loop->next;
	loop->next = NULL;
	pthread_mutex_unlock(&loop->lock);
	generation_free(replaced);
	for (; job; job = next) {
		next = job->next;
		atomic_fetch_sub(&loop->counts.queued, 1);
		task_start(loop->tasks, run_job, job);
	}
}

/* ---- the pump: work that nobody asks for --------------------------------------------------- */

struct due {
	struct loop *loop;
	char id[ID_TEXT];
};

static void run_due(void *argument)
{
	struct due *due = argument;
	struct engine part = engine_part(due->loop, "service");

	part.leaves_work = false;
	loop_drive(&part, due->id);
	part_end(&part);
	free(due);
}

static bool is_in_hand(const struct loop *loop, const struct request_row *row)
{
	enum part part = parts_find(loop->parts, row->owner);

	if (part != PART_NONE)
		return part == PART_AT_WORK; /* whatever the clock says of its lease */
	return row->owner && row->lease != INSTANT_UNKNOWN && row->lease > instant_now() &&
	    !owner_is_gone(row->owner);
}

/* Rows that begin here are counted at once, before their tasks run. */
static void start_due(struct loop *loop, const struct request_row *row)
{
	struct due *due = memory_new(sizeof *due);

	due->loop = loop;
	memcpy(due->id, row->id, sizeof due->id);
	task_start(loop->tasks, run_due, due);
}

static void pump_rows(struct loop *loop, const struct request_row *rows, size_t n)
{
	for (size_t i = 0; i < n && !atomic_load(&loop->is_stopping); i++) {
		while (atomic_load(&loop->counts.driving) >= loop->most_driving &&
		    !atomic_load(&loop->is_stopping))
			task_sleep(loop->tasks, 20);
		if (is_in_hand(loop, &rows[i]))
			continue;
		start_due(loop, &rows[i]);
		task_sleep(loop->tasks, 0); /* it claims, and is counted, before the next */
	}
}

static void walk_all(struct loop *loop, struct engine *part)
{
	struct engine_page page = { 0 };
	struct request_row *rows;
	struct failure why = { 0 };
	size_t n;

	do {
		struct arena *arena = arena_new();

		if (engine_due(part, &page, arena, &rows, &n, &why))
			pump_rows(loop, rows, n);
		else
			n = 0;
		arena_free(arena);
	} while (n && !atomic_load(&loop->is_stopping));
	if (why.kind != FAILURE_NONE)
		log_line(LOG_WARNING, "cannot look for work: %s", why.text);
}

static void walk_due(struct loop *loop, struct engine *part)
{
	struct request_filter filter = { .state = STATE_WAITING,
		.due_before = instant_now() + 1,
		.unclaimed_at = instant_now(),
		.limit = 200 };
	struct arena *arena = arena_new();
	struct failure why = { 0 };
	struct request_row *rows;
	size_t n;

	if (ledger_requests(part->ledger, &filter, arena, &rows, &n, &why))
		pump_rows(loop, rows, n);
	else
		log_line(LOG_WARNING, "cannot look for work: %s", why.text);
	arena_free(arena);
}

/* Something of no consequence is written, to see whether it can be. */
static bool is_writable(struct loop *loop)
{
	struct ledger_row row = { .kind = ROW_CACHE,
		.cache = { .name = "writable", .value = TEXT("true"), .until = instant_now() } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };
	struct failure why = { 0 };

	return !loop_in_trouble(loop, &why) || gather(loop, &change, 1, &why);
}

/* Has the wall clock been set back since the last call? */
static bool is_set_back(struct loop *loop)
{
	int64_t ahead = instant_now() - instant_monotonic();
	bool is = ahead < loop->clock_ahead - PUMP_MS;

	loop->clock_ahead = ahead;
	return is;
}

static void pump(void *argument)
{
	struct loop *loop = argument;
	struct engine *part = &loop->engine; /* it reads the ledger only */
	instant walk_at = 0;

	loop->pump = task_self(loop->tasks);
	while (!atomic_load(&loop->is_stopping)) {
		loop->has_left |= is_set_back(loop);
		if (!is_writable(loop)) {
			walk_at = 0; /* nothing would come of what is due; then all of it */
		} else if (loop->has_left || instant_monotonic() >= walk_at) {
			loop->has_left = false;
			walk_all(loop, part);
			malloc_trim(0); /* what a burst needed is given back */
			walk_at = instant_monotonic() + WALK_MS;
		} else {
			walk_due(loop, part);
		}
		if (!atomic_load(&loop->is_stopping))
			task_sleep(loop->tasks, PUMP_MS);
	}
}

/* ---- the thread -------------------------------------------------------------------------------
 */

static int64_t how_long(struct loop *loop)
{
	int64_t ms = tasks_next_ms(loop->tasks);

	if (ms < 0 || ms > PUMP_MS)
		ms = PUMP_MS;
	return ms;
}

static bool goes_on(struct loop *loop)
{
	if (!atomic_load(&loop->is_stopping))
		return true;
	tasks_wake_all(loop->tasks);
	if (tasks_count(loop->tasks) == 0 && atomic_load(&loop->counts.queued) == 0)
		return false;
	return instant_monotonic() < loop->stop_at;
}

static void *run(void *argument)
{
	struct loop *loop = argument;

	task_start(loop->tasks, pump, loop);
	while (goes_on(loop)) {
		start_jobs(loop);
		take_written(loop);
		ledger_look(loop->engine.ledger);
		tasks_run(loop->tasks, TURN);
		ledger_look_away(loop->engine.ledger);
		give_writings(loop);
		http_run(loop->engine.http, how_long(loop));
	}
	return NULL;
}

/* ---- start and stop
 * -------------------------------------------------------------------------------- */

static void set_up(struct loop *loop, struct generation *g, const struct loop_options *options)
{
	loop->ledger_path = memory_copy_text(g->partner->ledger_path);
	loop->generation = generation_hold(g);
	loop->engine.generation = NULL; /* each part has its own */
	loop->most_queued = options->most_queued ? options->most_queued : MOST_QUEUED;
	loop->most_driving = options->most_driving ? options->most_driving : MOST_DRIVING;
	loop->tasks = tasks_new();
	loop->parts = parts_new(loop->engine.owner);
	loop->runner = (struct engine_runner){ loop, gather, sleep_task, self, wake_task, is_gone };
	loop->waiter = (struct http_waiter){ loop, self, wait_task, wake_task, is_busy };
	loop->engine.runner = &loop->runner;
	loop->engine.gates = gates_new();
	loop->engine.is_stopping = &loop->is_stopping;
	loop->engine.patience_ms = PATIENCE_MS;
	http_set_waiter(loop->engine.http, &loop->waiter);
	mallopt(M_TRIM_THRESHOLD, SPARE_BYTES);
	pthread_mutex_init(&loop->lock, NULL);
}

static void free_loop(struct loop *loop)
{
	engine_close(&loop->engine);
	gates_free(loop->engine.gates);
	tasks_free(loop->tasks);
	parts_free(loop->parts);
	generation_free(loop->generation);
	generation_free(loop->next);
	pthread_mutex_destroy(&loop->lock);
	free(loop->ledger_path);
	free(loop);
}

static bool start_writer(struct loop *loop, struct failure *why)
{
	struct ledger *ledger =
	    ledger_open(loop->ledger_path, LEDGER_WRITE, &loop->engine.key, why);

	if (ledger)
		loop->writer = writer_start(ledger, tell_written, loop, &loop->counts.written, why);
	return loop->writer != NULL;
}

struct loop *loop_start(
    struct generation *g, const struct loop_options *options, struct failure *why)
{
	struct loop *loop = memory_new(sizeof *loop);

	if (!engine_open(&loop->engine, g, LEDGER_CREATE, why)) {
		free(loop);
		return NULL;
	}
	set_up(loop, g, options);
	if (!start_writer(loop, why)) {
		free_loop(loop);
		return NULL;
	}
	if (pthread_create(&loop->thread, NULL, run, loop) != 0) {
		failure_set(why, FAILURE_TRY_LATER, "cannot start a thread");
		writer_stop(loop->writer);
		free_loop(loop);
		return NULL;
	}
	return loop;
}

void loop_drain(struct loop *loop, int64_t deadline_ms)
{
	pthread_mutex_lock(&loop->lock);
	if (!atomic_load(&loop->is_stopping))
		loop->stop_at = instant_monotonic() + deadline_ms;
	atomic_store(&loop->is_stopping, true);
	pthread_mutex_unlock(&loop->lock);
	http_wake(loop->engine.http);
}

size_t loop_stop(struct loop *loop, int64_t deadline_ms)
{
	size_t left;

	loop_drain(loop, deadline_ms);
	pthread_join(loop->thread, NULL);
	left = tasks_count(loop->tasks);
	if (left)
		return left; /* their stacks are in use: the process ends soon */
	writer_stop(loop->writer);
	free_loop(loop);
	return 0;
}

bool loop_reload(struct loop *loop, struct generation *g, struct failure *why)
{
	const char *path = loop->ledger_path;
	struct generation *replaced;

	if (!text_same(g->partner->ledger_path, path))
		return failure_set(why, FAILURE_CONFIG,
		    "the ledger cannot move while the service runs: it is %s, and would be %s",
		    path, g->partner->ledger_path);
	pthread_mutex_lock(&loop->lock);
	replaced = loop->next;
	loop->next = generation_hold(g);
	pthread_mutex_unlock(&loop->lock);
	generation_free(replaced);
	http_wake(loop->engine.http);
	return true;
}

struct generation *loop_generation(struct loop *loop)
{
	struct generation *g;

	pthread_mutex_lock(&loop->lock);
	g = generation_hold(loop->next ? loop->next : loop->generation);
	pthread_mutex_unlock(&loop->lock);
	return g;
}

const struct gates *loop_gates(const struct loop *loop)
{
	return loop->engine.gates;
}

const struct loop_counts *loop_counts(const struct loop *loop)
{
	return &loop->counts;
}

bool loop_in_trouble(const struct loop *loop, struct failure *why)
{
	return writer_in_trouble(loop->writer, why);
}
