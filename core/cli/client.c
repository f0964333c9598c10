#include "cli/client.h"
#include "http/http.h"
#include "service/address.h"

#include <stdio.h>
#include <time.h>

#define ORIGIN "http://localhost"
#define LOOK_MS 100
#define ANSWER_S 30    /* beside the wait */
#define WAIT_MOST_S 60 /* that the service grants */

bool client_post(const struct client_call *call, unsigned *status, struct json **answer,
    bool *is_there, struct failure *why)
{
	struct http *http = http_new(&(struct http_options){ .unix_socket = call->socket });
	struct buffer url = { 0 }, text = { 0 }, prefer = { 0 };
	struct http_header headers[3] = { { TEXT("Content-Type"), TEXT("application/json") } };
	const char *origins[] = { ORIGIN };
	struct http_request request = { .method = "POST",
		.origins = origins,
		.n_origins = 1,
		.headers = headers,
		.n_headers = 1,
		.has_body = call->body != NULL,
		.must_not_repeat = true,
		.timeout_ms = (call->wait_s + ANSWER_S) * 1000 };
	struct http_reply reply = { 0 };
	bool is_ok;

	buffer_format(&url, ORIGIN "%s", call->path);
	buffer_format(&prefer, "wait=%lld", (long long)call->wait_s);
	if (call->body)
		json_write(call->body, JSON_LINE, &text);
	if (call->actor)
		headers[request.n_headers++] =
		    (struct http_header){ TEXT("Caseroute-Actor"), text_of(call->actor) };
	if (call->wait_s)
		headers[request.n_headers++] =
		    (struct http_header){ TEXT("Prefer"), buffer_as_text(&prefer) };
	request.url = url.p;
	request.body = buffer_as_text(&text);
	is_ok = http_exchange(http, &request, instant_now(), &reply, why);
	*is_there = is_ok || reply.may_have_arrived;
	*status = reply.status;
	*answer = is_ok ? json_read(buffer_as_text(&reply.body), "answer", 0, why) : NULL;
	buffer_free(&url);
	buffer_free(&text);
	buffer_free(&prefer);
	http_reply_free(&reply);
	http_free(http);
	return is_ok && *answer;
}

/* A problem's code as the failure that it was (service/api_reply.c). */
static enum failure_kind kind_of(const char *code)
{
	static const struct {
		const char *code;
		enum failure_kind kind;
	} all[] = {
		{ "usage", FAILURE_USAGE },
		{ "data", FAILURE_DATA },
		{ "not-found", FAILURE_NO_INPUT },
		{ "conflict", FAILURE_TRY_LATER },
		{ "busy", FAILURE_TRY_LATER },
		{ "not-allowed", FAILURE_NO_PERMISSION },
		{ "unauthorized", FAILURE_NO_PERMISSION },
		{ "unavailable", FAILURE_UNAVAILABLE },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (text_same(all[i].code, code))
			return all[i].kind;
	return FAILURE_INTERNAL;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ 0, ms * 1000000 }, NULL);
}

/* Polls and retries that are due beyond the patience are the service's business. */
static void wait_for_rest(struct desk *desk, const char *id, instant until)
{
	int64_t left = until - instant_monotonic();

	while (left > 0 && !engine_is_at_rest(&desk->engine, id, instant_now() + left)) {
		pause_ms(LOOK_MS);
		left = until - instant_monotonic();
	}
}

static int64_t wait_s(const struct desk *desk)
{
	int64_t s = desk->engine.patience_ms / 1000;

	return s < 1 ? 1 : s < WAIT_MOST_S ? s : WAIT_MOST_S;
}

static void take_answer(
    struct desk *desk, unsigned status, const struct json *answer, instant until, char id[ID_TEXT])
{
	const char *changed = json_get_chars(answer, "id"),
		   *detail = json_get_chars(answer, "detail");

	if (status < 300 && changed) {
		snprintf(id, ID_TEXT, "%s", changed);
		if (status == 202)
			wait_for_rest(desk, id, until);
		return;
	}
	failure_set(&desk->why, kind_of(json_get_chars(answer, "code")), "%s",
	    detail ? detail : "the service's answer is not to be understood");
}

bool client_change(struct desk *desk, const char *path, const struct json *body, char id[ID_TEXT])
{
	struct client_call call = { .socket = service_socket(desk->generation, desk->arena),
		.path = path,
		.body = body,
		.actor = desk->engine.actor,
		.wait_s = wait_s(desk) };
	instant until = instant_monotonic() + desk->engine.patience_ms;
	struct failure why = { 0 };
	struct json *answer = NULL;
	unsigned status = 0;
	bool is_there;

	if (client_post(&call, &status, &answer, &is_there, &why)) {
		/* It stops, or has too much to do: nothing was done yet. */
		is_there = !text_same(json_get_chars(answer, "code"), "busy");
		if (is_there)
			take_answer(desk, status, answer, until, id);
	} else if (is_there) {
		failure_set(&desk->why, FAILURE_TRY_LATER,
		    "the service was asked and went away before its answer; look whether it was "
		    "done");
	}
	json_free(answer);
	return is_there;
}
