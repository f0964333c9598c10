/* The gate to a portal: how many, in which order, how often, and when nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/instant.h"
#include "engine/engine.h"
#include "service/task.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static struct tasks *tasks;
static struct gates *gates;
static struct gate *gate;
static struct portal_limits limits;
static atomic_bool is_stopping;
static unsigned under_way, most, done, began[64], n_began;
static int64_t last_answer;

static void task_sleeps(void *context, int64_t ms)
{
	(void)context;
	task_sleep(tasks, ms);
}

static void *this_task(void *context)
{
	(void)context;
	return task_self(tasks);
}

static void wake(void *context, void *task)
{
	(void)context;
	task_wake(tasks, task);
}

static const struct engine_runner runner = {
	.sleep = task_sleeps, .self = this_task, .wake = wake
};

static int set_up(void **state)
{
	(void)state;
	tasks = tasks_new();
	gates = gates_new();
	gate = gates_of(gates, "azure");
	limits = (struct portal_limits){
		.concurrency = 2, .retry_percent = 50, .failures = 3, .pause_ms = 50
	};
	under_way = most = done = n_began = 0;
	atomic_store(&is_stopping, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gates_free(gates);
	tasks_free(tasks);
	return 0;
}

static void run_all(void)
{
	while (tasks_count(tasks)) {
		tasks_run(tasks, SIZE_MAX);
		if (tasks_next_ms(tasks) > 0)
			usleep(1000);
	}
}

/* Passes the gate, is inside for a moment, leaves. */
static void pass(void *number)
{
	unsigned mine = *(const unsigned *)number;

	if (gate_enter(gate, &limits, &runner, &is_stopping) != 0)
		return;
	began[n_began++] = mine;
	if (++under_way > most)
		most = under_way;
	task_sleep(tasks, 1);
	under_way--;
	done++;
	gate_leave(gate, &limits, &runner, GATE_ANSWERED);
}

static void as_many_as_may_go_in_and_who_came_first_goes_first(void **state)
{
	static unsigned numbers[20];

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		numbers[i] = i;
		task_start(tasks, pass, &numbers[i]);
	}
	run_all();
	assert_int_equal(done, 20);
	assert_int_equal(most, 2);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(began[i], i);
	assert_int_equal(atomic_load(&gate_counts(gate)->in_flight), 0);
	assert_int_equal(atomic_load(&gate_counts(gate)->waiting), 0);
}

static void more_go_in_when_the_limit_is_raised(void **state)
{
	static unsigned numbers[10];

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		task_start(tasks, pass, &numbers[i]);
	tasks_run(tasks, SIZE_MAX);
	limits.concurrency = 5;
	run_all();
	assert_int_equal(done, 10);
	assert_int_equal(most, 5);
}

static void try_once(void *result)
{
	last_answer = gate_enter(gate, &limits, &runner, &is_stopping);
	if (last_answer == 0)
		gate_leave(gate, &limits, &runner, *(const enum gate_result *)result);
}

static int64_t try(enum gate_result result)
{
	task_start(tasks, try_once, &result);
	run_all();
	return last_answer;
}

static unsigned state_now(void)
{
	return atomic_load(&gate_counts(gate)->state);
}

static void failures_in_a_row_shut_it_and_an_answered_probe_opens_it(void **state)
{
	(void)state;
	assert_int_equal(try(GATE_FAILED), 0);
	assert_int_equal(try(GATE_FAILED), 0);
	assert_int_equal(try(GATE_ANSWERED), 0); /* the row ends */
	for (int i = 0; i < 3; i++)
		assert_int_equal(try(GATE_FAILED), 0);
	assert_int_equal(state_now(), GATE_OPEN);
	assert_in_range(try(GATE_ANSWERED), 1, 50);
	usleep(60000);
	assert_int_equal(try(GATE_FAILED), 0); /* the probe */
	assert_int_equal(state_now(), GATE_OPEN);
	assert_in_range(try(GATE_ANSWERED), 51, 100); /* twice as long */
	usleep(110000);
	assert_int_equal(try(GATE_ANSWERED), 0);
	assert_int_equal(state_now(), GATE_CLOSED);
	assert_int_equal(atomic_load(&gate_counts(gate)->opened), 2);
}

static void probe(void *unused)
{
	(void)unused;
	assert_int_equal(gate_enter(gate, &limits, &runner, &is_stopping), 0);
	task_sleep(tasks, 20);
	gate_leave(gate, &limits, &runner, GATE_ANSWERED);
}

static void only_one_probes(void **state)
{
	enum gate_result result = GATE_ANSWERED;

	(void)state;
	for (int i = 0; i < 3; i++)
		try(GATE_FAILED);
	usleep(60000);
	task_start(tasks, probe, NULL);
	task_start(tasks, try_once, &result);
	tasks_run(tasks, SIZE_MAX);
	assert_true(last_answer > 0);
	assert_int_equal(state_now(), GATE_HALF_OPEN);
	run_all();
	assert_int_equal(state_now(), GATE_CLOSED);
}

static void a_probe_that_was_not_sent_leaves_it_to_the_next(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		try(GATE_FAILED);
	usleep(60000);
	assert_int_equal(try(GATE_UNUSED), 0);
	assert_int_equal(try(GATE_ANSWERED), 0);
	assert_int_equal(state_now(), GATE_CLOSED);
}

static void retries_are_a_share_of_all_that_is_sent(void **state)
{
	unsigned granted = 0;

	(void)state;
	while (gate_may_retry(gate, &limits)) /* what was saved */
		granted++;
	assert_int_equal(granted, 10);
	for (int i = 0; i < 8; i++)
		try(GATE_ANSWERED);
	for (granted = 0; gate_may_retry(gate, &limits);)
		granted++;
	assert_int_equal(granted, 4);
	assert_int_equal(atomic_load(&gate_counts(gate)->retries_refused), 2);
	limits.retry_percent = 100;
	assert_true(gate_may_retry(gate, &limits));
}

static void a_rate_spreads_what_begins(void **state)
{
	static unsigned numbers[6];
	instant begun;

	(void)state;
	limits.rate = 50;
	limits.concurrency = 100;
	try(GATE_ANSWERED); /* from here on the turns are reckoned */
	for (int i = 0; i < 50; i++)
		try(GATE_ANSWERED);
	begun = instant_monotonic();
	for (unsigned i = 0; i < 6; i++)
		task_start(tasks, pass, &numbers[i]);
	run_all();
	assert_int_equal(done, 6);
	assert_true(instant_monotonic() - begun >= 80); /* not sooner than 50 a second allows */
}

static void a_stop_sends_all_away_who_wait(void **state)
{
	static unsigned numbers[5];

	(void)state;
	limits.concurrency = 1;
	for (unsigned i = 0; i < 5; i++)
		task_start(tasks, pass, &numbers[i]);
	tasks_run(tasks, SIZE_MAX);
	assert_int_equal(atomic_load(&gate_counts(gate)->waiting), 4);
	atomic_store(&is_stopping, true);
	tasks_wake_all(tasks);
	run_all();
	assert_int_equal(done, 1);
	assert_int_equal(atomic_load(&gate_counts(gate)->waiting), 0);
	assert_int_equal(atomic_load(&gate_counts(gate)->in_flight), 0);
}

static void each_portal_has_its_own(void **state)
{
	size_t n = 0;

	(void)state;
	assert_ptr_equal(gates_of(gates, "azure"), gate);
	assert_ptr_not_equal(gates_of(gates, "csp"), gate);
	for (const struct gate *g = NULL; (g = gates_next(gates, g));)
		n++;
	assert_int_equal(n, 2);
	assert_string_equal(gate_portal(gate), "azure");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_many_as_may_go_in_and_who_came_first_goes_first),
		TEST(more_go_in_when_the_limit_is_raised),
		TEST(failures_in_a_row_shut_it_and_an_answered_probe_opens_it),
		TEST(only_one_probes),
		TEST(a_probe_that_was_not_sent_leaves_it_to_the_next),
		TEST(retries_are_a_share_of_all_that_is_sent),
		TEST(a_rate_spreads_what_begins),
		TEST(a_stop_sends_all_away_who_wait),
		TEST(each_portal_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
