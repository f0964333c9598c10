/* What is not read in one way only is refused, from outside, over real sockets. */
#include "server_fixture.h"
#include "server_forms.h"

static int start(void **state)
{
	struct world *w = memory_new(sizeof *w);

	w->options.head_ms = 1000;
	w->options.body_ms = 1000;
	w->options.idle_ms = 1000;
	w->options.reply_ms = 1000;
	w->options.body_bytes = 100000;
	w->options.head_bytes = 8192;
	fixture_start(w);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	fixture_stop(*state, 0);
	free(*state);
	return 0;
}

static void prove_refused(struct world *w, const char *name, struct text bytes, unsigned status)
{
	struct buffer answer = fixture_ask(w, bytes);
	const char *body = answer.n ? strstr(answer.p, "\r\n\r\n") : NULL;

	if (raw_status(&answer) != status || raw_answers(&answer) != 1 ||
	    !raw_has(&answer, "\r\nConnection: close\r\n") ||
	    !raw_has(&answer, "\r\nContent-Type: application/problem+json\r\n") || !body ||
	    body[4] != '{')
		fail_msg("%s: not refused with %u but answered\n%s", name, status,
		    answer.n ? answer.p : "(nothing)");
	buffer_free(&answer);
}

static void every_odd_form_is_refused_and_hides_no_second_request(void **state)
{
	struct world *w = *state;

	assert_true(N_FORMS >= 45);
	for (size_t i = 0; i < N_FORMS; i++)
		prove_refused(w, forms[i].name, forms[i].bytes, forms[i].status);
	assert_int_equal(w->n_seen, 0);
	assert_int_equal(server_counts(w->server).refusals, N_FORMS);
}

static void a_form_is_refused_as_well_when_it_comes_byte_by_byte(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_FORMS; i += 7) {
		struct buffer answer = { 0 };
		int fd = raw_connect(w->port);

		for (size_t at = 0; at < forms[i].bytes.n; at++)
			raw_send(fd, (struct text){ forms[i].bytes.p + at, 1 });
		assert_true(raw_read_all(fd, &answer, RAW_MS));
		/* What comes too late for an end is slow, not odd: both are refused. */
		assert_true(raw_status(&answer) >= 400);
		assert_int_equal(raw_answers(&answer), 1);
		close(fd);
		buffer_free(&answer);
	}
	assert_int_equal(w->n_seen, 0);
}

static void a_form_is_refused_behind_a_good_request_too(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_FORMS; i++) {
		struct buffer sent = { 0 }, answer;

		buffer_text(&sent, "GET /good HTTP/1.1\r\nHost: a\r\n\r\n");
		buffer_append(&sent, forms[i].bytes.p, forms[i].bytes.n);
		answer = fixture_ask(w, buffer_as_text(&sent));
		if (raw_status(&answer) != 200 || raw_answers(&answer) != 2)
			fail_msg("%s: %s", forms[i].name, answer.n ? answer.p : "");
		buffer_free(&answer);
		buffer_free(&sent);
	}
	assert_int_equal(w->n_smuggled, 0);
	assert_int_equal(w->n_seen, N_FORMS);
}

static struct buffer filled(const char *before, size_t n, const char *after)
{
	struct buffer out = { 0 };

	buffer_text(&out, before);
	for (size_t i = 0; i < n; i++)
		buffer_char(&out, 'a');
	buffer_text(&out, after);
	return out;
}

static void what_is_too_large_is_refused(void **state)
{
	static const struct {
		const char *before, *after;
		size_t n;
		unsigned status;
	} cases[] = {
		{ "GET /", " HTTP/1.1\r\nHost: a\r\n\r\n", 5000, 414 },
		{ "GET /", "", 20000, 414 },
		{ "GET /?a=", " HTTP/1.1\r\nHost: a\r\n\r\n", 5000, 414 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n", 9000, 431 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX: ", "", 20000, 431 },
		{ "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n", "", 10, 413 },
		{ "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186a1\r\n", "",
		    10, 413 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buffer bytes = filled(cases[i].before, cases[i].n, cases[i].after);

		prove_refused(*state, cases[i].before, buffer_as_text(&bytes), cases[i].status);
		buffer_free(&bytes);
	}
}

static void too_many_fields_segments_or_parameters_are_refused(void **state)
{
	static const struct {
		const char *before, *each, *after;
		unsigned n, status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", "\r\n", 100, 431 },
		{ "GET ", "/a", " HTTP/1.1\r\nHost: a\r\n\r\n", 17, 414 },
		{ "GET /?", "a=b&", " HTTP/1.1\r\nHost: a\r\n\r\n", 33, 414 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buffer bytes = { 0 };

		buffer_text(&bytes, cases[i].before);
		for (unsigned n = 0; n < cases[i].n; n++)
			buffer_text(&bytes, cases[i].each);
		buffer_text(&bytes, cases[i].after);
		prove_refused(*state, cases[i].before, buffer_as_text(&bytes), cases[i].status);
		buffer_free(&bytes);
	}
}

static void many_small_chunks_do_not_get_past_the_limit(void **state)
{
	struct world *w = *state;
	struct buffer bytes = { 0 };

	buffer_text(&bytes, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < 101; i++)
		buffer_format(&bytes, "3e8\r\n%01000d\r\n", 0);
	prove_refused(w, "many chunks", buffer_as_text(&bytes), 413);
	buffer_free(&bytes);
	assert_int_equal(w->n_seen, 0);
}

static void slow_requests_are_refused(void **state)
{
	static const char *const cases[] = { "GET / HTTP/1.1\r\nHo",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc" };

	for (size_t i = 0; i < 3; i++)
		prove_refused(*state, cases[i], text_of(cases[i]), 408);
	assert_int_equal(server_counts(((struct world *)*state)->server).timeouts, 3);
}

static void a_drip_of_bytes_does_not_extend_the_time(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = raw_connect(w->port), n;

	raw_say(fd, "GET / HTTP/1.1\r\nX: ");
	/* Twice the time that a head has: at just that time, the last round would decide. */
	for (n = 0; n < 100 && !raw_read_until(fd, &answer, "HTTP", 20); n++)
		raw_say(fd, "a");
	assert_true(n < 100);
	assert_int_equal(raw_status(&answer), 408);
	close(fd);
	buffer_free(&answer);
}

static void a_silent_connection_is_closed_without_a_word(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fresh = raw_connect(w->port), used = raw_connect(w->port);

	raw_say(used, "GET /p HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(raw_read_all(used, &answer, RAW_MS));
	assert_int_equal(raw_answers(&answer), 1);
	assert_true(raw_read_all(fresh, &answer, RAW_MS));
	assert_int_equal(raw_answers(&answer), 1);
	close(fresh);
	close(used);
	buffer_free(&answer);
}

static void a_request_cut_off_by_its_sender_is_refused(void **state)
{
	static const char *const cases[] = { "GET / HTTP/1.1\r\nHo",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n" };
	struct world *w = *state;

	for (size_t i = 0; i < 2; i++) {
		struct buffer answer = { 0 };
		int fd = raw_connect(w->port);

		raw_say(fd, cases[i]);
		shutdown(fd, SHUT_WR);
		assert_true(raw_read_all(fd, &answer, RAW_MS));
		assert_int_equal(raw_status(&answer), 400);
		close(fd);
		buffer_free(&answer);
	}
	assert_int_equal(w->n_seen, 0);
}

static void an_answer_that_never_comes_is_a_500_and_may_still_come(void **state)
{
	struct world *w = *state;

	prove_refused(w, "never", TEXT("GET /never HTTP/1.1\r\nHost: a\r\n\r\n"), 500);
	assert_non_null(w->kept);
	assert_int_equal(server_counts(w->server).waiting, 0);
	fixture_answer(w->kept);
}

static void odd_problem(
    void *context, unsigned status, const char *code, const char *detail, struct buffer *body)
{
	struct world *w = context;

	assert_non_null(w);
	buffer_format(
	    body, "{\"mine\":%u,\"code\":\"%s\",\"detail\":\"%s\"}", status, code, detail);
}

static void the_service_may_word_refusals_itself(void **state)
{
	struct world *w = memory_new(sizeof *w);
	struct buffer answer;

	(void)state;
	w->options.problem = odd_problem;
	fixture_start(w);
	answer = fixture_ask(w, TEXT("GET / HTTP/3.0\r\n\r\n"));
	assert_true(raw_has(&answer, "{\"mine\":505,\"code\":\"version\""));
	buffer_free(&answer);
	fixture_stop(w, 0);
	free(w);
}

#define ON_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SERVER(every_odd_form_is_refused_and_hides_no_second_request),
		ON_SERVER(a_form_is_refused_as_well_when_it_comes_byte_by_byte),
		ON_SERVER(a_form_is_refused_behind_a_good_request_too),
		ON_SERVER(what_is_too_large_is_refused),
		ON_SERVER(too_many_fields_segments_or_parameters_are_refused),
		ON_SERVER(many_small_chunks_do_not_get_past_the_limit),
		ON_SERVER(slow_requests_are_refused),
		ON_SERVER(a_drip_of_bytes_does_not_extend_the_time),
		ON_SERVER(a_silent_connection_is_closed_without_a_word),
		ON_SERVER(a_request_cut_off_by_its_sender_is_refused),
		ON_SERVER(an_answer_that_never_comes_is_a_500_and_may_still_come),
		cmocka_unit_test(the_service_may_word_refusals_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
