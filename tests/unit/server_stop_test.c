/* Stopping: what is under way is answered, until the deadline; nothing is left behind. */
#include "server_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include "base/instant.h"

static struct world *start(unsigned threads)
{
	struct world *w = memory_new(sizeof *w);

	w->options.threads = threads;
	fixture_start(w);
	return w;
}

static void a_request_under_way_is_answered_before_the_end(void **state)
{
	struct world *w = start(1);
	struct buffer answer = { 0 };
	int fd = raw_connect(w->port), idle = raw_connect(w->port);

	(void)state;
	raw_say(fd, "GET /later/200 HTTP/1.1\r\nHost: a\r\n\r\n");
	while (!server_counts(w->server).waiting)
		usleep(1000);
	shutdown(fd, SHUT_WR);
	assert_int_equal(fixture_stop(w, RAW_MS), 0);
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_int_equal(raw_status(&answer), 200);
	assert_true(raw_has(&answer, "\r\nConnection: close\r\n"));
	buffer_free(&answer);
	assert_true(raw_read_all(idle, &answer, RAW_MS));
	assert_int_equal(answer.n, 0);
	close(fd);
	close(idle);
	free(w);
}

static void the_deadline_cuts_off_what_is_not_answered(void **state)
{
	struct world *w = start(1);
	struct buffer answer = { 0 };
	int fd = raw_connect(w->port);
	int64_t begin;

	(void)state;
	raw_say(fd, "GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
	fixture_await(w);
	begin = instant_monotonic();
	assert_int_equal(fixture_stop(w, 100), 1);
	assert_true(instant_monotonic() - begin >= 100);
	assert_true(instant_monotonic() - begin < RAW_MS);
	assert_true(raw_read_all(fd, &answer, RAW_MS));
	assert_int_equal(answer.n, 0);
	/* The request is still ours, and is read and answered without harm. */
	assert_true(text_is(server_path(w->kept), "/never"));
	fixture_answer(w->kept);
	close(fd);
	free(w);
}

static void a_stopped_server_gives_its_port_back(void **state)
{
	struct world *w = start(2);
	struct world other = { 0 };
	struct buffer address = { 0 };
	int fd = raw_connect(w->port);

	(void)state;
	raw_say(fd, "GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
	fixture_await(w);
	buffer_format(&address, "127.0.0.1:%u", w->port);
	fixture_stop(w, 50);
	other.addresses[0] = address.p;
	fixture_start(&other); /* the port is free again */
	fixture_stop(&other, 0);
	fixture_answer(w->kept);
	close(fd);
	buffer_free(&address);
	free(w);
}

static void an_idle_server_stops_at_once(void **state)
{
	struct world *w = start(2);
	int64_t begin = instant_monotonic();

	(void)state;
	fixture_stop(w, 60000);
	assert_true(instant_monotonic() - begin < 1000);
	free(w);
}

static void use_everything(struct world *w)
{
	static const char *const requests[] = { "GET /p HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /",
		"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
		"GET /large/3000000 HTTP/1.1\r\nHost: a\r\n\r\n" };
	const size_t n = sizeof requests / sizeof *requests;
	int fds[60];

	for (size_t i = 0; i < 60; i++) {
		fds[i] = raw_connect(w->port);
		raw_say(fds[i], requests[i % n]);
	}
	usleep(50000);
	for (size_t i = 0; i < 60; i++)
		close(fds[i]);
}

static void no_descriptor_is_left_behind(void **state)
{
	unsigned before = raw_open_descriptors();

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct world *w = start(1 + i % 2);

		use_everything(w);
		while (server_counts(w->server).open)
			usleep(1000);
		use_everything(w);
		fixture_stop(w, i < 2 ? 0 : 1000);
		free(w);
	}
	assert_int_equal(raw_open_descriptors(), before);
}

/* Between fork and exec a child holds every socket of its parent. */
static void a_child_that_holds_the_sockets_too_changes_nothing(void **state)
{
	struct world *w = memory_new(sizeof *w);
	struct buffer answer = { 0 };
	pid_t child;
	int fd;

	(void)state;
	w->options.idle_ms = 50;
	fixture_start(w);
	fd = raw_connect(w->port);
	raw_say(fd, "GET /p HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(raw_read_until(fd, &answer, "/p", RAW_MS));
	child = fork();
	if (child == 0) {
		sleep(2);
		_exit(0);
	}
	assert_true(raw_read_all(fd, &answer, RAW_MS)); /* closed, although the child holds it */
	raw_say(fd, "GET /p HTTP/1.1\r\nHost: a\r\n\r\n");
	buffer_free(&answer);
	answer = fixture_ask(w, TEXT("GET /q HTTP/1.0\r\n\r\n"));
	assert_true(raw_has(&answer, "/q"));
	assert_int_equal(w->n_seen, 2);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	buffer_free(&answer);
	close(fd);
	fixture_stop(w, 0);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_under_way_is_answered_before_the_end),
		cmocka_unit_test(the_deadline_cuts_off_what_is_not_answered),
		cmocka_unit_test(a_stopped_server_gives_its_port_back),
		cmocka_unit_test(an_idle_server_stops_at_once),
		cmocka_unit_test(a_child_that_holds_the_sockets_too_changes_nothing),
		cmocka_unit_test(no_descriptor_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
