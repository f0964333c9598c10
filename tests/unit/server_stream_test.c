/* Streams: fed from any thread, bounded, cut off when the reader is too slow. */
#include "server_fixture.h"

#define ASK "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"

static int start(void **state)
{
	struct world *w = memory_new(sizeof *w);

	w->options.stream_bytes = 100000;
	fixture_start(w);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;

	server_stream_end(w->stream);
	w->stream = NULL;
	fixture_stop(w, 0);
	free(w);
	return 0;
}

static int open_stream(struct world *w, const char *request)
{
	int fd = raw_connect(w->port);

	raw_say(fd, request);
	fixture_await(w);
	return fd;
}

static void end_stream(struct world *w)
{
	server_stream_end(w->stream);
	w->stream = NULL;
}

static void a_stream_sends_what_it_is_given_as_it_comes(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = open_stream(w, ASK);

	assert_true(raw_read_until(fd, &answer, "\r\n\r\n", RAW_MS));
	assert_true(raw_has(&answer, "\r\nContent-Type: text/event-stream\r\n"));
	assert_true(raw_has(&answer, "\r\nTransfer-Encoding: chunked\r\n"));
	assert_true(server_stream_send(w->stream, TEXT("data: one\n\n")));
	assert_true(raw_read_until(fd, &answer, "b\r\ndata: one\n\n\r\n", RAW_MS));
	assert_true(server_stream_send(w->stream, TEXT("data: two\n\n")));
	assert_true(raw_read_until(fd, &answer, "b\r\ndata: two\n\n\r\n", RAW_MS));
	end_stream(w);
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_string_equal(answer.p + answer.n - 5, "0\r\n\r\n");
	close(fd);
	buffer_free(&answer);
}

static void what_is_sent_before_the_end_arrives_before_the_end(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = open_stream(w, ASK);

	for (unsigned i = 0; i < 100; i++)
		assert_true(server_stream_send(w->stream, TEXT("0123456789")));
	end_stream(w);
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_true(answer.n > 1000);
	assert_string_equal(answer.p + answer.n - 7, "\r\n0\r\n\r\n");
	close(fd);
	buffer_free(&answer);
}

static void an_old_client_gets_a_stream_without_chunks(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = open_stream(w, "GET /stream HTTP/1.0\r\n\r\n");

	server_stream_send(w->stream, TEXT("data: one\n\n"));
	end_stream(w);
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_true(raw_has(&answer, "\r\n\r\ndata: one\n\n"));
	assert_false(raw_has(&answer, "chunked"));
	close(fd);
	buffer_free(&answer);
}

static void a_stream_asked_for_with_head_is_its_head(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = open_stream(w, "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");

	assert_false(server_stream_send(w->stream, TEXT("data: one\n\n")));
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_string_equal(answer.p + answer.n - 4, "\r\n\r\n");
	close(fd);
	buffer_free(&answer);
}

static bool feed(struct world *w, unsigned times)
{
	static char bytes[1000];
	bool taken = true;

	memset(bytes, 'x', sizeof bytes);
	for (unsigned i = 0; taken && i < times; i++)
		taken = server_stream_send(w->stream, (struct text){ bytes, sizeof bytes });
	return taken;
}

static void a_reader_that_is_too_slow_is_cut_off(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	int fd = open_stream(w, ASK);

	/* More than the kernel's buffers and ours hold. */
	assert_false(feed(w, 100000));
	while (server_counts(w->server).open)
		usleep(1000);
	assert_int_equal(server_counts(w->server).streams_cut, 1);
	raw_read_all(fd, &answer, RAW_MS);
	assert_string_not_equal(answer.p + answer.n - 5, "0\r\n\r\n"); /* it can tell */
	close(fd);
	buffer_free(&answer);
}

static void a_reader_that_takes_nothing_is_cut_off_in_time(void **state)
{
	struct world *w = memory_new(sizeof *w);
	int fd;

	(void)state;
	w->options.write_ms = 100;
	w->options.stream_bytes = (size_t)64 << 20; /* so that only the time can cut it */
	fixture_start(w);
	fd = open_stream(w, ASK);
	feed(w, 16000); /* a slow machine may need longer for it than the reader gets */
	while (server_counts(w->server).open)
		usleep(1000);
	assert_false(feed(w, 1));
	assert_int_equal(server_counts(w->server).streams_cut, 1);
	assert_int_equal(server_counts(w->server).timeouts, 1);
	close(fd);
	end_stream(w);
	fixture_stop(w, 0);
	free(w);
}

static void a_reader_that_goes_away_is_noticed_without_sending(void **state)
{
	struct world *w = *state;
	int fd = open_stream(w, ASK);

	assert_true(server_stream_send(w->stream, TEXT("data: one\n\n")));
	close(fd);
	while (server_counts(w->server).open)
		usleep(1000);
	assert_false(server_stream_send(w->stream, TEXT("data: two\n\n")));
	assert_int_equal(server_counts(w->server).streams_cut, 0);
}

static void stopping_ends_streams_properly(void **state)
{
	struct world *w = memory_new(sizeof *w);
	struct buffer answer = { 0 };
	int fd;

	(void)state;
	fixture_start(w);
	fd = open_stream(w, ASK);
	server_stream_send(w->stream, TEXT("data: one\n\n"));
	assert_true(raw_read_until(fd, &answer, "one", RAW_MS));
	shutdown(fd, SHUT_WR); /* else the server waits for us to close */
	assert_int_equal(fixture_stop(w, 1000), 0);
	assert_false(server_stream_send(w->stream, TEXT("data: two\n\n")));
	server_stream_end(w->stream);
	raw_read_all(fd, &answer, RAW_MS);
	assert_true(raw_has(&answer, "one"));
	close(fd);
	buffer_free(&answer);
	free(w);
}

#define THREADS 4
#define EACH 200

static void *send_some(void *stream)
{
	for (unsigned i = 0; i < EACH; i++) {
		server_stream_send(stream, TEXT("data: x\n\n"));
		usleep(10);
	}
	return NULL;
}

static void several_threads_may_feed_one_stream(void **state)
{
	struct world *w = *state;
	struct buffer answer = { 0 };
	pthread_t threads[THREADS];
	unsigned n = 0;
	int fd = open_stream(w, ASK);

	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, send_some, w->stream);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	end_stream(w);
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	for (const char *at = answer.p; (at = strstr(at, "data: x\n\n")); at++)
		n++;
	assert_int_equal(n, THREADS * EACH);
	close(fd);
	buffer_free(&answer);
}

#define ON_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SERVER(a_stream_sends_what_it_is_given_as_it_comes),
		ON_SERVER(what_is_sent_before_the_end_arrives_before_the_end),
		ON_SERVER(an_old_client_gets_a_stream_without_chunks),
		ON_SERVER(a_stream_asked_for_with_head_is_its_head),
		ON_SERVER(a_reader_that_is_too_slow_is_cut_off),
		cmocka_unit_test(a_reader_that_takes_nothing_is_cut_off_in_time),
		ON_SERVER(a_reader_that_goes_away_is_noticed_without_sending),
		ON_SERVER(several_threads_may_feed_one_stream),
		cmocka_unit_test(stopping_ends_streams_properly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
