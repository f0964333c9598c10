#include "ledger_fixture.h"
#include "ledger_raw.h"

static enum ledger_result add_with_key(struct ledger *ledger, instant now, const char *caller,
    const char *key, const char *digest, char id[ID_TEXT], char conflict[LEDGER_NAME])
{
	struct ledger_row rows[] = { { .kind = ROW_REQUEST, .request = { .title = "Mail stops" } },
		{ .kind = ROW_IDEMPOTENCY,
		    .idempotency = { .caller = caller, .key = key, .digest = text_of(digest) } } };
	struct ledger_change change = {
		.state = STATE_READY, .rows = rows, .n_rows = 2, .event = { .what = "submitted" }
	};

	id_new(now, id);
	change.request = id;
	commit_at(ledger, now, &change);
	snprintf(conflict, LEDGER_NAME, "%s", change.conflict);
	return change.result;
}

static bool find_key(struct ledger *ledger, instant now, const char *caller, const char *key,
    struct idempotency_row *row)
{
	why = (struct failure){ 0 };
	return ledger_idempotency(ledger, caller, key, now, arena, row, &why);
}

static int64_t count_keys(void)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM idempotency", -1, &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	n = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return n;
}

static void a_key_is_kept_with_its_request(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT], conflict[LEDGER_NAME];
	struct idempotency_row row;

	(void)state;
	assert_int_equal(
	    add_with_key(ledger, NOW, "anna", "k-1", "one", id, conflict), LEDGER_DONE);
	ledger_close(ledger);
	ledger = create();
	assert_true(find_key(ledger, NOW + MINUTE, "anna", "k-1", &row));
	assert_string_equal(row.request, id);
	assert_true(text_is(row.digest, "one"));
	assert_false(find_key(ledger, NOW, "anna", "k-2", &row));
	assert_int_equal(why.kind, FAILURE_NONE);
	verify(ledger);
	ledger_close(ledger);
}

static void a_key_used_again_makes_nothing_and_names_the_first_request(void **state)
{
	struct ledger *ledger = create();
	char first[ID_TEXT], second[ID_TEXT], conflict[LEDGER_NAME];
	struct request_row row;

	(void)state;
	add_with_key(ledger, NOW, "anna", "k-1", "one", first, conflict);
	assert_int_equal(
	    add_with_key(ledger, NOW + 1, "anna", "k-1", "other", second, conflict), LEDGER_EXISTS);
	assert_string_equal(conflict, first);
	assert_false(ledger_request(ledger, second, arena, &row, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	assert_int_equal(count_keys(), 1);
	verify(ledger);
	ledger_close(ledger);
}

static void two_of_one_batch_with_one_key_are_one(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row rows[2] = { { .kind = ROW_IDEMPOTENCY,
	    .idempotency = { .caller = "anna", .key = "k", .digest = TEXT("one") } } };
	char ids[2][ID_TEXT];
	struct ledger_change changes[2];

	(void)state;
	rows[1] = rows[0];
	for (int i = 0; i < 2; i++) {
		id_new(NOW, ids[i]);
		changes[i] = (struct ledger_change){
			.request = ids[i], .state = STATE_READY, .rows = &rows[i], .n_rows = 1
		};
	}
	assert_true(ledger_commit(ledger, NOW, changes, 2, &why));
	assert_int_equal(changes[0].result, LEDGER_DONE);
	assert_int_equal(changes[1].result, LEDGER_EXISTS);
	assert_string_equal(changes[1].conflict, ids[0]);
	ledger_close(ledger);
}

static void each_caller_has_keys_of_its_own(void **state)
{
	struct ledger *ledger = create();
	char first[ID_TEXT], second[ID_TEXT], conflict[LEDGER_NAME];
	struct idempotency_row row;

	(void)state;
	add_with_key(ledger, NOW, "anna", "k", "one", first, conflict);
	assert_int_equal(
	    add_with_key(ledger, NOW, "caller:psa", "k", "two", second, conflict), LEDGER_DONE);
	assert_true(find_key(ledger, NOW, "caller:psa", "k", &row));
	assert_string_equal(row.request, second);
	ledger_close(ledger);
}

static void a_key_is_free_again_after_two_days(void **state)
{
	struct ledger *ledger = create();
	char first[ID_TEXT], second[ID_TEXT], conflict[LEDGER_NAME];
	struct idempotency_row row;
	instant last = NOW + LEDGER_KEY_MS - 1;

	(void)state;
	add_with_key(ledger, NOW, "anna", "k", "one", first, conflict);
	assert_int_equal(
	    add_with_key(ledger, last, "anna", "k", "one", second, conflict), LEDGER_EXISTS);
	assert_int_equal(
	    add_with_key(ledger, last + 1, "anna", "k", "two", second, conflict), LEDGER_DONE);
	assert_true(find_key(ledger, last + 1, "anna", "k", &row));
	assert_string_equal(row.request, second);
	assert_int_equal(count_keys(), 1);
	ledger_close(ledger);
}

static void old_keys_go_a_few_at_a_time_faster_than_new_ones_come(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT], conflict[LEDGER_NAME], key[32];
	int64_t before, after;

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(key, sizeof key, "old-%d", i);
		add_with_key(ledger, NOW, "anna", key, "one", id, conflict);
	}
	before = count_keys();
	add_with_key(ledger, NOW + LEDGER_KEY_MS, "anna", "new-1", "one", id, conflict);
	after = count_keys();
	assert_true(after < before && after > 1);
	for (int i = 2; i <= 4; i++) {
		snprintf(key, sizeof key, "new-%d", i);
		add_with_key(ledger, NOW + LEDGER_KEY_MS, "anna", key, "one", id, conflict);
	}
	assert_int_equal(count_keys(), 4);
	verify(ledger);
	ledger_close(ledger);
}

static void an_older_ledger_gets_the_table(void **state)
{
	char id[ID_TEXT], conflict[LEDGER_NAME];
	struct ledger *ledger;

	(void)state;
	raw_older(3);
	raw("DROP INDEX request_of_caller; DROP TABLE idempotency; PRAGMA user_version = 1");
	assert_null(open_with(LEDGER_READ, KEY));
	assert_non_null(strstr(why.text, "older version"));
	ledger = create();
	assert_int_equal(add_with_key(ledger, NOW, "anna", "k", "one", id, conflict), LEDGER_DONE);
	verify(ledger);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_is_kept_with_its_request),
		TEST(a_key_used_again_makes_nothing_and_names_the_first_request),
		TEST(two_of_one_batch_with_one_key_are_one),
		TEST(each_caller_has_keys_of_its_own),
		TEST(a_key_is_free_again_after_two_days),
		TEST(old_keys_go_a_few_at_a_time_faster_than_new_ones_come),
		TEST(an_older_ledger_gets_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
