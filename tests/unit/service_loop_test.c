/* The loop of the service: commits that gather, exchanges between them, work that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "service/loop.h"
#include "portal/child_run.h"

#define WAIT_MS 20000

struct desk {
	char folder[64], ledger[96], key[96];
	struct partner partner;
	struct generation generation;
	struct loop *loop;
	atomic_int n_done;
};

static void open_desk(struct desk *desk, size_t most_queued)
{
	struct loop_options options = { .most_queued = most_queued };
	struct failure why = { 0 };

	memset(desk, 0, sizeof *desk);
	snprintf(desk->folder, sizeof desk->folder, "/tmp/caseroute-loop-XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	snprintf(desk->ledger, sizeof desk->ledger, "%s/ledger.db", desk->folder);
	snprintf(desk->key, sizeof desk->key, "file:%s/ledger.key", desk->folder);
	desk->partner.ledger_path = desk->ledger;
	desk->partner.ledger_key = desk->key;
	desk->generation.partner = &desk->partner;
	atomic_init(&desk->generation.users, 1); /* it is not the loop's to free */
	if (!engine_make_key(&desk->generation, &why))
		fail_msg("%s", why.text);
	desk->loop = loop_start(&desk->generation, &options, &why);
	if (!desk->loop)
		fail_msg("%s", why.text);
}

static void close_desk(struct desk *desk)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };

	assert_int_equal(loop_stop(desk->loop, WAIT_MS), 0);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		char path[128];

		snprintf(path, sizeof path, "%s%s", desk->ledger, ends[i]);
		unlink(path);
	}
	assert_int_equal(unlink(desk->key + strlen("file:")), 0);
	assert_int_equal(rmdir(desk->folder), 0);
}

static void await_done(struct desk *desk, int n)
{
	for (int ms = 0; atomic_load(&desk->n_done) < n && ms < WAIT_MS; ms++)
		usleep(1000);
	assert_int_equal(atomic_load(&desk->n_done), n);
}

/* Holds the thread, so that what is asked for meanwhile begins together. */
static void hold(struct engine *e, void *argument)
{
	struct desk *desk = argument;

	(void)e;
	usleep(100000);
	atomic_fetch_add(&desk->n_done, 1);
}

/* ---- commits ------------------------------------------------------------------------- */

struct commit {
	struct desk *desk;
	bool is_bad, is_ok;
	struct failure why;
};

static bool commit_benefit(struct engine *e, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_BENEFIT, .benefit = { "offer", true, "anna" } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };

	return engine_commit(e, &change, 1, why) && change.result == LEDGER_DONE;
}

/* An ID with a control character is none. */
static bool commit_bad_ids(struct engine *e, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_CONTRACT_IDS,
		.ids = { "gold", TEXT("ACC\001"), TEXT("CON-1") } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };

	return engine_commit(e, &change, 1, why);
}

static void commit_one(struct engine *e, void *argument)
{
	struct commit *c = argument;

	c->is_ok = c->is_bad ? commit_bad_ids(e, &c->why) : commit_benefit(e, &c->why);
	atomic_fetch_add(&c->desk->n_done, 1);
}

static void changes_of_many_are_one_commit(void **state)
{
	struct desk desk;
	struct commit all[50];
	unsigned long long before;

	(void)state;
	open_desk(&desk, 0);
	before = atomic_load(&loop_counts(desk.loop)->written.commits);
	assert_true(loop_do(desk.loop, "anna", hold, &desk));
	for (int i = 0; i < 50; i++) {
		all[i] = (struct commit){ .desk = &desk };
		assert_true(loop_do(desk.loop, "anna", commit_one, &all[i]));
	}
	await_done(&desk, 51);
	for (int i = 0; i < 50; i++)
		assert_true(all[i].is_ok);
	assert_in_range(atomic_load(&loop_counts(desk.loop)->written.commits) - before, 1, 5);
	assert_int_equal(atomic_load(&loop_counts(desk.loop)->written.changes), 50);
	close_desk(&desk);
}

static void a_change_that_fails_does_not_take_others_with_it(void **state)
{
	struct desk desk;
	struct commit all[9];

	(void)state;
	open_desk(&desk, 0);
	assert_true(loop_do(desk.loop, "anna", hold, &desk));
	for (int i = 0; i < 9; i++) {
		all[i] = (struct commit){ .desk = &desk, .is_bad = i % 4 == 1 };
		assert_true(loop_do(desk.loop, "anna", commit_one, &all[i]));
	}
	await_done(&desk, 10);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(all[i].is_ok, !all[i].is_bad);
		assert_int_equal(all[i].why.kind != FAILURE_NONE, all[i].is_bad);
	}
	close_desk(&desk);
}

/* ---- exchanges --------------------------------------------------------------------------- */

struct busy {
	struct desk *desk;
	bool is_answered;
	int n_commits;
};

static void commit_until_answered(struct engine *e, void *argument)
{
	struct busy *b = argument;
	struct failure why = { 0 };

	while (!b->is_answered && b->n_commits < 3000 && commit_benefit(e, &why))
		b->n_commits++;
	atomic_fetch_add(&b->desk->n_done, 1);
}

/* Nobody listens at port 1: that is an answer, too. */
static void exchange(struct engine *e, void *argument)
{
	static const char *const origins[] = { "http://127.0.0.1:1" };
	struct http_request request = {
		.method = "GET", .url = "http://127.0.0.1:1/", .origins = origins, .n_origins = 1
	};
	struct busy *b = argument;
	struct http_reply reply;
	struct failure why = { 0 };

	assert_false(http_exchange(e->http, &request, instant_now(), &reply, &why));
	b->is_answered = true;
	http_reply_free(&reply);
	atomic_fetch_add(&b->desk->n_done, 1);
}

static void commits_without_a_pause_let_exchanges_go_on(void **state)
{
	struct desk desk;
	struct busy busy = { .desk = &desk };

	(void)state;
	open_desk(&desk, 0);
	assert_true(loop_do(desk.loop, "anna", hold, &desk));
	assert_true(loop_do(desk.loop, "anna", commit_until_answered, &busy));
	assert_true(loop_do(desk.loop, "anna", exchange, &busy));
	await_done(&desk, 3);
	assert_true(busy.is_answered);
	assert_true(busy.n_commits < 3000);
	close_desk(&desk);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void count(struct engine *e, void *argument)
{
	(void)e;
	atomic_fetch_add(&((struct desk *)argument)->n_done, 1);
}

static void more_than_may_wait_is_refused_and_later_taken(void **state)
{
	struct desk desk;
	int n = 0;

	(void)state;
	open_desk(&desk, 10);
	assert_true(loop_do(desk.loop, "anna", hold, &desk));
	usleep(20000);
	while (n < 100 && loop_do(desk.loop, "anna", count, &desk))
		n++;
	assert_int_equal(n, 10);
	await_done(&desk, 11);
	assert_true(loop_do(desk.loop, "anna", count, &desk));
	await_done(&desk, 12);
	close_desk(&desk);
}

static void sleep_long(struct engine *e, void *argument)
{
	e->runner->sleep(e->runner->context, 3600000);
	count(e, argument);
}

static void a_stop_takes_nothing_new_and_ends_waits(void **state)
{
	struct desk desk;

	(void)state;
	open_desk(&desk, 0);
	assert_true(loop_do(desk.loop, "anna", sleep_long, &desk));
	assert_true(loop_do(desk.loop, "anna", count, &desk));
	await_done(&desk, 1);
	loop_drain(desk.loop, WAIT_MS);
	assert_false(loop_do(desk.loop, "anna", count, &desk));
	await_done(&desk, 2);
	close_desk(&desk);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_of_many_are_one_commit),
		cmocka_unit_test(a_change_that_fails_does_not_take_others_with_it),
		cmocka_unit_test(commits_without_a_pause_let_exchanges_go_on),
		cmocka_unit_test(more_than_may_wait_is_refused_and_later_taken),
		cmocka_unit_test(a_stop_takes_nothing_new_and_ends_waits),
	};

	child_take_over(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
