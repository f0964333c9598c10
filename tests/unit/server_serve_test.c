/* What a proper client sends is understood and answered. */
#include "server_fixture.h"

static int start(void **state)
{
	*state = memory_new(sizeof(struct world));
	fixture_start(*state);
	return 0;
}

static int stop(void **state)
{
	fixture_stop(*state, 0);
	free(*state);
	return 0;
}

static void prove(struct world *w, const char *bytes, unsigned status, const char *part)
{
	struct buffer answer = fixture_ask(w, text_of(bytes));

	if (raw_status(&answer) != status || !raw_has(&answer, part))
		fail_msg("to %s\ncame not %u with %s but\n%s", bytes, status, part,
		    answer.n ? answer.p : "(nothing)");
	buffer_free(&answer);
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void targets_are_decoded_into_segments_and_parameters(void **state)
{
	static const struct {
		const char *bytes, *part;
	} cases[] = {
		{ GET("/tell"), "\r\n\r\n<tell>" },
		{ GET("/tell/a%2Fb/c%20d/"), "<tell><a/b><c d><>" },
		{ GET("/tell/%C3%A9/..."), "<tell><\xc3\xa9><...>" },
		{ GET("/tell?a=1&b=x+y%2B&c&&a=2"), "(a=1)(b=x y+)(c=)(a=2)a is 1" },
		{ GET("/tell?"), "<tell>" },
		{ GET("/tell?x=/?:@"), "(x=/?:@)" },
		{ GET("http://a/tell/b?a=c"), "<tell><b>(a=c)" },
		{ GET("HTTP://A/tell"), "<tell>" },
		{ GET("http://a"), "\r\n\r\n/" },
		{ "GET /tell HTTP/1.1\r\nhOST:\t[::1]:80 \r\nconnection: x, Close\r\n\r\n",
		    "<tell>" },
		{ "GET /tell HTTP/1.0\r\n\r\n", "<tell>" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		prove(*state, cases[i].bytes, 200, cases[i].part);
}

#define CHUNKS                                                                                     \
	"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: "             \
	"close\r\n\r\n"                                                                            \
	"3\r\nabc\r\n00a;x=\"y\"\r\n0123456789\r\n0\r\n\r\n"
#define COUNTED                                                                                    \
	"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\0\n\r{}"

static void bodies_arrive_whole(void **state)
{
	struct buffer answer = fixture_ask(*state, TEXT(COUNTED));

	assert_int_equal(raw_status(&answer), 201);
	assert_true(raw_has(&answer, "X-Length: 5\r\n"));
	assert_true(raw_has(&answer, "POST 5 "));
	buffer_free(&answer);
	prove(*state, CHUNKS, 201, "POST 13 unix=0 uid=0 pid=0 from 127.0.0.1 [abc0123456789]");
}

static void a_request_may_come_in_any_two_pieces(void **state)
{
	struct world *w = *state;
	struct text whole = TEXT(CHUNKS);

	for (size_t cut = 1; cut < whole.n; cut++) {
		struct buffer answer = { 0 };
		int fd = raw_connect(w->port);

		raw_send(fd, (struct text){ whole.p, cut });
		usleep(200);
		raw_send(fd, (struct text){ whole.p + cut, whole.n - cut });
		assert_true(raw_read_all(fd, &answer, RAW_MS));
		assert_true(raw_has(&answer, "[abc0123456789]"));
		close(fd);
		buffer_free(&answer);
	}
}

static void answers_say_what_they_must(void **state)
{
	struct buffer answer = fixture_ask(*state, TEXT(GET("/echo")));

	assert_true(raw_has(&answer, "HTTP/1.1 201 Created\r\nDate: "));
	assert_true(raw_has(&answer, " GMT\r\nContent-Type: text/plain\r\nContent-Length: "));
	assert_true(raw_has(&answer, "\r\nConnection: close\r\n"));
	assert_false(raw_has(&answer, "X-Odd")); /* it would have split the answer */
	assert_false(raw_has(&answer, "X-Split"));
	buffer_free(&answer);
}

static void head_and_204_have_no_body(void **state)
{
	struct buffer answer = fixture_ask(
	    *state, TEXT("HEAD /tell HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));

	assert_true(raw_has(&answer, "\r\nContent-Length: 6\r\n"));
	assert_string_equal(answer.p + answer.n - 4, "\r\n\r\n");
	buffer_free(&answer);
	answer = fixture_ask(*state, TEXT(GET("/nothing")));
	assert_int_equal(raw_status(&answer), 204);
	assert_false(raw_has(&answer, "Content-"));
	buffer_free(&answer);
}

static void requests_sent_ahead_are_answered_in_order(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = raw_connect(w->port);

	raw_say(fd,
	    "GET /later/30 HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET /second HTTP/1.1\r\nHost: a\r\n\r\n"
	    "POST /later/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" GET("/last"));
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_int_equal(raw_answers(&answer), 4);
	assert_true(strstr(answer.p, "/later/30") < strstr(answer.p, "/second"));
	assert_true(strstr(answer.p, "/second") < strstr(answer.p, "/later/1H"));
	assert_true(strstr(answer.p, "/later/1H") < strstr(answer.p, "/last"));
	close(fd);
	buffer_free(&answer);
}

static void a_thousand_requests_sent_ahead_are_all_answered(void **state)
{
	struct world *w = *state;
	struct buffer all = { 0 }, answer;

	for (unsigned i = 0; i < 1000; i++)
		buffer_format(&all, "GET /%u HTTP/1.1\r\nHost: a\r\n\r\n", i);
	buffer_text(&all, GET("/end"));
	answer = fixture_ask(w, buffer_as_text(&all));
	assert_int_equal(raw_answers(&answer), 1001);
	buffer_free(&all);
	buffer_free(&answer);
}

static void a_connection_is_kept_until_someone_closes_it(void **state)
{
	struct world *w = *state;
	int fd = raw_connect(w->port);

	for (unsigned i = 0; i < 3; i++) {
		struct buffer answer = { 0 };

		raw_say(fd, "GET /tell HTTP/1.1\r\nHost: a\r\n\r\n");
		assert_true(raw_read_until(fd, &answer, "<tell>", RAW_MS));
		assert_false(raw_has(&answer, "Connection:"));
		buffer_free(&answer);
	}
	assert_int_equal(server_counts(w->server).connections, 1);
	close(fd);
}

static void a_client_that_ends_its_side_still_gets_its_answer(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = raw_connect(w->port);

	raw_say(fd, "GET /later/50 HTTP/1.1\r\nHost: a\r\n\r\n");
	shutdown(fd, SHUT_WR);
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_int_equal(raw_status(&answer), 200);
	close(fd);
	buffer_free(&answer);
}

static void a_body_is_asked_for_when_the_client_waits_for_that(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = raw_connect(w->port);

	raw_say(fd,
	    "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n"
	    "Expect: 100-continue\r\n\r\n");
	assert_true(raw_read_until(fd, &answer, "HTTP/1.1 100 Continue\r\n\r\n", RAW_MS));
	raw_say(fd, "ok");
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_true(raw_has(&answer, "[ok]"));
	close(fd);
	buffer_free(&answer);
	prove(w,
	    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: "
	    "100-continue\r\n\r\n",
	    413, "body-too-large");
}

static void a_large_answer_arrives_whole(void **state)
{
	struct buffer answer = fixture_ask(*state, TEXT(GET("/large/8000000")));

	assert_true(answer.n > 8000000);
	buffer_free(&answer);
}

static void a_client_that_goes_away_harms_nobody(void **state)
{
	struct world *w = *state;
	int fd = raw_connect(w->port);

	raw_say(fd, "GET /later/20 HTTP/1.1\r\nHost: a\r\n\r\n");
	close(fd);
	fd = raw_connect(w->port);
	raw_say(fd, GET("/large/8000000"));
	close(fd);
	usleep(60000);
	prove(w, GET("/tell"), 200, "<tell>");
}

#define ON_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SERVER(targets_are_decoded_into_segments_and_parameters),
		ON_SERVER(bodies_arrive_whole),
		ON_SERVER(a_request_may_come_in_any_two_pieces),
		ON_SERVER(answers_say_what_they_must),
		ON_SERVER(head_and_204_have_no_body),
		ON_SERVER(requests_sent_ahead_are_answered_in_order),
		ON_SERVER(a_thousand_requests_sent_ahead_are_all_answered),
		ON_SERVER(a_connection_is_kept_until_someone_closes_it),
		ON_SERVER(a_client_that_ends_its_side_still_gets_its_answer),
		ON_SERVER(a_body_is_asked_for_when_the_client_waits_for_that),
		ON_SERVER(a_large_answer_arrives_whole),
		ON_SERVER(a_client_that_goes_away_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
