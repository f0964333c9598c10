/*
 * Many at once. A library that was tried stood still when a multiple of 128
 * connections was ready in one round, so those numbers and their neighbours are
 * tried here.
 */
#include "server_fixture.h"

#include <sys/resource.h>

#define ROUNDS 10
#define MOST 512

static void open_all(const struct world *w, int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fds[i] = raw_connect(w->port);
}

static void close_all(const int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

/* All ask before any answer is read. */
static void ask_all(const int *fds, unsigned n, const char *path)
{
	struct buffer request = { 0 };

	buffer_format(&request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
	for (unsigned i = 0; i < n; i++)
		raw_send(fds[i], buffer_as_text(&request));
	for (unsigned i = 0; i < n; i++) {
		struct buffer answer = { 0 };

		if (!raw_read_until(fds[i], &answer, path, RAW_MS))
			fail_msg("%u connections: number %u has no answer", n, i);
		buffer_free(&answer);
	}
	buffer_free(&request);
}

static void keep_busy(unsigned threads, const char *path)
{
	static const unsigned numbers[] = { 127, 128, 129, 255, 256, 257, 384, MOST };
	struct world *w = memory_new(sizeof *w);
	int fds[MOST];

	w->options.threads = threads;
	fixture_start(w);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		open_all(w, fds, numbers[i]);
		for (unsigned round = 0; round < ROUNDS; round++)
			ask_all(fds, numbers[i], path);
		close_all(fds, numbers[i]);
	}
	assert_int_equal(server_counts(w->server).refusals, 0);
	fixture_stop(w, 1000);
	free(w);
}

static void up_to_512_busy_connections_all_get_their_answers(void **state)
{
	(void)state;
	keep_busy(1, "/p");
}

static void and_so_they_do_from_other_threads(void **state)
{
	(void)state;
	keep_busy(1, "/later/0");
}

static void and_so_they_do_on_two_loops(void **state)
{
	(void)state;
	keep_busy(2, "/p");
	keep_busy(2, "/later/0");
}

static struct world *start_limited(unsigned connections, unsigned per_address)
{
	struct world *w = memory_new(sizeof *w);

	w->options.connections = connections;
	w->options.per_address = per_address;
	fixture_start(w);
	return w;
}

static void prove_turned_away(struct world *w, unsigned limit)
{
	int fds[8];

	open_all(w, fds, limit);
	ask_all(fds, limit, "/p");
	for (unsigned i = 0; i < 3; i++) {
		struct buffer answer = fixture_ask(w, TEXT(""));

		assert_int_equal(raw_status(&answer), 503);
		assert_true(raw_has(&answer, "\r\nRetry-After: 1\r\n"));
		buffer_free(&answer);
	}
	assert_int_equal(server_counts(w->server).turned_away, 3);
	ask_all(fds, limit, "/p"); /* those who are in stay in */
	close_all(fds, limit);
	while (server_counts(w->server).open)
		usleep(1000);
	open_all(w, fds, limit); /* and who leaves makes room */
	ask_all(fds, limit, "/p");
	close_all(fds, limit);
	fixture_stop(w, 1000);
	free(w);
}

static void connections_beyond_the_limit_are_turned_away(void **state)
{
	(void)state;
	prove_turned_away(start_limited(4, 0), 4);
}

static void connections_of_one_address_beyond_its_limit_are_turned_away(void **state)
{
	(void)state;
	prove_turned_away(start_limited(0, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_512_busy_connections_all_get_their_answers),
		cmocka_unit_test(and_so_they_do_from_other_threads),
		cmocka_unit_test(and_so_they_do_on_two_loops),
		cmocka_unit_test(connections_beyond_the_limit_are_turned_away),
		cmocka_unit_test(connections_of_one_address_beyond_its_limit_are_turned_away),
	};
	struct rlimit limit;

	/* Both ends of each connection are in this process. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 2 * MOST + 64) {
		limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
