/* Events out: how far a webhook has come, what is due again, what is dead. */
#include "ledger_fixture.h"

#include <sqlite3.h>

static struct webhook_row webhook(struct ledger *ledger, const char *name)
{
	struct webhook_row row = { 0 };

	why = (struct failure){ 0 };
	if (!ledger_webhook(ledger, name, arena, &row, &why))
		fail_msg("webhook %s: %s", name, why.kind ? why.text : "there is none");
	return row;
}

static struct delivery_counts counts(struct ledger *ledger, const char *name)
{
	struct delivery_counts c = { 0 };

	assert_true(ledger_delivery_counts(ledger, name, &c, &why));
	return c;
}

static void set_webhook(struct ledger *ledger, struct webhook_row row)
{
	struct ledger_row one = { .kind = ROW_WEBHOOK, .webhook = row };

	assert_int_equal(add_row(ledger, NULL, one), LEDGER_DONE);
}

static void deliver(
    struct ledger *ledger, const char *name, int64_t event, enum delivery_state state, instant next)
{
	struct ledger_row one = { .kind = ROW_DELIVERY,
		.delivery = { .webhook = name,
		    .event = event,
		    .state = state,
		    .tries = 1,
		    .next = next,
		    .status = 503,
		    .reason = "HTTP status 503" } };

	assert_int_equal(add_row(ledger, NULL, one), LEDGER_DONE);
}

static size_t list(struct ledger *ledger, struct delivery_filter filter, struct delivery_row **rows)
{
	size_t n = 0;

	why = (struct failure){ 0 };
	assert_true(ledger_deliveries(ledger, &filter, arena, rows, &n, &why));
	return n;
}

static size_t list_due(struct ledger *ledger, instant before, struct delivery_row **rows)
{
	return list(
	    ledger, (struct delivery_filter){ .webhook = "psa", .due_before = before }, rows);
}

static void a_cursor_is_kept_and_never_goes_back(void **state)
{
	struct ledger *ledger = create();
	struct webhook_row row;

	(void)state;
	assert_false(ledger_webhook(ledger, "psa", arena, &row, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .cursor = 7 });
	set_webhook(ledger, (struct webhook_row){ .name = "other", .cursor = 1 });
	ledger_close(ledger);
	ledger = create();
	assert_int_equal(webhook(ledger, "psa").cursor, 7);
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .cursor = 3 });
	assert_int_equal(webhook(ledger, "psa").cursor, 7);
	assert_int_equal(webhook(ledger, "other").cursor, 1);
	verify(ledger);
	ledger_close(ledger);
}

static void it_is_disabled_with_a_reason_until_it_is_enabled(void **state)
{
	struct ledger *ledger = create();
	struct webhook_row row;

	(void)state;
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .cursor = 7 });
	assert_int_equal(webhook(ledger, "psa").disabled, INSTANT_UNKNOWN);
	set_webhook(
	    ledger, (struct webhook_row){ .name = "psa", .disabled = NOW, .reason = "gone" });
	row = webhook(ledger, "psa");
	assert_int_equal(row.disabled, NOW);
	assert_int_equal(row.cursor, 7);
	assert_string_equal(row.reason, "gone");
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .cursor = 8 });
	assert_int_equal(webhook(ledger, "psa").disabled, NOW);
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .disabled = LEDGER_ENABLED });
	row = webhook(ledger, "psa");
	assert_int_equal(row.disabled, INSTANT_UNKNOWN);
	assert_null(row.reason);
	ledger_close(ledger);
}

static void what_is_due_comes_the_most_overdue_first(void **state)
{
	struct ledger *ledger = create();
	struct delivery_row *rows;

	(void)state;
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .cursor = 9 });
	deliver(ledger, "psa", 1, DELIVERY_DUE, NOW + 3);
	deliver(ledger, "psa", 2, DELIVERY_DUE, NOW + 1);
	deliver(ledger, "psa", 3, DELIVERY_DEAD, NOW);
	deliver(ledger, "other", 4, DELIVERY_DUE, NOW);
	assert_int_equal(list_due(ledger, NOW + 1, &rows), 0);
	assert_int_equal(list_due(ledger, NOW + 4, &rows), 2);
	assert_int_equal(rows[0].event, 2);
	assert_int_equal(rows[1].event, 1);
	assert_int_equal(rows[1].status, 503);
	assert_string_equal(rows[1].reason, "HTTP status 503");
	assert_int_equal(counts(ledger, "psa").due, 2);
	assert_int_equal(counts(ledger, "psa").dead, 1);
	assert_int_equal(counts(ledger, "psa").oldest_due, 1);
	ledger_close(ledger);
}

static void what_was_taken_leaves_no_row(void **state)
{
	struct ledger *ledger = create();
	struct delivery_row *rows;

	(void)state;
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .cursor = 9 });
	deliver(ledger, "psa", 1, DELIVERY_DUE, NOW);
	deliver(ledger, "psa", 1, DELIVERY_NONE, NOW);
	deliver(ledger, "psa", 2, DELIVERY_NONE, NOW);
	assert_int_equal(list(ledger, (struct delivery_filter){ .webhook = "psa" }, &rows), 0);
	assert_int_equal(counts(ledger, "psa").oldest_due, 0);
	ledger_close(ledger);
}

static void all_that_is_dead_is_due_again_when_it_is_resent(void **state)
{
	struct ledger *ledger = create();
	struct delivery_row *rows;
	struct delivery_filter dead = { .webhook = "psa", .state = DELIVERY_DEAD };

	(void)state;
	set_webhook(ledger, (struct webhook_row){ .name = "psa", .cursor = 9 });
	deliver(ledger, "psa", 1, DELIVERY_DEAD, 0);
	deliver(ledger, "psa", 2, DELIVERY_DEAD, 0);
	deliver(ledger, "other", 3, DELIVERY_DEAD, 0);
	assert_int_equal(list(ledger, dead, &rows), 2);
	dead.after = 1;
	assert_int_equal(list(ledger, dead, &rows), 1);
	assert_int_equal(rows[0].event, 2);
	add_row(ledger, NULL, (struct ledger_row){ .kind = ROW_RESEND, .resend = "psa" });
	assert_int_equal(list_due(ledger, NOW + 1, &rows), 2);
	assert_int_equal(rows[0].tries, 0);
	assert_int_equal(counts(ledger, "psa").dead, 0);
	dead = (struct delivery_filter){ .webhook = "other", .event = 3 };
	assert_int_equal(list(ledger, dead, &rows), 1);
	assert_int_equal(rows[0].state, DELIVERY_DEAD);
	ledger_close(ledger);
}

static void every_ledger_has_an_id_of_its_own_that_stays(void **state)
{
	char first[LEDGER_OWN_ID], again[LEDGER_OWN_ID];
	struct ledger *ledger = create();

	(void)state;
	assert_true(ledger_own_id(ledger, first, &why));
	assert_int_equal(strlen(first), LEDGER_OWN_ID - 1);
	ledger_close(ledger);
	ledger = create();
	assert_true(ledger_own_id(ledger, again, &why));
	assert_string_equal(first, again);
	ledger_close(ledger);
	remove(path);
	ledger = create();
	assert_true(ledger_own_id(ledger, again, &why));
	assert_string_not_equal(first, again);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cursor_is_kept_and_never_goes_back),
		TEST(it_is_disabled_with_a_reason_until_it_is_enabled),
		TEST(what_is_due_comes_the_most_overdue_first),
		TEST(what_was_taken_leaves_no_row),
		TEST(all_that_is_dead_is_due_again_when_it_is_resent),
		TEST(every_ledger_has_an_id_of_its_own_that_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
