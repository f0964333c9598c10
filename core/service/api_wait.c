/* A changed request: answered at once, or when it has come to rest (Prefer: wait=N). */
#include "service/api_inside.h"
#include "service/tell.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_MOST_S 60
#define LOOK_AT_MS 200 /* at the ledger: somebody else drives */

/* Prefer: wait=N of RFC 7240, in seconds; 0: none. */
static int64_t wait_wished(struct call *call)
{
	struct text prefer, part;
	int64_t seconds = 0;

	if (!server_header(call->request, "Prefer", &prefer))
		return 0;
	while (text_split(&prefer, ',', &part)) {
		part = text_trim(part);
		if (text_starts(part, "wait=") &&
		    text_integer((struct text){ part.p + 5, part.n - 5 }, &seconds) && seconds > 0)
			return seconds < WAIT_MOST_S ? seconds : WAIT_MOST_S;
	}
	return 0;
}

static bool is_at_rest(struct engine *e, const char *id)
{
	return engine_is_at_rest(e, id, INT64_MAX);
}

/* Two tasks share it: the one that carries the request on, and the one that stops waiting. */
struct waited {
	struct call *call; /* NULL: answered */
	instant until;     /* monotonic */
	char id[ID_TEXT];
	unsigned users;
	void *waiter; /* the task that stops waiting, once it runs */
};

static void answer_now(struct call *call, struct engine *e, const char *id, unsigned status)
{
	struct buffer body = { 0 };

	if (api_write(call, e, id, &body))
		api_answer_written(call, status, id, &body);
	else
		api_fail(call);
}

static void answer_waited(struct waited *w, struct engine *e)
{
	struct call *call = w->call;

	w->call = NULL;
	if (call)
		answer_now(call, e, w->id, is_at_rest(e, w->id) ? 200 : 202);
}

static void leave_waited(struct waited *w)
{
	if (--w->users == 0)
		free(w);
}

/* The task that drove is done, perhaps long before the request is: its patience ended, or
 * another task, another process or the next poll carries it on. */
static bool is_to_wait(struct waited *w, struct engine *e)
{
	return w->call && instant_monotonic() < w->until && !atomic_load(e->is_stopping) &&
	    (w->users > 1 || !is_at_rest(e, w->id));
}

static void stop_waiting(struct engine *e, void *argument)
{
	struct waited *w = argument;
	const struct engine_runner *runner = e->runner;

	w->waiter = runner->self(runner->context);
	while (is_to_wait(w, e))
		runner->sleep(
		    runner->context, w->users > 1 ? w->until - instant_monotonic() : LOOK_AT_MS);
	answer_waited(w, e);
	leave_waited(w);
}

/* The change is committed: answers (202 while it is not at rest), and carries the request on. */
void api_go_on(
    struct call *call, struct engine *e, const char *id, unsigned status, const char *what)
{
	int64_t seconds = wait_wished(call);
	struct loop *loop = call->api->loop;
	struct waited *w;

	tell_request(e, id, what, call->trace.id, call->begun);
	if (!seconds) {
		answer_now(call, e, id, status);
		loop_drive(e, id);
		return;
	}
	w = memory_new(sizeof *w);
	*w = (struct waited){
		.call = call, .until = instant_monotonic() + seconds * 1000, .users = 2
	};
	memcpy(w->id, id, strlen(id) + 1);
	if (!loop_do(loop, e->actor, stop_waiting, w)) {
		answer_waited(w, e);
		free(w);
		loop_drive(e, id);
		return;
	}
	loop_drive(e, id);
	if (is_at_rest(e, id))
		answer_waited(w, e);
	if (w->waiter && w->users > 1)
		e->runner->wake(e->runner->context, w->waiter);
	leave_waited(w);
}
