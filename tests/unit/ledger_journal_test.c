#include "ledger_raw.h"

static void decisions_are_numbered_and_the_last_is_found(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct ledger_row rows[2] = {
		{ .kind = ROW_DECISION,
		    .decision = { .request = "{\"a\":1}",
			.facts = "{}",
			.decision = "{\"outcome\":\"ask\"}",
			.generation = "g1" } },
		{ .kind = ROW_DECISION,
		    .decision = { .at = NOW + 5,
			.request = "{\"a\":2}",
			.decision = "{\"outcome\":\"allow\"}" } },
	};
	struct decision_row row, *list;
	size_t n;

	(void)state;
	add_request(ledger, STATE_ASKING, NULL, id);
	assert_false(ledger_decision(ledger, id, 0, arena, &row, &why));
	assert_int_equal(add_rows(ledger, id, rows, LENGTH(rows)), LEDGER_DONE);
	assert_int_equal(rows[0].decision.number, 1);
	assert_int_equal(rows[1].decision.number, 2);
	assert_true(ledger_decision(ledger, id, 0, arena, &row, &why));
	assert_int_equal(row.number, 2);
	assert_int_equal(row.at, NOW + 5);
	assert_null(row.facts);
	assert_true(ledger_decision(ledger, id, 1, arena, &row, &why));
	assert_string_equal(row.request, "{\"a\":1}");
	assert_string_equal(row.generation, "g1");
	assert_false(ledger_decision(ledger, id, 3, arena, &row, &why));
	assert_true(ledger_decisions(ledger, id, arena, &list, &n, &why));
	assert_int_equal(n, 2);
	assert_int_equal(read_request(ledger, id).decisions, 2);
	verify(ledger);
	ledger_close(ledger);
}

static void decisions_of_an_older_ledger_are_found(void **state)
{
	static const char id[] = "01a20cdc-b821-7000-a25b-1e4264a71e86";
	struct decision_row row, *list;
	struct ledger *ledger;
	size_t n;

	(void)state;
	raw_older(3);
	raw("INSERT INTO decision VALUES (1, 2, 5, NULL, '{\"later\":1}', NULL, NULL);"
	    "UPDATE request SET decisions = 2 WHERE key = 1");
	ledger = create();
	assert_true(ledger_decision(ledger, id, 0, arena, &row, &why));
	assert_string_equal(row.request, "{\"later\":1}");
	assert_true(ledger_decisions(ledger, id, arena, &list, &n, &why));
	assert_int_equal(n, 2);
	assert_int_equal(list[0].number, 1);
	assert_int_equal(list[0].at, 1795512121377);
	assert_string_equal(list[0].generation, "1fb5dea477690699");
	assert_non_null(strstr(list[0].request, "PSA-1"));
	assert_non_null(strstr(list[0].decision, "allow"));
	verify(ledger);
	ledger_close(ledger);
}

static void no_request_has_more_decisions_than_there_are_keys(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row rows[2] = { { .kind = ROW_DECISION }, { .kind = ROW_DECISION } };
	char ids[2][ID_TEXT];

	(void)state;
	add_request(ledger, STATE_ASKING, NULL, ids[0]);
	add_request(ledger, STATE_ASKING, NULL, ids[1]);
	raw("UPDATE request SET decisions = 1048574 WHERE key = 1");
	assert_int_equal(add_rows(ledger, ids[0], rows, 2), LEDGER_STALE);
	assert_int_equal(add_rows(ledger, ids[0], rows, 1), LEDGER_DONE);
	assert_int_equal(rows[0].decision.number, 1048575);
	assert_int_equal(add_rows(ledger, ids[0], rows, 1), LEDGER_STALE);
	assert_int_equal(add_rows(ledger, ids[1], rows, 1), LEDGER_DONE);
	ledger_close(ledger);
}

static void the_journal_of_an_operation_comes_back_as_it_was(void **state)
{
	static const char note[] = "binary\0note\xff of a plugin";
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct operation_row in = { .kind = "create",
		.portal = "azure",
		.hops = 1,
		.memory = 3,
		.stage = UINT32_MAX,
		.cursor = { 1, 2, UINT32_MAX },
		.note = { note, sizeof note - 1 },
		.key = "caseroute-1",
		.exchange = TEXT("{\"method\":\"PUT\"}"),
		.is_sent = true,
		.never_sent_once = true,
		.tries = 4,
		.steps = 9,
		.started = NOW,
		.account = "anna",
		.input = TEXT("{}") };
	struct operation_row out;

	(void)state;
	add_request(ledger, STATE_CREATING, NULL, id);
	assert_false(ledger_operation(ledger, id, arena, &out, &why));
	add_row(ledger, id, (struct ledger_row){ .kind = ROW_OPERATION, .operation = in });
	assert_true(ledger_operation(ledger, id, arena, &out, &why));
	assert_string_equal(out.kind, in.kind);
	assert_string_equal(out.portal, in.portal);
	assert_memory_equal(out.cursor, in.cursor, sizeof in.cursor);
	assert_int_equal(out.stage, in.stage);
	assert_true(text_equal(out.note, in.note));
	assert_true(text_equal(out.exchange, in.exchange));
	assert_true(out.is_sent && out.never_sent_once);
	assert_int_equal(out.hops * 1000 + out.memory * 100 + out.tries * 10 + out.steps, 1349);
	assert_string_equal(read_request(ledger, id).operation, "create");
	in = (struct operation_row){ .kind = "status" };
	add_row(ledger, id, (struct ledger_row){ .kind = ROW_OPERATION, .operation = in });
	assert_true(ledger_operation(ledger, id, arena, &out, &why));
	assert_int_equal(out.note.n + out.exchange.n, 0);
	assert_null(out.portal);
	add_row(ledger, id, (struct ledger_row){ .kind = ROW_OPERATION });
	assert_false(ledger_operation(ledger, id, arena, &out, &why));
	assert_null(read_request(ledger, id).operation);
	ledger_close(ledger);
}

static void guides_are_numbered_and_the_open_one_is_found_first(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct ledger_row row = { .kind = ROW_GUIDE,
		.guide = { .is_open = true, .guide = TEXT("{\"g\":1}"), .due = NOW + MINUTE } };
	struct guide_row out, *list;
	size_t n;

	(void)state;
	add_request(ledger, STATE_HANDED_OFF, NULL, id);
	assert_false(ledger_guide(ledger, id, 0, arena, &out, &why));
	assert_int_equal(add_rows(ledger, id, &row, 1), LEDGER_DONE);
	assert_int_equal(row.guide.number, 1);
	row.guide.is_open = false; /* the same row again now changes number 1 */
	row.guide.answer = TEXT("{\"code\":\"ticket\"}");
	assert_int_equal(add_rows(ledger, id, &row, 1), LEDGER_DONE);
	assert_true(ledger_guide(ledger, id, 0, arena, &out, &why));
	assert_false(out.is_open);
	assert_true(text_is(out.guide, "{\"g\":1}"));
	assert_true(text_is(out.answer, "{\"code\":\"ticket\"}"));
	assert_int_equal(out.due, NOW + MINUTE);
	row = (struct ledger_row){ .kind = ROW_GUIDE, .guide = { .is_open = true } };
	assert_int_equal(add_rows(ledger, id, &row, 1), LEDGER_DONE);
	assert_int_equal(row.guide.number, 2);
	assert_true(ledger_guide(ledger, id, 0, arena, &out, &why));
	assert_int_equal(out.number, 2);
	assert_true(ledger_guides(ledger, id, arena, &list, &n, &why));
	assert_int_equal(n, 2);
	assert_int_equal(list[0].number, 1);
	row.guide.number = 5;
	assert_int_equal(add_rows(ledger, id, &row, 1), LEDGER_MISSING);
	ledger_close(ledger);
}

static void a_change_that_is_not_made_gives_out_no_number(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	struct ledger_row rows[] = { { .kind = ROW_GUIDE, .guide = { .is_open = true } },
		{ .kind = ROW_RESERVE, .contract = "c9" } };

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	assert_int_equal(add_rows(ledger, id, rows, LENGTH(rows)), LEDGER_MISSING);
	assert_int_equal(rows[0].guide.number, 0);
	assert_int_equal(rows[0].given, 0);
	ledger_close(ledger);
}

static void events_tell_who_what_from_and_to_in_order(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT], other[ID_TEXT];
	struct ledger_change change = { .request = id,
		.expect = STATE_READY,
		.state = STATE_OPEN,
		.event = { .who = "azure",
		    .what = "opened",
		    .why = "the portal gave a number",
		    .detail = TEXT("{\"ticket\":\"1\"}"),
		    .at = NOW + 7 } };
	struct ledger_change desk = { .event = { .who = "anna", .what = "revealed" } };
	struct event_row *rows;
	size_t n;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	add_request(ledger, STATE_READY, NULL, other);
	commit(ledger, &change);
	commit(ledger, &desk);
	assert_int_equal(change.event.sequence, 3);
	assert_int_equal(desk.event.sequence, 4);
	assert_true(ledger_events(ledger, id, 0, 0, arena, &rows, &n, &why));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].what, "submitted");
	assert_int_equal(rows[0].from, STATE_NONE);
	assert_int_equal(rows[0].to, STATE_READY);
	assert_string_equal(rows[1].why, "the portal gave a number");
	assert_int_equal(rows[1].from, STATE_READY);
	assert_int_equal(rows[1].to, STATE_OPEN);
	assert_int_equal(rows[1].at, NOW + 7);
	assert_true(text_is(rows[1].detail, "{\"ticket\":\"1\"}"));
	assert_string_equal(rows[1].request, id);
	assert_true(ledger_events(ledger, NULL, 1, 0, arena, &rows, &n, &why));
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].request, other);
	assert_null(rows[2].request);
	assert_true(ledger_events(ledger, NULL, 0, 2, arena, &rows, &n, &why));
	assert_int_equal(n, 2);
	ledger_close(ledger);
}

static void a_cached_value_ends_in_time(void **state)
{
	struct ledger *ledger = create();
	struct text value;

	(void)state;
	add_row(ledger, NULL,
	    (struct ledger_row){ .kind = ROW_CACHE,
		.cache = { .name = "services", .value = TEXT("[1]"), .until = NOW + MINUTE } });
	assert_true(ledger_cache(ledger, "services", NOW, arena, &value, &why));
	assert_true(text_is(value, "[1]"));
	assert_false(ledger_cache(ledger, "services", NOW + MINUTE, arena, &value, &why));
	assert_false(ledger_cache(ledger, "others", NOW, arena, &value, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	ledger_close(ledger);
}

static void a_benefit_is_activated_or_not(void **state)
{
	struct ledger *ledger = create();
	bool is_activated = false;
	instant at;

	(void)state;
	assert_false(ledger_benefit(ledger, "gold", &is_activated, &at, &why));
	add_row(ledger, NULL,
	    (struct ledger_row){ .kind = ROW_BENEFIT,
		.benefit = { .offer = "gold", .is_activated = true, .account = "anna" } });
	assert_true(ledger_benefit(ledger, "gold", &is_activated, &at, &why));
	assert_true(is_activated);
	assert_int_equal(at, NOW);
	ledger_close(ledger);
}

static void a_row_that_needs_a_request_is_refused_without_one(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row row = { .kind = ROW_GUIDE };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };

	(void)state;
	assert_false(ledger_commit(ledger, NOW, &change, 1, &why));
	assert_int_equal(why.kind, FAILURE_INTERNAL);
	verify(ledger); /* and the lock is free again */
	assert_int_equal(add_row(ledger, NULL,
			     (struct ledger_row){ .kind = ROW_CACHE, .cache = { .name = "n" } }),
	    LEDGER_DONE);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(decisions_are_numbered_and_the_last_is_found),
		TEST(decisions_of_an_older_ledger_are_found),
		TEST(no_request_has_more_decisions_than_there_are_keys),
		TEST(the_journal_of_an_operation_comes_back_as_it_was),
		TEST(guides_are_numbered_and_the_open_one_is_found_first),
		TEST(a_change_that_is_not_made_gives_out_no_number),
		TEST(events_tell_who_what_from_and_to_in_order),
		TEST(a_cached_value_ends_in_time),
		TEST(a_benefit_is_activated_or_not),
		TEST(a_row_that_needs_a_request_is_refused_without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
