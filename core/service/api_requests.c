/* Requests: submitted, looked at, answered, cancelled, replayed. */
#include "service/api_inside.h"
#include "service/tell.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_MOST_S 60
#define PAGE_MOST 1000
#define LOOK_MS 50     /* whether the task that drives has answered */
#define LOOK_AT_MS 200 /* at the ledger: somebody else drives */

/* ---- looking ------------------------------------------------------------------------- */

void api_show(struct call *call, struct engine *e)
{
	api_answer_json(call, 200, api_view(call, e, api_id(call)));
}

void api_explain(struct call *call, struct engine *e)
{
	api_answer_json(call, 200, view_explain(e->ledger, api_id(call), call->arena, &call->why));
}

static const char *query(struct call *call, const char *name)
{
	struct text value;

	return server_query(call->request, name, &value) && value.n
	    ? arena_copy(call->arena, value.p, value.n)
	    : NULL;
}

static bool read_filter(struct call *call, struct request_filter *filter)
{
	const char *state = query(call, "state"), *limit = query(call, "limit");
	int64_t number = 100;

	*filter =
	    (struct request_filter){ .created_by = call->reach == REACH_OWN ? call->actor : NULL,
		    .due_before = INSTANT_UNKNOWN,
		    .unclaimed_at = INSTANT_UNKNOWN,
		    .account = query(call, "account"),
		    .portal = query(call, "portal"),
		    .contract = query(call, "contract"),
		    .after = query(call, "after") };
	filter->state = !state               ? STATE_NONE
	    : text_same(state, "unfinished") ? STATE_ANY
					     : state_read(text_of(state));
	if (state && filter->state == STATE_NONE)
		return failure_set(
		    &call->why, FAILURE_USAGE, "state: there is no state %.40s", state);
	if (limit && (!text_integer(text_of(limit), &number) || number < 1 || number > PAGE_MOST))
		return failure_set(&call->why, FAILURE_USAGE, "limit: must be 1 to %d", PAGE_MOST);
	filter->limit = (size_t)number;
	return true;
}

/* A page, and where the next begins: {"requests": [...], "after": ID | null}. */
void api_list(struct call *call, struct engine *e)
{
	struct json *o, *list;
	struct request_filter filter;
	struct request_row *rows;
	size_t n;

	if (!read_filter(call, &filter) ||
	    !ledger_requests(e->ledger, &filter, call->arena, &rows, &n, &call->why)) {
		api_fail(call);
		return;
	}
	o = json_new_object();
	list = json_new_array();
	for (size_t i = 0; i < n; i++)
		json_append(list, api_shown(call, &rows[i], view_request_row(&rows[i])));
	json_set(o, "requests", list);
	json_set(o, "after", n == filter.limit ? json_new_string(rows[n - 1].id) : json_new_null());
	api_answer_json(call, 200, o);
}

/* ---- a changed request, answered at once or when it has come to rest -------------------- */

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

static bool is_at_work(enum request_state state)
{
	return state == STATE_READY || state == STATE_LINKING || state == STATE_CREATING ||
	    state == STATE_WAITING;
}

/* Two tasks share it: the one that carries the request on, and the one that stops waiting. */
struct waited {
	struct call *call; /* NULL: answered */
	instant until;     /* monotonic */
	char id[ID_TEXT];
	unsigned users;
};

static void answer_now(struct call *call, struct engine *e, const char *id)
{
	struct json *value = api_view(call, e, id);
	const char *state = json_get_chars(value, "state");

	if (value)
		api_answer_created(
		    call, state && is_at_work(state_read(text_of(state))) ? 202 : 200, id, value);
	else
		api_fail(call);
}

static void answer_waited(struct waited *w, struct engine *e)
{
	struct call *call = w->call;

	w->call = NULL;
	if (call)
		answer_now(call, e, w->id);
}

static void leave_waited(struct waited *w)
{
	if (--w->users == 0)
		free(w);
}

static bool is_at_rest(struct engine *e, const char *id)
{
	struct arena *arena = arena_new();
	struct failure ignored = { 0 };
	struct request_row row;
	bool is_ok = ledger_request(e->ledger, id, arena, &row, &ignored) && !is_at_work(row.state);

	arena_free(arena);
	return is_ok;
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

	while (is_to_wait(w, e))
		e->runner->sleep(e->runner->context, w->users > 1 ? LOOK_MS : LOOK_AT_MS);
	answer_waited(w, e);
	leave_waited(w);
}

/* The change is committed: answers (202 while it is not at rest), and carries the request on. */
static void go_on(
    struct call *call, struct engine *e, const char *id, unsigned status, const char *what)
{
	int64_t seconds = wait_wished(call);
	struct loop *loop = call->api->loop;
	struct waited *w;
	struct json *value;

	tell_request(e, id, what, call->trace.id, call->begun);
	if (!seconds) {
		value = api_view(call, e, id);
		if (value)
			api_answer_created(call, status, id, value);
		else
			api_fail(call);
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
	leave_waited(w);
}

/* ---- changing --------------------------------------------------------------------------- */

/* Files are named by where they lie on this machine, which only who runs the service may read. */
static bool may_attach(struct call *call, const struct json *body)
{
	return call->is_own_user || json_length(json_get(body, "files")) == 0 ||
	    failure_set(&call->why, FAILURE_DATA,
		"/files: a caller cannot name files of the machine that the service runs on");
}

/* Accepted means committed: the answer is 202 only after the ledger has it. */
void api_submit(struct call *call, struct engine *e)
{
	struct api_counts *counts = &call->api->counts;
	struct engine_once once;
	char id[ID_TEXT] = "";
	bool is_new, is_ok;
	struct json *body;

	if (!api_once(call, &once) || !(body = api_body(call)))
		return;
	once.is_own_only = !(call->reach & REACH_ALL);
	is_ok =
	    may_attach(call, body) && engine_submit_once(e, body, &once, id, &is_new, &call->why);
	json_free(body);
	if (is_ok)
		atomic_fetch_add(is_new ? &counts->accepted : &counts->repeated, 1);
	if (is_ok)
		go_on(call, e, id, 202, is_new ? "submitted" : "submitted again");
	else if (once.is_reused)
		api_refuse(call, 422, "idempotency-key-reused", call->why.text);
	else
		api_fail(call);
}

static bool resolve(struct call *call, struct engine *e, struct request_row *row)
{
	return api_find(call, e, api_id(call), row);
}

/* {"guide": N, "code": C, "values": {...}, "account": A}; without a code the values
 * fill what is asked. */
static bool answer_it(struct call *call, struct engine *e, const char *id, const struct json *body)
{
	static const char *const names[] = { "guide", "code", "values", "account", NULL };
	const struct json *values = json_get(body, "values");
	const char *code = json_get_chars(body, "code");
	struct json *none = NULL;
	bool is_ok;

	if (!api_knows_all(call, body, names))
		return false;
	if (values && json_kind(values) != JSON_IS_OBJECT)
		return failure_set(&call->why, FAILURE_DATA, "/values: must be an object");
	if (!values)
		values = none = json_new_object();
	if (code)
		is_ok = engine_answer(e, id, json_number(json_get(body, "guide"), 0), code, values,
		    json_get_chars(body, "account"), &call->why);
	else
		is_ok = engine_tell(e, id, values, &call->why);
	json_free(none);
	return is_ok;
}

void api_answer(struct call *call, struct engine *e)
{
	struct json *body = api_body(call);
	struct request_row row;
	bool is_ok;

	if (!body)
		return;
	is_ok = resolve(call, e, &row) && answer_it(call, e, row.id, body);
	json_free(body);
	if (is_ok)
		go_on(call, e, row.id, 202, "answered");
	else
		api_fail(call);
}

void api_cancel(struct call *call, struct engine *e)
{
	static const char *const names[] = { "reason", NULL };
	struct json *body = api_body(call);
	struct request_row row;
	bool is_ok;

	if (!body)
		return;
	is_ok = api_knows_all(call, body, names) && resolve(call, e, &row) &&
	    engine_cancel(e, row.id, json_get_chars(body, "reason"), &call->why);
	json_free(body);
	if (is_ok)
		go_on(call, e, row.id, 200, "cancelled");
	else
		api_fail(call);
}

/* {"reroute": true | false}: decided anew, or as it was decided. */
void api_replay(struct call *call, struct engine *e)
{
	static const char *const names[] = { "reroute", NULL };
	struct json *body = api_body(call);
	struct request_row row;
	bool is_ok;

	if (!body)
		return;
	is_ok = api_knows_all(call, body, names) && resolve(call, e, &row) &&
	    engine_replay(e, row.id, json_truth(json_get(body, "reroute")), &call->why);
	json_free(body);
	if (is_ok)
		go_on(call, e, row.id, 202, "replayed");
	else
		api_fail(call);
}
