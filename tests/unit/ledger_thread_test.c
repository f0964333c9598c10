#include "ledger_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4
#define EACH 40

static _Atomic int reserved, refused, failed;

/* One handle for each thread; the lock holds between them as between processes. */
static void *reserve_on(void *data)
{
	struct failure wrong = { 0 };
	struct ledger *ledger = ledger_open(path, LEDGER_WRITE, NULL, &wrong);
	struct ledger_row rows[] = { { .kind = ROW_RESERVE, .contract = "c1" } };
	char id[ID_TEXT];

	(void)data;
	for (int i = 0; ledger && i < EACH; i++) {
		struct ledger_change change = {
			.request = id, .state = STATE_READY, .rows = rows, .n_rows = 1
		};

		id_new(NOW, id);
		if (!ledger_commit(ledger, NOW, &change, 1, &wrong))
			break;
		atomic_fetch_add(change.result == LEDGER_DONE ? &reserved : &refused, 1);
	}
	if (wrong.kind != FAILURE_NONE)
		atomic_fetch_add(&failed, 1);
	ledger_close(ledger);
	return NULL;
}

static void *read_on(void *data)
{
	struct failure wrong = { 0 };
	struct ledger *ledger = ledger_open(path, LEDGER_READ, NULL, &wrong);
	struct arena *own = arena_new();
	struct balance balance = { 0 };

	(void)data;
	for (int i = 0; ledger && i < 10 * EACH; i++) {
		if (!ledger_balance(ledger, "c1", own, &balance, &wrong) || balance.remaining < 0 ||
		    balance.remaining + balance.reserved != 100)
			atomic_fetch_add(&failed, 1);
		arena_reset(own);
	}
	arena_free(own);
	ledger_close(ledger);
	return NULL;
}

static void threads_with_a_handle_each_share_the_incidents(void **state)
{
	struct ledger *ledger = create();
	pthread_t threads[THREADS], reader;

	(void)state;
	add_contract(ledger, "c1", 100);
	assert_int_equal(pthread_create(&reader, NULL, read_on, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reserve_on, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(reader, NULL);
	assert_int_equal(failed, 0);
	assert_int_equal(reserved, 100);
	assert_int_equal(refused, THREADS * EACH - 100);
	verify(ledger);
	ledger_close(ledger);
}

static void *write_once(void *ledger)
{
	char id[ID_TEXT];
	struct ledger_change change = { .request = id, .state = STATE_READY };
	struct failure wrong = { 0 };

	id_new(NOW, id);
	if (!ledger_commit(ledger, NOW, &change, 1, &wrong) || change.result != LEDGER_DONE)
		atomic_fetch_add(&failed, 1);
	return NULL;
}

static void a_handle_may_go_from_one_thread_to_the_next(void **state)
{
	struct ledger *ledger = create();
	pthread_t thread;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(pthread_create(&thread, NULL, write_once, ledger), 0);
		pthread_join(thread, NULL);
	}
	assert_int_equal(failed, 0);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(threads_with_a_handle_each_share_the_incidents),
		TEST(a_handle_may_go_from_one_thread_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
