#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/memory.h"
#include "http/http.h"
#include "support/stub.h"

/* What the server does, by the path that is asked for. */
static void answer(void *context, const struct stub_request *r, struct buffer *reply)
{
	struct buffer *seen = context;

	buffer_format(seen, "%s %s|%.*s|%s\n", r->method, r->target,
	    TEXT_ARGS(stub_header(r, "X-Test")), r->body.p ? r->body.p : "");
	if (strcmp(r->target, "/redirect") == 0)
		stub_reply(reply, 302, "Location: /elsewhere\r\n", "");
	else if (strcmp(r->target, "/huge") == 0)
		buffer_format(reply, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n%05000d", 1);
	else if (strcmp(r->target, "/cut") == 0)
		buffer_text(reply,
		    "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhalf");
	else if (strcmp(r->target, "/half-head") == 0)
		buffer_text(reply, "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: a");
	else if (strcmp(r->target, "/headers") == 0)
		buffer_format(reply,
		    "HTTP/1.1 202 OK\r\nLocation: https://h.example/%020000d\r\nContent-Length: "
		    "0\r\n\r\n",
		    7);
	else if (strcmp(r->target, "/busy") == 0)
		stub_reply(reply, 429, "Retry-After: 7\r\n", "");
	else if (strcmp(r->target, "/busy-ms") == 0)
		stub_reply(reply, 429, "x-ms-retry-after-ms: 1500\r\nRetry-After: 7\r\n", "");
	else if (strcmp(r->target, "/slow") == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 600000000 }, NULL);
	else if (strcmp(r->target, "/close") != 0)
		stub_reply(reply, 200, "X-Seen: yes\r\n", "{\"a\":1}");
}

struct world {
	struct buffer seen;
	struct stub *stub;
	struct http *http;
	const char *origins[1];
	struct http_reply reply;
	struct failure why;
	char *url;
};

static int set_up(void **state)
{
	struct world *w = memory_new(sizeof *w);

	w->stub = stub_new(answer, &w->seen, false);
	w->http = http_new(NULL);
	w->origins[0] = stub_origin(w->stub);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	http_reply_free(&w->reply);
	http_free(w->http);
	stub_free(w->stub);
	buffer_free(&w->seen);
	free(w->url);
	free(w);
	return 0;
}

static bool run(struct world *w, struct http_request request, const char *path)
{
	struct buffer url = { 0 };

	buffer_format(&url, "%s%s", w->origins[0], path);
	free(w->url);
	w->url = buffer_steal(&url);
	request.url = w->url;
	request.origins = w->origins;
	request.n_origins = 1;
	if (!request.method)
		request.method = "GET";
	http_reply_free(&w->reply);
	w->why = (struct failure){ 0 };
	return http_exchange(w->http, &request, 0, &w->reply, &w->why);
}

static void an_exchange_carries_headers_and_body(void **state)
{
	struct world *w = *state;
	const struct http_header headers[] = { { TEXT("X-Test"), TEXT("yes") } };

	assert_true(run(w,
	    (struct http_request){ .method = "POST",
		.headers = headers,
		.n_headers = 1,
		.body = TEXT("hello"),
		.has_body = true },
	    "/a?b=c"));
	assert_int_equal(w->reply.status, 200);
	assert_string_equal(w->reply.body.p, "{\"a\":1}");
	assert_true(text_is(http_reply_header(&w->reply, "x-seen"), "yes"));
	assert_int_equal(http_reply_header(&w->reply, "x-see").n, 0);
	assert_string_equal(w->seen.p, "POST /a?b=c|yes|hello\n");
	assert_int_equal(w->reply.retry_after_ms, -1);
}

static void methods_without_a_body_have_none(void **state)
{
	struct world *w = *state;

	assert_true(run(w, (struct http_request){ .method = "PUT" }, "/put"));
	assert_true(run(w, (struct http_request){ .method = "DELETE" }, "/delete"));
	assert_true(
	    run(w, (struct http_request){ .method = "PATCH", .has_body = true, .body = TEXT("x") },
		"/../patch"));
	assert_string_equal(w->seen.p, "PUT /put||\nDELETE /delete||\nPATCH /../patch||x\n");
	assert_int_equal(stub_connections(w->stub), 1); /* kept */
}

static void redirects_are_not_followed(void **state)
{
	struct world *w = *state;

	assert_true(run(w, (struct http_request){ 0 }, "/redirect"));
	assert_int_equal(w->reply.status, 302);
	assert_int_equal(stub_requests(w->stub), 1);
}

static void a_foreign_origin_is_refused_before_anything_is_sent(void **state)
{
	struct world *w = *state;
	struct http_request request = { .method = "GET",
		.url = "https://elsewhere.example/",
		.origins = w->origins,
		.n_origins = 1 };

	assert_false(http_exchange(w->http, &request, 0, &w->reply, &w->why));
	assert_int_equal(w->why.kind, FAILURE_CONFIG);
	assert_non_null(strstr(w->why.text, "https://elsewhere.example"));
	assert_false(w->reply.may_have_arrived);
	assert_int_equal(stub_requests(w->stub), 0);
}

static void malformed_headers_are_refused(void **state)
{
	struct world *w = *state;
	const struct http_header bad[] = { { TEXT("X"), TEXT("a\r\nY: b") },
		{ TEXT("X Y"), TEXT("a") } };

	for (size_t i = 0; i < 2; i++) {
		assert_false(
		    run(w, (struct http_request){ .headers = &bad[i], .n_headers = 1 }, "/"));
		assert_int_equal(w->why.kind, FAILURE_CONFIG);
	}
	assert_false(run(w, (struct http_request){ .method = "GE T" }, "/"));
	assert_int_equal(stub_requests(w->stub), 0);
}

static void a_long_reply_is_an_error(void **state)
{
	struct world *w = *state;

	assert_false(run(w, (struct http_request){ .max_bytes = 4999 }, "/huge"));
	assert_int_equal(w->why.kind, FAILURE_UNAVAILABLE);
	assert_int_equal(w->reply.status, 0);
	assert_true(w->reply.may_have_arrived);
	assert_non_null(strstr(w->reply.problem, "longer than the limit"));
	assert_true(run(w, (struct http_request){ .max_bytes = 5000 }, "/huge"));
}

static void long_headers_come_whole(void **state)
{
	struct world *w = *state;

	assert_true(run(w, (struct http_request){ 0 }, "/headers"));
	assert_int_equal(w->reply.status, 202);
	assert_int_equal(http_reply_header(&w->reply, "Location").n, 18 + 20000);
}

static void half_a_reply_is_none(void **state)
{
	struct world *w = *state;

	assert_false(run(w, (struct http_request){ 0 }, "/cut"));
	assert_int_equal(w->reply.status, 0);
	assert_true(w->reply.may_have_arrived);
}

/* A 200 or 404 whose head was cut off says nothing about what was asked. */
static void half_a_head_is_no_reply(void **state)
{
	struct world *w = *state;

	assert_false(run(w, (struct http_request){ 0 }, "/half-head"));
	assert_int_equal(w->reply.status, 0);
	assert_true(w->reply.may_have_arrived);
}

static void retry_after_is_read(void **state)
{
	struct world *w = *state;

	assert_true(run(w, (struct http_request){ 0 }, "/busy"));
	assert_int_equal(w->reply.retry_after_ms, 7000);
	assert_true(run(w, (struct http_request){ 0 }, "/busy-ms"));
	assert_int_equal(w->reply.retry_after_ms, 1500);
}

static void a_lost_reply_may_have_arrived(void **state)
{
	struct world *w = *state;

	assert_false(run(w, (struct http_request){ .method = "POST" }, "/close"));
	assert_int_equal(w->why.kind, FAILURE_UNAVAILABLE);
	assert_true(w->reply.may_have_arrived);
	assert_false(run(w, (struct http_request){ .method = "POST", .timeout_ms = 200 }, "/slow"));
	assert_true(w->reply.may_have_arrived);
}

static void nobody_listening_means_that_nothing_arrived(void **state)
{
	struct world *w = *state;
	static const char *const origins[] = { "http://127.0.0.1:9" };
	struct http_request request = {
		.method = "POST", .url = "http://127.0.0.1:9/", .origins = origins, .n_origins = 1
	};

	assert_false(http_exchange(w->http, &request, 0, &w->reply, &w->why));
	assert_int_equal(w->why.kind, FAILURE_UNAVAILABLE);
	assert_false(w->reply.may_have_arrived);
}

/* curl sends again by itself when a kept connection turns out to be dead. */
static void what_must_not_repeat_is_sent_once(void **state)
{
	struct world *w = *state;

	assert_true(run(w, (struct http_request){ 0 }, "/first"));
	assert_false(
	    run(w, (struct http_request){ .method = "POST", .must_not_repeat = true }, "/close"));
	assert_int_equal(stub_requests(w->stub), 2);
	assert_true(w->reply.may_have_arrived);
}

static void an_unknown_certificate_is_refused_and_nothing_is_sent(void **state)
{
	struct world *w = *state;
	struct stub *tls = stub_new(answer, &w->seen, true);
	struct http_options trusting = { .ca_file = stub_certificate(tls) };
	struct http *other = http_new(&trusting);
	const char *origins[] = { stub_origin(tls) };
	struct http_request request = {
		.method = "POST", .url = stub_origin(tls), .origins = origins, .n_origins = 1
	};

	assert_false(http_exchange(w->http, &request, 0, &w->reply, &w->why));
	assert_int_equal(w->why.kind, FAILURE_UNAVAILABLE);
	assert_false(w->reply.may_have_arrived);
	assert_int_equal(stub_requests(tls), 0);
	http_reply_free(&w->reply);
	w->why = (struct failure){ 0 };
	assert_true(http_exchange(other, &request, 0, &w->reply, &w->why));
	http_free(other);
	stub_free(tls);
}

static void count_done(
    void *context, bool has_reply, struct http_reply *reply, const struct failure *why)
{
	(void)why;
	assert_true(has_reply);
	assert_int_equal(reply->status, 200);
	++*(int *)context;
}

static void many_are_in_flight_at_once(void **state)
{
	struct world *w = *state;
	struct http_request request = {
		.method = "GET", .url = w->origins[0], .origins = w->origins, .n_origins = 1
	};
	int done = 0;

	for (int i = 0; i < 30; i++)
		assert_true(http_begin(w->http, &request, 0, count_done, &done, &w->why));
	while (http_run(w->http, 1000))
		;
	assert_int_equal(done, 30);
	assert_true(
	    http_begin(w->http, &request, 0, count_done, &done, &w->why)); /* freed on the way */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(an_exchange_carries_headers_and_body),
		TEST(methods_without_a_body_have_none),
		TEST(redirects_are_not_followed),
		TEST(a_foreign_origin_is_refused_before_anything_is_sent),
		TEST(malformed_headers_are_refused),
		TEST(a_long_reply_is_an_error),
		TEST(long_headers_come_whole),
		TEST(half_a_reply_is_none),
		TEST(half_a_head_is_no_reply),
		TEST(retry_after_is_read),
		TEST(a_lost_reply_may_have_arrived),
		TEST(nobody_listening_means_that_nothing_arrived),
		TEST(what_must_not_repeat_is_sent_once),
		TEST(an_unknown_certificate_is_refused_and_nothing_is_sent),
		TEST(many_are_in_flight_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
