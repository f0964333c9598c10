#include "service/reload.h"
#include "base/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct waiter {
	struct waiter *next;
	reload_told *told;
	void *argument;
};

struct reload {
	char *path;
	struct loop *loop;
	struct server *server; /* NULL: none has a certificate to read */
	pthread_mutex_t lock;  /* over the rest */
	struct waiter *waiters;
	bool is_stopped;
	char refused[200];
	struct reload_counts counts;
};

struct reload *reload_new(const char *path, struct loop *loop)
{
	struct reload *r = memory_new(sizeof *r);

	r->path = memory_copy_text(path);
	r->loop = loop;
	r->counts.started_at = r->counts.taken_at = instant_now();
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void reload_also(struct reload *r, struct server *server)
{
	r->server = server;
}

static void tell(struct reload *r, bool is_in_force, const struct json *outcome)
{
	struct waiter *all, *next;

	pthread_mutex_lock(&r->lock);
	all = r->waiters;
	r->waiters = NULL;
	pthread_mutex_unlock(&r->lock);
	for (; all; all = next) {
		next = all->next;
		all->told(all->argument, is_in_force, outcome);
		free(all);
	}
}

static void tell_stopped(struct reload *r)
{
	struct json *outcome = json_new_object();

	json_set(outcome, "error", json_new_string("the service stops"));
	tell(r, false, outcome);
	json_free(outcome);
}

void reload_stop(struct reload *r)
{
	pthread_mutex_lock(&r->lock);
	r->is_stopped = true;
	pthread_mutex_unlock(&r->lock);
	tell_stopped(r);
}

void reload_free(struct reload *r)
{
	pthread_mutex_destroy(&r->lock);
	free(r->path);
	free(r);
}

void reload_ask(struct reload *r, reload_told *told, void *argument)
{
	struct waiter *waiter = memory_new(sizeof *waiter);
	bool is_stopped;

	*waiter = (struct waiter){ .told = told, .argument = argument };
	pthread_mutex_lock(&r->lock);
	waiter->next = r->waiters;
	r->waiters = waiter;
	is_stopped = r->is_stopped;
	pthread_mutex_unlock(&r->lock);
	if (is_stopped)
		tell_stopped(r);
	else
		kill(getpid(), SIGHUP);
}

bool reload_refused(struct reload *r, char text[200])
{
	pthread_mutex_lock(&r->lock);
	memcpy(text, r->refused, sizeof r->refused);
	pthread_mutex_unlock(&r->lock);
	return *text != 0;
}

struct reload_counts reload_counts(struct reload *r)
{
	struct reload_counts counts;

	pthread_mutex_lock(&r->lock);
	counts = r->counts;
	pthread_mutex_unlock(&r->lock);
	return counts;
}

/* refused: "" when it was taken. */
static void note(struct reload *r, const char *refused)
{
	pthread_mutex_lock(&r->lock);
	snprintf(r->refused, sizeof r->refused, "%s", refused);
	if (*refused) {
		r->counts.refused++;
	} else {
		r->counts.taken++;
		r->counts.taken_at = instant_now();
	}
	pthread_mutex_unlock(&r->lock);
}

static void refuse(struct reload *r, struct problems *problems, const struct failure *why)
{
	unsigned n = problems_count(problems, PROBLEM_ERROR);
	struct json *outcome = json_new_object();
	char text[200];

	if (why->kind)
		snprintf(text, sizeof text, "%.190s", why->text);
	else
		snprintf(text, sizeof text, "%u %s in the configuration", n,
		    n == 1 ? "error" : "errors");
	if (!why->kind)
		problems_log(problems);
	log_line(
	    LOG_ERROR, "the configuration was not taken, the old one stays in force: %s", text);
	json_set(outcome, "error", json_new_string(text));
	json_set(outcome, "errors", why->kind ? json_new_array() : problems_json(problems));
	note(r, text);
	tell(r, false, outcome);
	json_free(outcome);
}

static void take(struct reload *r, const struct generation *g)
{
	struct json *outcome = json_new_object();

	log_line(LOG_NOTICE, "configuration %s is in force", g->digest);
	json_set(outcome, "generation", json_new_string(g->digest));
	note(r, "");
	tell(r, true, outcome);
	json_free(outcome);
}

/* The certificate first: where it cannot be used, nothing has changed. */
static bool put_into_force(struct reload *r, struct generation *g, struct failure *why)
{
	return (!r->server || server_reload_tls(r->server, why)) && loop_reload(r->loop, g, why);
}

void reload_run(struct reload *r)
{
	struct problems *problems = problems_new();
	struct generation *g = generation_load(r->path, problems);
	struct failure why = { 0 };

	if (problems_count(problems, PROBLEM_ERROR) || !put_into_force(r, g, &why))
		refuse(r, problems, &why);
	else
		take(r, g);
	generation_free(g);
	problems_free(problems);
}
