#include "service/writer.h"
#include "base/log.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 256 /* changes in one commit */
#define GATHER_NS 60000

struct list {
	struct writing *first, *last;
};

struct writer {
	struct ledger *ledger;
	void (*done)(void *);
	void *context;
	struct writer_counts *counts;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct list in, out; /* under the lock */
	bool is_stopping;
	struct failure trouble; /* of the last commit */
};

static void append(struct list *list, struct writing *first, struct writing *last)
{
	if (list->last)
		list->last->next = first;
	else
		list->first = first;
	list->last = last;
}

/* ---- one commit ------------------------------------------------------------------ */

/* As many as one commit takes, off the list; at least one. */
static struct list take_batch(struct list *list, size_t *n)
{
	struct list batch = { list->first, list->first };

	*n = batch.first->n;
	while (batch.last->next && *n + batch.last->next->n <= BATCH) {
		batch.last = batch.last->next;
		*n += batch.last->n;
	}
	list->first = batch.last->next;
	if (!list->first)
		list->last = NULL;
	batch.last->next = NULL;
	return batch;
}

/* The ledger itself cannot be had, or written to: nothing is wrong with the changes. */
static bool is_trouble(enum failure_kind kind)
{
	return kind == FAILURE_TRY_LATER || kind == FAILURE_IO || kind == FAILURE_NO_PERMISSION;
}

static void note_trouble(struct writer *writer, const struct failure *why)
{
	bool was, is = is_trouble(why->kind);

	pthread_mutex_lock(&writer->lock);
	was = writer->trouble.kind != FAILURE_NONE;
	writer->trouble = is ? *why : (struct failure){ 0 };
	pthread_mutex_unlock(&writer->lock);
	if (is && !was)
		log_line(LOG_ERROR, "the ledger cannot be written to: %s", why->text);
	else if (was && !is)
		log_tell("the ledger can be written to again");
}

static bool commit(
    struct writer *writer, struct ledger_change *changes, size_t n, struct failure *why)
{
	struct failure problem = { 0 };
	bool is_ok = ledger_commit(writer->ledger, instant_now(), changes, n, &problem);

	atomic_fetch_add(&writer->counts->commits, n > 0);
	atomic_fetch_add(&writer->counts->changes, n);
	atomic_fetch_add(&writer->counts->failed, !is_ok);
	if (n > 0 || !is_ok) /* to write nothing proves nothing */
		note_trouble(writer, &problem);
	if (!is_ok) /* whoever asked may ask again */
		failure_set(why, is_trouble(problem.kind) ? FAILURE_UNAVAILABLE : problem.kind,
		    "%s", problem.text);
	return is_ok;
}

/* One change that cannot be made fails all with it; each by itself is told which. Where the
 * ledger cannot be written to, this would be to fail again and again. */
static bool fails_for_one(const struct list *batch, enum failure_kind kind)
{
	return batch->first->next && kind != FAILURE_UNAVAILABLE;
}

static void commit_each(struct writer *writer, const struct list *batch)
{
	for (struct writing *w = batch->first; w; w = w->next)
		w->is_ok = commit(writer, w->changes, w->n, w->why);
}

static void fail_all(const struct list *batch, const struct failure *why)
{
	for (struct writing *w = batch->first; w; w = w->next)
		failure_set(w->why, why->kind, "%s", why->text);
}

static void commit_batch(struct writer *writer, const struct list *batch, size_t n)
{
	struct ledger_change *all = memory_array(n, sizeof *all), *next = all;
	struct failure why = { 0 };
	bool is_ok;

	for (struct writing *w = batch->first; w; next += w->n, w = w->next)
		memcpy(next, w->changes, w->n * sizeof *next);
	is_ok = commit(writer, all, n, &why);
	next = all;
	for (struct writing *w = batch->first; w; next += w->n, w = w->next) {
		memcpy(w->changes, next, w->n * sizeof *next);
		w->is_ok = is_ok;
	}
	if (!is_ok && fails_for_one(batch, why.kind))
		commit_each(writer, batch);
	else if (!is_ok)
		fail_all(batch, &why);
	free(all);
}

/* ---- the thread ------------------------------------------------------------------- */

/* Where changes wait already, those who were just told bring more at once: one commit for both. */
static void gather(struct writer *writer)
{
	const struct timespec moment = { 0, GATHER_NS };
	bool is_awaited;

	pthread_mutex_lock(&writer->lock);
	is_awaited = writer->in.first && !writer->is_stopping;
	pthread_mutex_unlock(&writer->lock);
	if (is_awaited)
		nanosleep(&moment, NULL);
}

static bool await(struct writer *writer, struct list *in)
{
	gather(writer);
	pthread_mutex_lock(&writer->lock);
	while (!writer->in.first && !writer->is_stopping)
		pthread_cond_wait(&writer->given, &writer->lock);
	*in = writer->in;
	writer->in = (struct list){ 0 };
	pthread_mutex_unlock(&writer->lock);
	return in->first != NULL;
}

static void give_back(struct writer *writer, const struct list *batch)
{
	bool is_first;

	pthread_mutex_lock(&writer->lock);
	is_first = !writer->out.first;
	append(&writer->out, batch->first, batch->last);
	pthread_mutex_unlock(&writer->lock);
	if (is_first)
		writer->done(writer->context);
}

static void *run(void *argument)
{
	struct writer *writer = argument;
	struct list in;
	size_t n;

	while (await(writer, &in))
		while (in.first) {
			struct list batch = take_batch(&in, &n);

			commit_batch(writer, &batch, n);
			give_back(writer, &batch);
		}
	return NULL;
}

/* ---- for the loop -------------------------------------------------------------------- */

struct writer *writer_start(struct ledger *ledger, void (*done)(void *context), void *context,
    struct writer_counts *counts, struct failure *why)
{
	struct writer *writer = memory_new(sizeof *writer);

	*writer =
	    (struct writer){ .ledger = ledger, .done = done, .context = context, .counts = counts };
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->given, NULL);
	if (pthread_create(&writer->thread, NULL, run, writer) == 0)
		return writer;
	failure_set(why, FAILURE_TRY_LATER, "cannot start a thread");
	ledger_close(ledger);
	free(writer);
	return NULL;
}

void writer_give(struct writer *writer, struct writing *first, struct writing *last)
{
	pthread_mutex_lock(&writer->lock);
	append(&writer->in, first, last);
	pthread_cond_signal(&writer->given);
	pthread_mutex_unlock(&writer->lock);
}

struct writing *writer_take(struct writer *writer)
{
	struct writing *first;

	pthread_mutex_lock(&writer->lock);
	first = writer->out.first;
	writer->out = (struct list){ 0 };
	pthread_mutex_unlock(&writer->lock);
	return first;
}

bool writer_in_trouble(struct writer *writer, struct failure *why)
{
	pthread_mutex_lock(&writer->lock);
	*why = writer->trouble;
	pthread_mutex_unlock(&writer->lock);
	return why->kind != FAILURE_NONE;
}

void writer_stop(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->is_stopping = true;
	pthread_cond_signal(&writer->given);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	ledger_close(writer->ledger);
	pthread_mutex_destroy(&writer->lock);
	pthread_cond_destroy(&writer->given);
	free(writer);
}
