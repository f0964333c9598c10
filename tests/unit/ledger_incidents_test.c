#include "ledger_fixture.h"

static void observe(struct ledger *ledger, const char *contract, int64_t remaining, instant at)
{
	assert_int_equal(add_row(ledger, NULL,
			     (struct ledger_row){ .kind = ROW_OBSERVATION,
				 .observation = { .contract = contract,
				     .remaining = remaining,
				     .at = at,
				     .portal = "support-for-business" } }),
	    LEDGER_DONE);
}

static void the_last_incident_is_reserved_once(void **state)
{
	struct ledger *ledger = create();
	char anna[ID_TEXT], bela[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 1);
	add_request(ledger, STATE_READY, NULL, anna);
	add_request(ledger, STATE_READY, NULL, bela);
	assert_int_equal(reserve(ledger, anna, "c1"), LEDGER_DONE);
	assert_int_equal(reserve(ledger, bela, "c1"), LEDGER_SPENT);
	assert_int_equal(reserve(ledger, anna, "c1"), LEDGER_DONE); /* again: the same one */
	assert_int_equal(read_balance(ledger, "c1").reserved, 1);
	assert_int_equal(read_balance(ledger, "c1").remaining, 0);
	verify(ledger);
	ledger_close(ledger);
}

static void a_reservation_that_is_released_can_be_had_by_another(void **state)
{
	struct ledger *ledger = create();
	char anna[ID_TEXT], bela[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 1);
	add_request(ledger, STATE_READY, NULL, anna);
	add_request(ledger, STATE_READY, NULL, bela);
	reserve(ledger, anna, "c1");
	add_row(ledger, anna, (struct ledger_row){ .kind = ROW_RELEASE, .contract = "c1" });
	assert_int_equal(reserve(ledger, bela, "c1"), LEDGER_DONE);
	assert_int_equal(reserve(ledger, anna, "c1"), LEDGER_SPENT);
	add_row(ledger, bela, (struct ledger_row){ .kind = ROW_RELEASE });
	assert_int_equal(reserve(ledger, anna, "c1"), LEDGER_DONE);
	verify(ledger);
	ledger_close(ledger);
}

static void a_request_that_ends_without_a_ticket_gives_its_incident_back(void **state)
{
	static const enum request_state ends[] = { STATE_REFUSED, STATE_CANCELLED };
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 1);
	for (size_t i = 0; i < LENGTH(ends); i++) {
		add_request(ledger, STATE_READY, NULL, id);
		assert_int_equal(reserve(ledger, id, "c1"), LEDGER_DONE);
		move_to(ledger, id, STATE_READY, ends[i]);
		assert_int_equal(read_balance(ledger, "c1").remaining, 1);
	}
	verify(ledger);
	ledger_close(ledger);
}

static void a_ticket_spends_the_reservation_once(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct balance balance;

	(void)state;
	add_contract(ledger, "c1", 7);
	add_request(ledger, STATE_CREATING, NULL, id);
	reserve(ledger, id, "c1");
	for (int again = 0; again < 2; again++) {
		assert_int_equal(spend(ledger, id, "c1", "2611230050001234"), LEDGER_DONE);
		balance = read_balance(ledger, "c1");
		assert_int_equal(balance.observed, 7);
		assert_int_equal(balance.reserved, 0);
		assert_int_equal(balance.spent_since, 1);
		assert_int_equal(balance.spent_ever, 1);
		assert_int_equal(balance.remaining, 6);
	}
	assert_int_equal(reserve(ledger, id, "c1"), LEDGER_DONE); /* the request has its incident */
	assert_int_equal(read_balance(ledger, "c1").remaining, 6);
	add_row(ledger, id, (struct ledger_row){ .kind = ROW_RELEASE, .contract = "c1" });
	assert_int_equal(read_balance(ledger, "c1").remaining, 6); /* spent is spent */
	verify(ledger);
	ledger_close(ledger);
}

static void a_ticket_without_a_reservation_is_counted_all_the_same(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 0);
	add_request(ledger, STATE_UNSURE, NULL, id);
	assert_int_equal(spend(ledger, id, "c1", "2611230050001234"), LEDGER_DONE);
	assert_int_equal(read_balance(ledger, "c1").spent_since, 1);
	assert_int_equal(read_balance(ledger, "c1").remaining, 0);
	verify(ledger);
	ledger_close(ledger);
}

static void a_reservation_moves_with_the_request_to_another_contract(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 1);
	add_contract(ledger, "c2", 1);
	add_request(ledger, STATE_READY, NULL, id);
	reserve(ledger, id, "c1");
	assert_int_equal(reserve(ledger, id, "c2"), LEDGER_DONE);
	assert_int_equal(read_balance(ledger, "c1").reserved, 0);
	assert_int_equal(read_balance(ledger, "c2").reserved, 1);
	assert_int_equal(spend(ledger, id, "c2", "2611230050001234"), LEDGER_DONE);
	assert_int_equal(reserve(ledger, id, "c1"), LEDGER_STALE);
	assert_int_equal(spend(ledger, id, "c1", "2611230050009999"), LEDGER_STALE);
	verify(ledger);
	ledger_close(ledger);
}

static void unlimited_and_never_seen_contracts_always_have_one(void **state)
{
	static const int64_t seen[] = { INT64_MAX, INT64_MIN };
	static const char *const contracts[] = { "unlimited", "unknown" };
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	for (size_t i = 0; i < LENGTH(seen); i++) {
		add_contract(ledger, contracts[i], seen[i]);
		for (int j = 0; j < 3; j++) {
			add_request(ledger, STATE_READY, NULL, id);
			assert_int_equal(reserve(ledger, id, contracts[i]), LEDGER_DONE);
		}
		assert_true(read_balance(ledger, contracts[i]).remaining == seen[i]);
		assert_int_equal(read_balance(ledger, contracts[i]).reserved, 3);
	}
	assert_true(read_balance(ledger, "unknown").observed_at == INSTANT_UNKNOWN);
	ledger_close(ledger);
}

static void what_is_not_there_is_missing(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct balance balance;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	assert_int_equal(reserve(ledger, id, "c9"), LEDGER_MISSING);
	assert_int_equal(spend(ledger, id, "c9", "1"), LEDGER_MISSING);
	assert_int_equal(add_row(ledger, NULL,
			     (struct ledger_row){
				 .kind = ROW_OBSERVATION, .observation = { .contract = "c9" } }),
	    LEDGER_MISSING);
	assert_false(ledger_balance(ledger, "c9", arena, &balance, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	ledger_close(ledger);
}

/* O7: the portal's number rules from when it was seen; what we spent since is taken off. */
static void the_last_observation_counts_with_what_was_spent_since(void **state)
{
	struct ledger *ledger = create();
	char ids[3][ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 7);
	for (size_t i = 0; i < LENGTH(ids); i++)
		add_request(ledger, STATE_CREATING, NULL, ids[i]);
	spend(ledger, ids[0], "c1", "1");
	assert_int_equal(read_balance(ledger, "c1").remaining, 6);
	observe(
	    ledger, "c1", 4, NOW); /* in the same millisecond, but later told; others use it, too */
	assert_int_equal(read_balance(ledger, "c1").remaining, 4);
	spend(ledger, ids[1], "c1", "2");
	assert_int_equal(read_balance(ledger, "c1").remaining, 3);
	observe(ledger, "c1", INT64_MIN, NOW + 5); /* seen without a number: says nothing */
	assert_int_equal(read_balance(ledger, "c1").remaining, 3);
	assert_int_equal(read_balance(ledger, "c1").spent_ever, 2);
	ledger_close(ledger);
}

static void an_observation_told_late_counts_from_when_it_was_made(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row rows[] = { { .kind = ROW_SPEND, .contract = "c1" },
		{ .kind = ROW_REQUEST, .request = { .ticket = "1" } } };
	char id[ID_TEXT];
	struct ledger_change change = {
		.request = id, .expect = STATE_ANY, .rows = rows, .n_rows = 2
	};

	(void)state;
	add_contract(ledger, "c1", INT64_MIN);
	add_request(ledger, STATE_CREATING, NULL, id);
	assert_int_equal(commit_at(ledger, NOW + 10 * MINUTE, &change), LEDGER_DONE);
	observe(ledger, "c1", 7, NOW + 5 * MINUTE); /* before the ticket */
	assert_int_equal(read_balance(ledger, "c1").remaining, 6);
	observe(ledger, "c1", 6, NOW + 11 * MINUTE); /* behind it */
	assert_int_equal(read_balance(ledger, "c1").remaining, 6);
	observe(ledger, "c1", 99, NOW + 1 * MINUTE); /* older than what is known */
	assert_int_equal(read_balance(ledger, "c1").remaining, 6);
	ledger_close(ledger);
}

static void observations_come_newest_first(void **state)
{
	struct ledger *ledger = create();
	struct observation_row *rows;
	size_t n;

	(void)state;
	add_contract(ledger, "c1", 7);
	observe(ledger, "c1", 6, NOW + 1);
	observe(ledger, "c1", INT64_MAX, NOW + 2);
	assert_true(ledger_observations(ledger, "c1", 2, arena, &rows, &n, &why));
	assert_int_equal(n, 2);
	assert_true(rows[0].remaining == INT64_MAX);
	assert_int_equal(rows[1].remaining, 6);
	assert_string_equal(rows[1].portal, "support-for-business");
	assert_true(rows[1].end == INSTANT_UNKNOWN);
	ledger_close(ledger);
}

/* ---- two processes ----------------------------------------------------------------------- */

struct agent {
	const char *request;
	int go; /* a pipe that ends when all may start */
};

static int reserve_in_a_process(const struct agent *agent)
{
	struct ledger *ledger;
	struct ledger_row row = { .kind = ROW_RESERVE, .contract = "c1" };
	struct ledger_change change = {
		.request = agent->request, .expect = STATE_ANY, .rows = &row, .n_rows = 1
	};
	char byte;

	if (read(agent->go, &byte, 1) != 0)
		return 100;
	ledger = open_with(LEDGER_WRITE, KEY);
	if (!ledger || !ledger_commit(ledger, NOW, &change, 1, &why)) {
		fprintf(stderr, "%s\n", why.text);
		return 101;
	}
	ledger_close(ledger);
	return (int)change.result;
}

#define AGENTS 8

static void start_agents(char ids[AGENTS][ID_TEXT], pid_t *pids)
{
	int go[2];

	assert_int_equal(pipe(go), 0);
	fflush(NULL);
	for (size_t i = 0; i < AGENTS; i++) {
		struct agent agent = { ids[i], go[0] };

		pids[i] = fork();
		if (pids[i] == 0) {
			close(go[1]);
			_exit(reserve_in_a_process(&agent));
		}
	}
	close(go[0]);
	close(go[1]);
}

static void two_agents_never_reserve_the_last_incident(void **state)
{
	struct ledger *ledger = create();
	char ids[AGENTS][ID_TEXT];
	pid_t pids[AGENTS];
	int counts[5] = { 0 }, status;

	(void)state;
	add_contract(ledger, "c1", 3);
	for (size_t i = 0; i < AGENTS; i++)
		add_request(ledger, STATE_READY, NULL, ids[i]);
	ledger_close(ledger);
	start_agents(ids, pids);
	for (size_t i = 0; i < AGENTS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 5);
		counts[WEXITSTATUS(status)]++;
	}
	assert_int_equal(counts[LEDGER_DONE], 3);
	assert_int_equal(counts[LEDGER_SPENT], AGENTS - 3);
	ledger = create();
	assert_int_equal(read_balance(ledger, "c1").remaining, 0);
	verify(ledger);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_incident_is_reserved_once),
		TEST(a_reservation_that_is_released_can_be_had_by_another),
		TEST(a_request_that_ends_without_a_ticket_gives_its_incident_back),
		TEST(a_ticket_spends_the_reservation_once),
		TEST(a_ticket_without_a_reservation_is_counted_all_the_same),
		TEST(a_reservation_moves_with_the_request_to_another_contract),
		TEST(unlimited_and_never_seen_contracts_always_have_one),
		TEST(what_is_not_there_is_missing),
		TEST(the_last_observation_counts_with_what_was_spent_since),
		TEST(an_observation_told_late_counts_from_when_it_was_made),
		TEST(observations_come_newest_first),
		TEST(two_agents_never_reserve_the_last_incident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
