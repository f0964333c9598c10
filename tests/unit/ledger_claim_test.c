#include "ledger_fixture.h"

static enum ledger_result claim(
    struct ledger *ledger, const char *id, const char *owner, instant now, int64_t *fence)
{
	why = (struct failure){ 0 };
	return ledger_claim(ledger, id, owner, now, MINUTE, fence, &why);
}

static enum ledger_result change_with(
    struct ledger *ledger, const char *id, int64_t fence, instant now)
{
	struct ledger_change change = {
		.request = id, .expect = STATE_ANY, .state = STATE_LINKING, .fence = fence
	};

	return commit_at(ledger, now, &change);
}

static void a_claimed_request_is_not_claimed_by_another_until_the_lease_ends(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t fence;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	assert_int_equal(claim(ledger, id, "node-1", NOW, &fence), LEDGER_DONE);
	assert_int_equal(fence, 1);
	assert_int_equal(claim(ledger, id, "node-2", NOW + MINUTE - 1, &fence), LEDGER_STALE);
	assert_int_equal(why.kind, FAILURE_NONE);
	assert_int_equal(claim(ledger, id, "node-1", NOW + 1, &fence), LEDGER_DONE);
	assert_int_equal(fence, 2);
	assert_int_equal(claim(ledger, id, "node-2", NOW + 1 + MINUTE, &fence), LEDGER_DONE);
	assert_int_equal(fence, 3);
	assert_string_equal(read_request(ledger, id).owner, "node-2");
	assert_int_equal(claim(ledger, "00000000", "node-2", NOW, &fence), LEDGER_MISSING);
	ledger_close(ledger);
}

static void a_claim_of_one_that_is_no_more_is_taken_over_by_one_alone(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t fence;
	struct ledger_change take = { .request = id,
		.expect = STATE_ANY,
		.claim_for = "node-2",
		.claim_from = "node-1",
		.lease_ms = MINUTE };

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	claim(ledger, id, "node-1", NOW, &fence);
	assert_int_equal(commit(ledger, &take), LEDGER_DONE);
	assert_int_equal(take.new_fence, fence + 1);
	assert_int_equal(change_with(ledger, id, fence, NOW), LEDGER_STALE);
	take.claim_for = "node-3"; /* it comes too late: the claim is node-2's by now */
	assert_int_equal(commit(ledger, &take), LEDGER_STALE);
	assert_string_equal(read_request(ledger, id).owner, "node-2");
	ledger_close(ledger);
}

static void a_stale_fence_cannot_write(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t old, new;
	struct ledger_row row = { .kind = ROW_REQUEST,
		.request = { .ticket = "2611230050001234" } };
	struct ledger_change late = {
		.request = id, .expect = STATE_ANY, .state = STATE_OPEN, .rows = &row, .n_rows = 1
	};

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	claim(ledger, id, "node-1", NOW, &old);
	claim(ledger, id, "node-2", NOW + 2 * MINUTE, &new);
	late.fence = old;
	assert_int_equal(commit_at(ledger, NOW + 2 * MINUTE, &late), LEDGER_STALE);
	assert_null(read_request(ledger, id).ticket);
	assert_int_equal(change_with(ledger, id, new, NOW + 2 * MINUTE), LEDGER_DONE);
	assert_int_equal(change_with(ledger, id, new + 1, NOW + 2 * MINUTE), LEDGER_STALE);
	ledger_close(ledger);
}

static void a_lease_that_is_over_cannot_write_even_with_the_last_fence(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t fence;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	claim(ledger, id, "node-1", NOW, &fence);
	assert_int_equal(change_with(ledger, id, fence, NOW + MINUTE), LEDGER_STALE);
	assert_true(ledger_renew(ledger, id, fence, NOW + 3 * MINUTE, &why));
	assert_int_equal(change_with(ledger, id, fence, NOW + MINUTE), LEDGER_DONE);
	ledger_close(ledger);
}

static void a_claim_that_was_taken_over_is_not_renewed(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t old, new;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	claim(ledger, id, "node-1", NOW, &old);
	claim(ledger, id, "node-2", NOW + MINUTE, &new);
	assert_false(ledger_renew(ledger, id, old, NOW + 9 * MINUTE, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	assert_int_equal(read_request(ledger, id).lease, NOW + 2 * MINUTE);
	ledger_close(ledger);
}

static void a_claim_is_given_back_with_the_last_change(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t fence;
	struct ledger_change last = {
		.request = id, .expect = STATE_READY, .state = STATE_OPEN, .release = true
	};

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	claim(ledger, id, "node-1", NOW, &fence);
	last.fence = fence;
	assert_int_equal(commit(ledger, &last), LEDGER_DONE);
	assert_null(read_request(ledger, id).owner);
	assert_int_equal(change_with(ledger, id, fence, NOW), LEDGER_STALE);
	assert_false(ledger_renew(ledger, id, fence, NOW + MINUTE, &why));
	assert_int_equal(claim(ledger, id, "node-2", NOW, &fence), LEDGER_DONE);
	assert_int_equal(fence, 2);
	ledger_close(ledger);
}

static void a_colleague_changes_only_what_nobody_is_working_on(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t fence;
	struct ledger_change answer = {
		.request = id, .expect = STATE_READY, .needs_no_claim = true
	};

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	assert_int_equal(commit(ledger, &answer), LEDGER_DONE);
	claim(ledger, id, "node-1", NOW, &fence);
	assert_int_equal(commit(ledger, &answer), LEDGER_STALE);
	answer.fence = fence;
	assert_int_equal(commit(ledger, &answer), LEDGER_DONE);
	answer.fence = 0;
	assert_int_equal(commit_at(ledger, NOW + MINUTE, &answer), LEDGER_DONE);
	ledger_close(ledger);
}

static void a_new_request_is_claimed_in_the_commit_that_makes_it(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct ledger_change change = {
		.request = id, .state = STATE_READY, .claim_for = "submit-1", .lease_ms = MINUTE
	};
	struct request_row row;
	int64_t fence;

	(void)state;
	id_new(NOW, id);
	assert_int_equal(commit(ledger, &change), LEDGER_DONE);
	assert_int_equal(change.new_fence, 1);
	row = read_request(ledger, id);
	assert_string_equal(row.owner, "submit-1");
	assert_int_equal(row.lease, NOW + MINUTE);
	assert_int_equal(claim(ledger, id, "node-1", NOW, &fence), LEDGER_STALE);
	ledger_close(ledger);
}

static void a_claim_alone_does_not_count_as_a_change(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int64_t fence;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	claim(ledger, id, "node-1", NOW + 1000, &fence);
	assert_int_equal(read_request(ledger, id).changed, NOW);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_claimed_request_is_not_claimed_by_another_until_the_lease_ends),
		TEST(a_claim_of_one_that_is_no_more_is_taken_over_by_one_alone),
		TEST(a_stale_fence_cannot_write),
		TEST(a_lease_that_is_over_cannot_write_even_with_the_last_fence),
		TEST(a_claim_that_was_taken_over_is_not_renewed),
		TEST(a_claim_is_given_back_with_the_last_change),
		TEST(a_colleague_changes_only_what_nobody_is_working_on),
		TEST(a_new_request_is_claimed_in_the_commit_that_makes_it),
		TEST(a_claim_alone_does_not_count_as_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
