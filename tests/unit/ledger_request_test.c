#include "ledger_raw.h"

static void a_new_request_is_found_by_id_and_reference(void **state)
{
	struct ledger *ledger = create();
	struct request_row row;
	char id[ID_TEXT];

	(void)state;
	assert_int_equal(add_request(ledger, STATE_READY, "PSA-4711", id), LEDGER_DONE);
	row = read_request(ledger, id);
	assert_string_equal(row.id, id);
	assert_int_equal(row.state, STATE_READY);
	assert_string_equal(row.reference, "PSA-4711");
	assert_string_equal(row.title, "Mail stops");
	assert_int_equal(row.created, NOW);
	assert_true(row.due == INSTANT_UNKNOWN && row.lease == INSTANT_UNKNOWN);
	assert_null(row.portal);
	assert_true(ledger_by_reference(ledger, "PSA-4711", arena, &row, &why));
	assert_string_equal(row.id, id);
	assert_false(ledger_by_reference(ledger, "PSA-4712", arena, &row, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	ledger_close(ledger);
}

static void a_request_outlives_the_process(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	ledger_close(ledger);
	ledger = open_with(LEDGER_READ, NULL);
	assert_non_null(ledger);
	assert_int_equal(read_request(ledger, id).state, STATE_READY);
	ledger_close(ledger);
}

static void the_same_id_is_not_inserted_twice(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct ledger_change again = { .request = id, .state = STATE_ASKING };

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	assert_int_equal(commit(ledger, &again), LEDGER_EXISTS);
	assert_string_equal(again.conflict, id);
	assert_int_equal(read_request(ledger, id).state, STATE_READY);
	ledger_close(ledger);
}

static void a_live_reference_is_held_and_the_conflict_names_its_request(void **state)
{
	struct ledger *ledger = create();
	char first[ID_TEXT], second[ID_TEXT];
	struct ledger_row row = { .kind = ROW_REQUEST, .request = { .reference = "PSA-1" } };
	struct ledger_change change = {
		.request = second, .state = STATE_READY, .rows = &row, .n_rows = 1
	};
	struct request_row found;

	(void)state;
	add_request(ledger, STATE_READY, "PSA-1", first);
	id_new(NOW, second);
	assert_int_equal(commit(ledger, &change), LEDGER_EXISTS);
	assert_string_equal(change.conflict, first);
	assert_false(ledger_request(ledger, second, arena, &found, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	verify(ledger);
	ledger_close(ledger);
}

static void the_reference_of_a_refused_or_cancelled_request_is_free_again(void **state)
{
	static const enum request_state ends[] = { STATE_REFUSED, STATE_CANCELLED };
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct request_row row;

	(void)state;
	for (size_t i = 0; i < LENGTH(ends); i++) {
		assert_int_equal(add_request(ledger, STATE_READY, "PSA-1", id), LEDGER_DONE);
		assert_int_equal(move_to(ledger, id, STATE_READY, ends[i]), LEDGER_DONE);
		assert_false(ledger_by_reference(ledger, "PSA-1", arena, &row, &why));
	}
	assert_int_equal(add_request(ledger, STATE_READY, "PSA-1", id), LEDGER_DONE);
	assert_true(ledger_by_reference(ledger, "PSA-1", arena, &row, &why));
	assert_string_equal(row.id, id);
	verify(ledger);
	ledger_close(ledger);
}

static void the_reference_of_a_closed_request_stays_taken(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_request(ledger, STATE_OPEN, "PSA-1", id);
	assert_int_equal(move_to(ledger, id, STATE_OPEN, STATE_CLOSED), LEDGER_DONE);
	assert_int_equal(add_request(ledger, STATE_READY, "PSA-1", id), LEDGER_EXISTS);
	ledger_close(ledger);
}

static void a_refused_request_that_comes_back_must_get_its_reference_again(void **state)
{
	struct ledger *ledger = create();
	char first[ID_TEXT], second[ID_TEXT];

	(void)state;
	add_request(ledger, STATE_REFUSED, "PSA-1", first);
	assert_int_equal(add_request(ledger, STATE_READY, "PSA-1", second), LEDGER_DONE);
	assert_int_equal(move_to(ledger, first, STATE_REFUSED, STATE_READY), LEDGER_EXISTS);
	assert_int_equal(read_request(ledger, first).state, STATE_REFUSED);
	assert_int_equal(move_to(ledger, second, STATE_READY, STATE_CANCELLED), LEDGER_DONE);
	assert_int_equal(move_to(ledger, first, STATE_REFUSED, STATE_READY), LEDGER_DONE);
	verify(ledger);
	ledger_close(ledger);
}

static void a_reference_can_be_changed_and_cleared(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT], other[ID_TEXT];

	(void)state;
	add_request(ledger, STATE_READY, "PSA-1", id);
	assert_int_equal(
	    add_row(ledger, id,
		(struct ledger_row){ .kind = ROW_REQUEST, .request = { .reference = "PSA-2" } }),
	    LEDGER_DONE);
	assert_int_equal(add_request(ledger, STATE_READY, "PSA-1", other), LEDGER_DONE);
	assert_int_equal(add_row(ledger, id,
			     (struct ledger_row){
				 .kind = ROW_REQUEST, .request = { .reference = LEDGER_CLEAR } }),
	    LEDGER_DONE);
	assert_null(read_request(ledger, id).reference);
	assert_int_equal(add_request(ledger, STATE_READY, "PSA-2", other), LEDGER_DONE);
	verify(ledger);
	ledger_close(ledger);
}

static void references_of_an_older_ledger_are_held_as_they_were(void **state)
{
	struct request_row row;
	struct ledger *ledger;
	struct ledger_row taken = { .kind = ROW_REQUEST, .request = { .reference = "PSA-1" } };
	struct ledger_change change = {
		.request = "x", .state = STATE_READY, .rows = &taken, .n_rows = 1
	};

	(void)state;
	raw_older(3);
	ledger = create();
	assert_true(ledger_by_reference(ledger, "PSA-1", arena, &row, &why));
	assert_int_equal(row.state, STATE_HANDED_OFF);
	assert_int_equal(commit(ledger, &change), LEDGER_EXISTS);
	assert_string_equal(change.conflict, row.id);
	assert_false(ledger_by_reference(ledger, "PSA-2", arena, &row, &why)); /* cancelled */
	taken.request.reference = "PSA-2";
	assert_int_equal(commit(ledger, &change), LEDGER_DONE);
	verify(ledger);
	ledger_close(ledger);
}

static void columns_that_are_not_given_stay_and_can_be_cleared(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct request_row row;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	add_row(ledger, id,
	    (struct ledger_row){ .kind = ROW_REQUEST,
		.request = {
		    .portal = "azure", .due = NOW + MINUTE, .reason = "waits", .title = "" } });
	row = read_request(ledger, id);
	assert_string_equal(row.title, "Mail stops");
	assert_string_equal(row.portal, "azure");
	assert_int_equal(row.due, NOW + MINUTE);
	add_row(ledger, id,
	    (struct ledger_row){
		.kind = ROW_REQUEST, .request = { .due = LEDGER_NO_DUE, .reason = LEDGER_CLEAR } });
	row = read_request(ledger, id);
	assert_string_equal(row.portal, "azure");
	assert_null(row.reason);
	assert_true(row.due == INSTANT_UNKNOWN);
	ledger_close(ledger);
}

static void a_change_that_expects_another_state_is_stale(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	assert_int_equal(move_to(ledger, id, STATE_ASKING, STATE_CANCELLED), LEDGER_STALE);
	assert_int_equal(move_to(ledger, id, STATE_READY, STATE_LINKING), LEDGER_DONE);
	assert_int_equal(move_to(ledger, id, STATE_READY, STATE_CANCELLED), LEDGER_STALE);
	assert_int_equal(read_request(ledger, id).state, STATE_LINKING);
	assert_int_equal(move_to(ledger, "0193a7c2", STATE_ANY, STATE_CANCELLED), LEDGER_MISSING);
	ledger_close(ledger);
}

static void a_change_names_its_request_by_key_as_well(void **state)
{
	struct ledger *ledger = create();
	struct ledger_change new[] = { { .request = "one", .state = STATE_READY },
		{ .request = "two", .state = STATE_READY } };
	struct ledger_change change = {
		.request = "one", .expect = STATE_READY, .state = STATE_OPEN
	};

	(void)state;
	assert_true(ledger_commit(ledger, NOW, new, 2, &why));
	assert_int_equal(read_request(ledger, "two").key, new[1].key);
	change.key = new[1].key;
	assert_int_equal(commit(ledger, &change), LEDGER_MISSING); /* another one's */
	change.key = new[0].key;
	assert_int_equal(commit(ledger, &change), LEDGER_DONE);
	assert_int_equal(read_request(ledger, "one").state, STATE_OPEN);
	assert_int_equal(read_request(ledger, "two").state, STATE_READY);
	ledger_close(ledger);
}

static void a_change_that_fails_leaves_nothing_and_hinders_no_other(void **state)
{
	struct ledger *ledger = create();
	char ids[3][ID_TEXT];
	struct ledger_row rows[2] = { { .kind = ROW_REQUEST, .request = { .portal = "azure" } },
		{ .kind = ROW_GUIDE, .guide = { .number = 7, .is_open = true } } };
	struct ledger_change changes[3] = {
		{ .request = ids[0], .expect = STATE_READY, .state = STATE_LINKING },
		{ .request = ids[1],
		    .expect = STATE_READY,
		    .state = STATE_LINKING,
		    .rows = rows,
		    .n_rows = 2,
		    .event = { .what = "never" } },
		{ .request = ids[2], .expect = STATE_READY, .state = STATE_LINKING },
	};
	struct event_row *events;
	size_t n;

	(void)state;
	for (size_t i = 0; i < LENGTH(ids); i++)
		add_request(ledger, STATE_READY, NULL, ids[i]);
	assert_true(ledger_commit(ledger, NOW, changes, LENGTH(changes), &why));
	assert_int_equal(changes[0].result, LEDGER_DONE);
	assert_int_equal(changes[1].result, LEDGER_MISSING);
	assert_int_equal(changes[2].result, LEDGER_DONE);
	assert_int_equal(read_request(ledger, ids[1]).state, STATE_READY);
	assert_null(read_request(ledger, ids[1]).portal);
	assert_int_equal(read_request(ledger, ids[2]).state, STATE_LINKING);
	assert_true(ledger_events(ledger, ids[1], 0, 0, arena, &events, &n, &why));
	assert_int_equal(n, 1);
	ledger_close(ledger);
}

static void changes_of_one_batch_see_one_another(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct ledger_change changes[] = {
		{ .request = id, .state = STATE_READY },
		{ .request = id, .expect = STATE_READY, .state = STATE_LINKING },
		{ .request = id, .expect = STATE_READY, .state = STATE_CREATING },
	};

	(void)state;
	id_new(NOW, id);
	assert_true(ledger_commit(ledger, NOW, changes, LENGTH(changes), &why));
	assert_int_equal(changes[1].result, LEDGER_DONE);
	assert_int_equal(changes[2].result, LEDGER_STALE);
	assert_int_equal(read_request(ledger, id).state, STATE_LINKING);
	ledger_close(ledger);
}

/* ---- short ids ------------------------------------------------------------------------ */

static void insert(struct ledger *ledger, const char *id)
{
	struct ledger_change change = { .request = id, .state = STATE_READY };

	assert_int_equal(commit(ledger, &change), LEDGER_DONE);
}

static void a_request_is_found_by_the_beginning_or_end_of_its_id(void **state)
{
	static const char *const ids[] = { "0193a7c2-1111-7000-8000-00000000abcd",
		"0193a7c2-2222-7000-8000-00000000ef01", "0193b000-0000-7000-8000-0000000193a7" };
	static const struct {
		const char *part;
		int found; /* -1: none, -2: an error */
		const char *says;
	} cases[] = {
		{ "0193b", 2, NULL }, { "abcd", 0, NULL }, { "ABCD", 0, NULL },
		{ "0193a7c2-2", 1, NULL }, { "0193a7c2-1111-7000-8000-00000000abcd", 0, NULL },
		{ "ffff", -1, NULL }, { "no-id-at-all", -1, NULL },
		{ "0193a7c2-1111-7000-8000-00000000abce", -1, NULL },
		{ "abc", -2, "give 4 characters" }, { "", -2, "give 4 characters" },
		{ "0193a7c2", -2, "several requests: 0193a7c2-2222" },
		{ "0193a7", -2, "0193b000-0000" }, /* a beginning of two, the end of a third */
	};
	struct ledger *ledger = create();
	struct request_row row;

	(void)state;
	for (size_t i = 0; i < LENGTH(ids); i++)
		insert(ledger, ids[i]);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		bool found;

		why = (struct failure){ 0 };
		found = ledger_request(ledger, cases[i].part, arena, &row, &why);
		if (found != (cases[i].found >= 0) ||
		    (why.kind != FAILURE_NONE) != (cases[i].found == -2))
			fail_msg("'%s': %d %s", cases[i].part, found, why.text);
		if (found)
			assert_string_equal(row.id, ids[cases[i].found]);
		if (cases[i].says && (why.kind != FAILURE_DATA || !strstr(why.text, cases[i].says)))
			fail_msg("'%s' says: %s", cases[i].part, why.text);
	}
	ledger_close(ledger);
}

/* ---- lists ------------------------------------------------------------------------------- */

static size_t count(struct ledger *ledger, struct request_filter filter, struct request_row **rows)
{
	size_t n = 0;

	why = (struct failure){ 0 };
	if (!ledger_requests(ledger, &filter, arena, rows, &n, &why))
		fail_msg("%s", why.text);
	return n;
}

static void lists_filter_and_turn_pages(void **state)
{
	struct ledger *ledger = create();
	char ids[6][ID_TEXT];
	struct request_row *rows;

	(void)state;
	for (size_t i = 0; i < LENGTH(ids); i++)
		add_request(ledger, i % 2 ? STATE_READY : STATE_PARKED, NULL, ids[i]);
	move_to(ledger, ids[5], STATE_READY, STATE_CANCELLED);
	add_row(ledger, ids[1],
	    (struct ledger_row){
		.kind = ROW_REQUEST, .request = { .portal = "azure", .contract = "c1" } });
	assert_int_equal(count(ledger, (struct request_filter){ 0 }, &rows), 6);
	assert_string_equal(rows[0].id, ids[5]);
	assert_int_equal(count(ledger, (struct request_filter){ .state = STATE_ANY }, &rows), 5);
	assert_int_equal(count(ledger, (struct request_filter){ .state = STATE_READY }, &rows), 2);
	assert_int_equal(
	    count(ledger, (struct request_filter){ .state = STATE_CANCELLED }, &rows), 1);
	assert_int_equal(count(ledger, (struct request_filter){ .portal = "azure" }, &rows), 1);
	assert_int_equal(count(ledger, (struct request_filter){ .contract = "c2" }, &rows), 0);
	assert_int_equal(
	    count(ledger, (struct request_filter){ .account = "anna@contoso.example" }, &rows), 6);
	assert_int_equal(count(ledger, (struct request_filter){ .limit = 2 }, &rows), 2);
	assert_int_equal(
	    count(ledger, (struct request_filter){ .limit = 2, .after = rows[1].id }, &rows), 2);
	assert_string_equal(rows[0].id, ids[3]);
	assert_int_equal(
	    count(ledger, (struct request_filter){ .oldest_first = true, .after = ids[3] }, &rows),
	    2);
	assert_string_equal(rows[0].id, ids[4]);
	ledger_close(ledger);
}

/* Page by page, both ways: every unfinished one once, in the order in which they came. */
static void the_unfinished_of_all_states_are_one_list(void **state)
{
	struct ledger *ledger = create();
	char ids[24][ID_TEXT];
	struct request_filter filter = { .state = STATE_ANY, .limit = 4 };
	struct request_row *rows;
	int seen = 0;

	(void)state;
	for (int i = 0; i < 24; i++)
		add_request(ledger, (enum request_state)(i * 5 % 12 + 1), NULL, ids[i]);
	for (int way = 0; way < 2; way++, seen = 0) {
		filter.oldest_first = way == 1;
		filter.after = NULL;
		for (int i = 0; i < 24; i++) {
			int at = way == 1 ? i : 23 - i;

			if (state_is_final((enum request_state)(at * 5 % 12 + 1)))
				continue;
			if (seen++ % 4 == 0) {
				size_t n = count(ledger, filter, &rows);

				assert_int_equal(n, seen <= 16 ? 4 : 2);
				filter.after = rows[n - 1].id;
			}
			assert_string_equal(rows[(seen - 1) % 4].id, ids[at]);
		}
		assert_int_equal(seen, 18);
	}
	filter.portal = "azure";
	filter.after = NULL;
	assert_int_equal(count(ledger, filter, &rows), 0);
	add_row(ledger, ids[3],
	    (struct ledger_row){ .kind = ROW_REQUEST, .request = { .portal = "azure" } });
	assert_int_equal(count(ledger, filter, &rows), 1);
	assert_string_equal(rows[0].id, ids[3]);
	ledger_close(ledger);
}

static void due_work_comes_most_overdue_first_and_without_what_is_claimed_or_finished(void **state)
{
	static const instant due[] = { NOW - 1, NOW - 3, NOW + 5, NOW - 2, NOW - 4 };
	struct ledger *ledger = create();
	char ids[5][ID_TEXT];
	struct request_row *rows;
	int64_t fence;

	(void)state;
	for (size_t i = 0; i < LENGTH(ids); i++) {
		add_request(ledger, STATE_WAITING, NULL, ids[i]);
		add_row(ledger, ids[i],
		    (struct ledger_row){ .kind = ROW_REQUEST, .request = { .due = due[i] } });
	}
	move_to(ledger, ids[4], STATE_WAITING, STATE_CANCELLED);
	ledger_claim(ledger, ids[3], "node-1", NOW, MINUTE, &fence, &why);
	assert_int_equal(count(ledger, (struct request_filter){ .due_before = NOW }, &rows), 3);
	assert_string_equal(rows[0].id, ids[1]);
	assert_string_equal(rows[1].id, ids[3]);
	assert_int_equal(
	    count(ledger, (struct request_filter){ .due_before = NOW, .unclaimed_at = NOW }, &rows),
	    2);
	assert_string_equal(rows[1].id, ids[0]);
	assert_int_equal(
	    count(ledger, (struct request_filter){ .due_before = NOW, .after = ids[1] }, &rows), 2);
	ledger_close(ledger);
}

static void states_have_the_names_of_the_manual(void **state)
{
	(void)state;
	for (enum request_state s = STATE_ASKING; s <= STATE_CANCELLED; s++)
		assert_int_equal(state_read(text_of(state_name(s))), s);
	assert_string_equal(state_name(STATE_HANDED_OFF), "handed-off");
	assert_int_equal(state_read(TEXT("none")), STATE_NONE);
	assert_int_equal(state_read(TEXT("any")), STATE_NONE);
	assert_true(state_is_final(STATE_CLOSED));
	assert_false(state_is_final(STATE_OPEN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_request_is_found_by_id_and_reference),
		TEST(a_request_outlives_the_process),
		TEST(the_same_id_is_not_inserted_twice),
		TEST(a_live_reference_is_held_and_the_conflict_names_its_request),
		TEST(the_reference_of_a_refused_or_cancelled_request_is_free_again),
		TEST(the_reference_of_a_closed_request_stays_taken),
		TEST(a_refused_request_that_comes_back_must_get_its_reference_again),
		TEST(a_reference_can_be_changed_and_cleared),
		TEST(references_of_an_older_ledger_are_held_as_they_were),
		TEST(columns_that_are_not_given_stay_and_can_be_cleared),
		TEST(a_change_that_expects_another_state_is_stale),
		TEST(a_change_names_its_request_by_key_as_well),
		TEST(a_change_that_fails_leaves_nothing_and_hinders_no_other),
		TEST(changes_of_one_batch_see_one_another),
		TEST(a_request_is_found_by_the_beginning_or_end_of_its_id),
		TEST(lists_filter_and_turn_pages),
		TEST(the_unfinished_of_all_states_are_one_list),
		TEST(due_work_comes_most_overdue_first_and_without_what_is_claimed_or_finished),
		TEST(states_have_the_names_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
