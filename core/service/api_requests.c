/* Requests: submitted, looked at, answered, cancelled, replayed. */
#include "service/api_inside.h"
#include "http/http.h"

#define PAGE_MOST 1000
#define LINK_BYTES 2000 /* of its query; whoever asked more knows how to go on */

/* ---- looking ------------------------------------------------------------------------- */

/* With its version, for If-Match. */
void api_show(struct call *call, struct engine *e)
{
	struct buffer body = { 0 };
	struct request_row row;

	if (!api_find(call, e, api_id(call), &row)) {
		api_fail(call);
		return;
	}
	call->etag = api_version(call, &row);
	if (api_write(call, e, row.id, &body))
		api_answer_written(call, 200, NULL, &body);
	else
		api_fail(call);
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

static void add_query(struct buffer *out, struct text name, struct text value)
{
	buffer_char(out, out->n ? '&' : '?');
	http_encode(out, name);
	buffer_char(out, '=');
	http_encode(out, value);
}

/* RFC 8288: the same question for what comes behind that request. */
static const char *link_next(struct call *call, const char *id)
{
	struct buffer query = { 0 };
	struct text name, value;
	const char *link;

	for (size_t i = 0; server_query_at(call->request, i, &name, &value); i++)
		if (!text_is(name, "after"))
			add_query(&query, name, value);
	add_query(&query, TEXT("after"), text_of(id));
	link = query.n <= LINK_BYTES
	    ? arena_format(call->arena, "</v1/requests%s>; rel=\"next\"", query.p)
	    : NULL;
	buffer_free(&query);
	return link;
}

/* A page, and where the next begins: {"requests": [...], "after": ID | null}. */
void api_list(struct call *call, struct engine *e)
{
	struct buffer body = { 0 };
	struct json_out out = { &body, false };
	struct request_filter filter;
	struct request_row *rows;
	size_t n;

	if (!read_filter(call, &filter) ||
	    !ledger_requests(e->ledger, &filter, call->arena, &rows, &n, &call->why)) {
		api_fail(call);
		return;
	}
	json_out_open(&out, NULL, '{');
	json_out_open(&out, "requests", '[');
	for (size_t i = 0; i < n; i++)
		view_write_row(&out, &rows[i], api_sees_all_of(call, &rows[i]));
	json_out_close(&out, ']');
	json_out_string(&out, "after", n == filter.limit ? rows[n - 1].id : NULL);
	json_out_close(&out, '}');
	if (n == filter.limit)
		call->link = link_next(call, rows[n - 1].id);
	api_answer_written(call, 200, NULL, &body);
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
		api_go_on(call, e, id, 202, is_new ? "submitted" : "submitted again");
	else if (once.is_reused)
		api_refuse(call, 422, "idempotency-key-reused", call->why.text);
	else
		api_fail(call);
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

void api_change_request(
    struct call *call, struct engine *e, api_change *run, unsigned status, const char *what)
{
	struct json *body = api_body(call);
	struct request_row row;
	bool is_ok;

	if (!body)
		return;
	is_ok = api_find(call, e, api_id(call), &row);
	if (is_ok && !api_is_as_seen(call, &row)) {
		json_free(body);
		return;
	}
	is_ok = is_ok && run(call, e, row.id, body);
	json_free(body);
	if (is_ok)
		api_go_on(call, e, row.id, status, what);
	else
		api_fail(call);
}

void api_answer(struct call *call, struct engine *e)
{
	api_change_request(call, e, answer_it, 202, "answered");
}

static bool cancel_it(struct call *call, struct engine *e, const char *id, const struct json *body)
{
	static const char *const names[] = { "reason", NULL };

	return api_knows_all(call, body, names) &&
	    engine_cancel(e, id, json_get_chars(body, "reason"), &call->why);
}

void api_cancel(struct call *call, struct engine *e)
{
	api_change_request(call, e, cancel_it, 200, "cancelled");
}

/* {"reroute": true | false}: decided anew, or as it was decided. */
static bool replay_it(struct call *call, struct engine *e, const char *id, const struct json *body)
{
	static const char *const names[] = { "reroute", NULL };

	return api_knows_all(call, body, names) &&
	    engine_replay(e, id, json_truth(json_get(body, "reroute")), &call->why);
}

void api_replay(struct call *call, struct engine *e)
{
	api_change_request(call, e, replay_it, 202, "replayed");
}
