/* A server says whether all of its threads still go round. */
#include "server_fixture.h"

#include <sched.h>

static void eventually_turned(struct server *server)
{
	for (int i = 0; i < 1000; i++) {
		struct timespec pause = { 0, 5000000 };

		if (server_turned(server))
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("it does not turn");
}

static void an_idle_server_turns_whenever_it_is_asked(void **state)
{
	struct world w = { .options = { .threads = 3 } };

	(void)state;
	fixture_start(&w);
	for (int i = 0; i < 20; i++)
		eventually_turned(w.server);
	fixture_stop(&w, 1000);
}

static void a_thread_that_stands_still_is_told(void **state)
{
	struct world w = { .options = { .threads = 1 } };
	struct server_request *kept;
	int fd;

	(void)state;
	fixture_start(&w);
	eventually_turned(w.server);
	fd = raw_connect(w.port);
	pthread_mutex_lock(&w.lock); /* the handler of /never waits for it */
	raw_send(fd, TEXT("GET /never HTTP/1.1\r\nHost: a\r\n\r\n"));
	while (!atomic_load(&w.n_seen))
		sched_yield();
	server_turned(w.server); /* of the time before, perhaps */
	for (int i = 0; i < 100; i++)
		assert_false(server_turned(w.server));
	pthread_mutex_unlock(&w.lock);
	eventually_turned(w.server);
	fixture_await(&w);
	kept = w.kept;
	fixture_answer(kept);
	close(fd);
	fixture_stop(&w, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_server_turns_whenever_it_is_asked),
		cmocka_unit_test(a_thread_that_stands_still_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
