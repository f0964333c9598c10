/* History: no event is changed, put in or taken out unseen, and yet what it says can go. */
#include "ledger_fixture.h"
#include "ledger_raw.h"

#define UNLOCK "DROP TRIGGER event_stays; DROP TRIGGER event_remains;"

/* Six events, the third and fourth of them with something to say. */
static struct ledger *with_events(char ids[2][ID_TEXT])
{
	struct ledger *ledger = create();

	for (int i = 0; i < 2; i++)
		add_request(ledger, STATE_READY, NULL, ids[i]);
	for (int i = 0; i < 4; i++) {
		struct ledger_change change = { .request = ids[i % 2],
			.expect = STATE_ANY,
			.event = { .who = "anna",
			    .what = "told",
			    .why = "the customer rang",
			    .detail = TEXT("{\"phone\":\"+36 1 555 0100\"}") } };

		assert_int_equal(commit(ledger, &change), LEDGER_DONE);
	}
	verify(ledger);
	return ledger;
}

static void assert_broken(struct ledger *ledger, const struct ledger_head *noted, const char *says)
{
	why = (struct failure){ 0 };
	if (ledger_verify(ledger, noted, NULL, &why) || !strstr(why.text, says))
		fail_msg("not '%s' but '%s'", says, why.text);
	assert_int_equal(why.kind, FAILURE_DATA);
	why = (struct failure){ 0 };
}

static struct ledger_head last(struct ledger *ledger)
{
	struct ledger_head head;

	assert_true(ledger_last(ledger, &head, &why));
	return head;
}

static void each_change_of_an_event_is_found_and_the_event_named(void **state)
{
	static const char *const changes[] = {
		"at = at + 1",
		"request = 1 - request + 2",
		"request = NULL",
		"who = 'Anna'",
		"who = NULL",
		"what = 'tolD'",
		"why = 'the customer rank'",
		"was = was + 1",
		"became = became + 1",
		"detail = replace(detail, '0100', '0101')",
		"detail = NULL",
		"why = who || why, who = NULL",
		"salt = CAST(x'00' || substr(salt, 2) AS BLOB)",
		"salt = NULL",
		"chain = CAST(substr(chain, 1, 31) || x'00' AS BLOB)",
		"salt = NULL, digest = zeroblob(32), who = NULL, why = NULL, detail = NULL",
	};
	char ids[2][ID_TEXT], sql[300];

	(void)state;
	for (size_t i = 0; i < LENGTH(changes); i++) {
		struct ledger *ledger;

		snprintf(path, sizeof path, "%s/%zu.db", folder, i);
		ledger = with_events(ids);
		snprintf(
		    sql, sizeof sql, UNLOCK "UPDATE event SET %s WHERE sequence = 4", changes[i]);
		raw(sql);
		assert_broken(ledger, NULL, "event 4 is not what was written");
		ledger_close(ledger);
	}
}

static void an_event_taken_out_put_in_or_moved_is_found(void **state)
{
	static const struct {
		const char *change, *says;
	} cases[] = {
		{ "DELETE FROM event WHERE sequence = 1", "event 1 is missing" },
		{ "DELETE FROM event WHERE sequence = 4", "event 4 is missing" },
		{ "DELETE FROM event WHERE sequence = 4;"
		  "UPDATE event SET sequence = sequence - 1 WHERE sequence > 4",
		    "event 4 is not what was written" },
		{ "UPDATE event SET sequence = 99 WHERE sequence = 3;"
		  "UPDATE event SET sequence = 3 WHERE sequence = 4;"
		  "UPDATE event SET sequence = 4 WHERE sequence = 99",
		    "event 3 is not what was written" },
		{ "INSERT INTO event SELECT 7, at, request, who, what, why, was, became, detail, "
		  "salt,"
		  " digest, chain FROM event WHERE sequence = 6",
		    "event 7 is not what was written" },
	};
	char ids[2][ID_TEXT], sql[500];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct ledger *ledger;

		snprintf(path, sizeof path, "%s/%zu.db", folder, i);
		ledger = with_events(ids);
		snprintf(sql, sizeof sql, UNLOCK "%s", cases[i].change);
		raw(sql);
		assert_broken(ledger, NULL, cases[i].says);
		ledger_close(ledger);
	}
}

static void a_noted_head_proves_that_the_end_was_not_cut_off(void **state)
{
	char ids[2][ID_TEXT], text[LEDGER_HEAD_TEXT];
	struct ledger *ledger = with_events(ids);
	struct ledger_head noted = last(ledger), read, now;

	(void)state;
	assert_int_equal(noted.sequence, 6);
	assert_true(ledger_head_read(text_of(ledger_head_write(&noted, text)), &read));
	assert_memory_equal(&noted, &read, sizeof noted);
	assert_true(ledger_verify(ledger, &noted, &now, &why));
	add_request(ledger, STATE_READY, NULL, ids[0]);
	assert_true(ledger_verify(ledger, &noted, &now, &why));
	assert_int_equal(now.sequence, 7);
	raw(UNLOCK "DELETE FROM event WHERE sequence > 5");
	verify(ledger); /* the end alone does not tell */
	assert_broken(ledger, &noted, "the last events are missing");
	/* Others in their place have another head. */
	add_request(ledger, STATE_READY, NULL, ids[0]);
	add_request(ledger, STATE_READY, NULL, ids[0]);
	verify(ledger);
	assert_broken(ledger, &noted, "event 6 is not the one whose head was noted");
	ledger_close(ledger);
}

static void a_head_is_read_only_as_it_is_written(void **state)
{
	static const char *const wrong[] = { "", "6", "6:", "6:00", ":", "-1:", "x:00",
		"6:zz00000000000000000000000000000000000000000000000000000000000000",
		"6:000000000000000000000000000000000000000000000000000000000000000000",
		"6:0000000000000000000000000000000000000000000000000000000000000000 " };
	struct ledger_head head;

	(void)state;
	for (size_t i = 0; i < LENGTH(wrong); i++)
		if (ledger_head_read(text_of(wrong[i]), &head))
			fail_msg("'%s' was taken", wrong[i]);
}

static void several_writers_make_one_chain(void **state)
{
	struct ledger *one = create(), *other = open_with(LEDGER_WRITE, KEY);
	struct ledger_change changes[3];
	char ids[3][ID_TEXT];

	(void)state;
	for (int round = 0; round < 5; round++) {
		add_request(round % 2 ? one : other, STATE_READY, NULL, ids[0]);
		for (int i = 0; i < 3; i++) {
			id_new(NOW, ids[i]);
			changes[i] = (struct ledger_change){ .request = ids[i],
				.expect = i == 1 ? STATE_OPEN : STATE_NONE, /* the second fails */
				.state = STATE_READY,
				.event = { .what = "submitted" } };
		}
		assert_true(ledger_commit(round % 2 ? other : one, NOW, changes, 3, &why));
		assert_int_equal(changes[1].result, LEDGER_MISSING);
		assert_int_equal(changes[2].event.sequence, changes[0].event.sequence + 1);
	}
	verify(one);
	assert_int_equal(last(one).sequence, 15);
	ledger_close(other);
	ledger_close(one);
}

static void events_of_an_older_ledger_are_chained_as_they_are(void **state)
{
	struct ledger *ledger;
	struct event_row *rows;
	struct ledger_head head;
	size_t n;

	(void)state;
	raw_older(3);
	ledger = open_with(LEDGER_WRITE, KEY);
	if (!ledger)
		fail_msg("%s", why.text);
	if (!ledger_verify(ledger, NULL, &head, &why))
		fail_msg("%s", why.text);
	assert_int_equal(head.sequence, 6);
	assert_true(ledger_events(ledger, NULL, 0, 0, arena, &rows, &n, &why));
	assert_int_equal(n, 6);
	assert_string_equal(rows[5].what, "cancelled");
	assert_string_equal(rows[5].why, "not needed");
	assert_int_equal(raw_number("SELECT count(*) FROM guide WHERE remind = due"), 1);
	assert_int_equal(raw_number("SELECT requests FROM tally WHERE state = 12"), 1);
	raw(UNLOCK "UPDATE event SET why = 'needed' WHERE sequence = 6");
	assert_broken(ledger, NULL, "event 6");
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_change_of_an_event_is_found_and_the_event_named),
		TEST(an_event_taken_out_put_in_or_moved_is_found),
		TEST(a_noted_head_proves_that_the_end_was_not_cut_off),
		TEST(a_head_is_read_only_as_it_is_written),
		TEST(several_writers_make_one_chain),
		TEST(events_of_an_older_ledger_are_chained_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
