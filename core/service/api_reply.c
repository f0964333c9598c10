/* Answers: JSON, and problems as RFC 9457 has them. */
#include "service/api_inside.h"

#include <stdio.h>

#define JSON_TYPE "application/json"
#define PROBLEM_TYPE "application/problem+json"

static void reply(struct call *call, unsigned status, const char *type, struct text body,
    const char *location, const char *retry_after)
{
	struct server_field fields[5];
	size_t n = 0;

	fields[n++] = (struct server_field){ "Cache-Control", "no-store" };
	if (location)
		fields[n++] = (struct server_field){ "Location", location };
	if (retry_after)
		fields[n++] = (struct server_field){ "Retry-After", retry_after };
	if (call->allow)
		fields[n++] = (struct server_field){ "Allow", call->allow };
	if (call->challenge)
		fields[n++] = (struct server_field){ "WWW-Authenticate", call->challenge };
	atomic_fetch_add(&call->api->counts.answers[status / 100 % 6], 1);
	server_reply(call->request, status, type, body, fields, n);
}

void api_answer_text(struct call *call, const char *type, struct text text)
{
	reply(call, 200, type, text, NULL, NULL);
}

void api_answer_created(struct call *call, unsigned status, const char *id, struct json *value)
{
	struct buffer body = { 0 };

	json_write(value, JSON_LINE, &body);
	buffer_text(&body, "\n");
	reply(call, status, JSON_TYPE, buffer_as_text(&body),
	    id ? arena_format(call->arena, "/v1/requests/%s", id) : NULL, NULL);
	buffer_free(&body);
	json_free(value);
}

void api_answer_json(struct call *call, unsigned status, struct json *value)
{
	if (value)
		api_answer_created(call, status, NULL, value);
	else
		api_fail(call);
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
	case 415: return "Not JSON";
	case 422: return "Cannot be taken";
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

	json_set(o, "errors", errors);
	json_write(o, JSON_LINE, &body);
	buffer_text(&body, "\n");
	json_free(o);
	reply(call, status, PROBLEM_TYPE, buffer_as_text(&body), NULL, status == 503 ? "1" : NULL);
	buffer_free(&body);
}

void api_fail(struct call *call)
{
	const char *detail = arena_format(call->arena, "%s", call->why.text);

	switch (call->why.kind) {
	case FAILURE_USAGE: api_refuse(call, 400, "usage", detail); return;
	case FAILURE_DATA: api_refuse(call, 422, "data", detail); return;
	case FAILURE_NO_INPUT: api_refuse(call, 404, "not-found", detail); return;
	case FAILURE_TRY_LATER: api_refuse(call, 409, "conflict", detail); return;
	case FAILURE_NO_PERMISSION: api_refuse(call, 403, "not-allowed", detail); return;
	case FAILURE_UNAVAILABLE:
	case FAILURE_IO: api_refuse(call, 503, "unavailable", detail); return;
	default: api_refuse(call, 500, "fault", detail); return;
	}
}
