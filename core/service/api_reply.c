/* Answers: JSON, and problems as RFC 9457 has them. */
#include "service/api_inside.h"

#include <stdio.h>

#define JSON_TYPE "application/json"
#define PROBLEM_TYPE "application/problem+json"

#define REQUEST_ID_MOST 128

static void add(struct server_field *fields, size_t *n, const char *name, const char *value)
{
	if (value)
		fields[(*n)++] = (struct server_field){ name, value };
}

/* What the caller calls this call: echoed where it is short and visible. NULL: nothing. */
static const char *request_id(struct call *call)
{
	struct text id;

	if (!server_header(call->request, "X-Request-Id", &id) || !id.n || id.n > REQUEST_ID_MOST)
		return NULL;
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= ' ' || id.p[i] > '~')
			return NULL;
	return arena_copy(call->arena, id.p, id.n);
}

/* A state belongs to its trace: none for one that begins here. */
static const char *trace_state(struct call *call)
{
	struct text state;

	if (call->trace.is_new || !server_header(call->request, "tracestate", &state) ||
	    !trace_state_ok(state))
		return NULL;
	return arena_copy(call->arena, state.p, state.n);
}

size_t api_fields(struct call *call, struct server_field *fields)
{
	char *trace = arena_take(call->arena, TRACE_TEXT);
	size_t n = 0;

	add(fields, &n, "Cache-Control", "no-store");
	add(fields, &n, "traceparent", trace_write(&call->trace, trace));
	add(fields, &n, "tracestate", trace_state(call));
	add(fields, &n, "X-Request-Id", request_id(call));
	add(fields, &n, "Allow", call->allow);
	add(fields, &n, "WWW-Authenticate", call->challenge);
	add(fields, &n, "Link", call->link);
	add(fields, &n, "ETag", call->etag);
	if (call->retry_s)
		add(fields, &n, "Retry-After", arena_format(call->arena, "%u", call->retry_s));
	return n;
}

static void reply(
    struct call *call, unsigned status, const char *type, struct text body, const char *location)
{
	struct server_field fields[API_FIELDS + 1];
	size_t n = api_fields(call, fields);

	add(fields, &n, "Location", location);
	atomic_fetch_add(&call->api->counts.answers[status / 100 % 6], 1);
	server_reply(call->request, status, type, body, fields, n);
}

void api_answer_text(struct call *call, const char *type, struct text text)
{
	reply(call, 200, type, text, NULL);
}

void api_answer_written(struct call *call, unsigned status, const char *id, struct buffer *body)
{
	buffer_char(body, '\n');
	reply(call, status, JSON_TYPE, buffer_as_text(body),
	    id ? arena_join(call->arena, "/v1/requests/", id, NULL) : NULL);
	buffer_free(body);
}

void api_answer_json(struct call *call, unsigned status, struct json *value)
{
	struct buffer body = { 0 };

	if (!value) {
		api_fail(call);
		return;
	}
	json_write(value, JSON_LINE, &body);
	json_free(value);
	api_answer_written(call, status, NULL, &body);
}

/* ---- problems -------------------------------------------------------------------------- */

static const char *title_of(unsigned status)
{
	switch (status) {
	case 400: return "Bad request";
	case 401: return "Who asks?";
	case 403: return "Not allowed";
	case 404: return "Not found";
	case 405: return "Method not allowed";
	case 409: return "Conflict";
	case 412: return "Changed meanwhile";
	case 415: return "Not JSON";
	case 422: return "Cannot be taken";
	case 429: return "Too often";
	case 503: return "Not now";
	default: return status < 500 ? "Refused" : "Fault of the service";
	}
}

static struct json *problem(unsigned status, const char *code, const char *detail)
{
	struct json *o = json_new_object();
	char type[80];

	snprintf(type, sizeof type, "urn:caseroute:problem:%s", code);
	json_set(o, "type", json_new_string(type));
	json_set(o, "title", json_new_string(title_of(status)));
	json_set(o, "status", json_new_number(status));
	json_set(o, "detail", json_new_string(detail));
	json_set(o, "code", json_new_string(code));
	return o;
}

void api_problem(
    void *api, unsigned status, const char *code, const char *detail, struct buffer *body)
{
	struct json *o = problem(status, code, detail);

	(void)api;
	json_write(o, JSON_LINE, body);
	buffer_text(body, "\n");
	json_free(o);
}

void api_refuse(struct call *call, unsigned status, const char *code, const char *detail)
{
	api_refuse_errors(call, status, code, detail, NULL);
}

void api_refuse_errors(
    struct call *call, unsigned status, const char *code, const char *detail, struct json *errors)
{
	struct json *o = problem(status, code, detail);
	struct buffer body = { 0 };

	json_set(o, "instance", json_new_text(server_path(call->request)));
	json_set(o, "trace_id", json_new_string(call->trace.id));
	json_set(o, "errors", errors);
	json_write(o, JSON_LINE, &body);
	buffer_text(&body, "\n");
	json_free(o);
	if (status == 503 && !call->retry_s)
		call->retry_s = 1;
	reply(call, status, PROBLEM_TYPE, buffer_as_text(&body), NULL);
	buffer_free(&body);
}

void api_fail(struct call *call)
{
	const char *detail = arena_format(call->arena, "%s", call->why.text);

	switch (call->why.kind) {
	case FAILURE_USAGE: api_refuse(call, 400, "usage", detail); return;
	case FAILURE_DATA: api_refuse_errors(call, 422, "data", detail, api_faults(detail)); return;
	case FAILURE_NO_INPUT: api_refuse(call, 404, "not-found", detail); return;
	case FAILURE_TRY_LATER: api_refuse(call, 409, "conflict", detail); return;
	case FAILURE_NO_PERMISSION: api_refuse(call, 403, "not-allowed", detail); return;
	case FAILURE_UNAVAILABLE:
	case FAILURE_IO: api_refuse(call, 503, "unavailable", detail); return;
	default: api_refuse(call, 500, "fault", detail); return;
	}
}
