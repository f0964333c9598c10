/* What was told of people can go, what is old goes by itself, and the books stay right. */
#include "ledger_fixture.h"
#include "ledger_raw.h"

#include "base/file.h"

#define DAY ((int64_t)24 * 60 * MINUTE)
#define MARK "Maria.Mark@customer.example"

/* A request that a customer's person runs through, in the given state at the end. */
static void told(struct ledger *ledger, const char *reference, enum request_state end, instant at,
    char id[ID_TEXT])
{
	struct ledger_row rows[] = {
		{ .kind = ROW_REQUEST,
		    .request = { .reference = reference,
			.title = "Mail of " MARK " stops",
			.account = "anna@contoso.example",
			.portal = "azure",
			.plan = "partner-support",
			.contract = "c1",
			.ticket = "2611230050001234",
			.reason = "asked by " MARK,
			.created_by = "anna" } },
		{ .kind = ROW_DECISION,
		    .decision = { .request = "{\"contact\":{\"email\":\"" MARK "\"}}",
			.facts = "{}",
			.decision = "{}" } },
		{ .kind = ROW_GUIDE,
		    .guide = { .is_open = false,
			.guide = TEXT("{\"fields\":[\"" MARK "\"]}"),
			.answer = TEXT("{\"text\":\"" MARK "\"}") } },
		{ .kind = ROW_IDEMPOTENCY,
		    .idempotency = { .caller = "caller:" MARK,
			.key = reference,
			.digest = TEXT("12345678") } },
		{ .kind = ROW_SPEND, .contract = "c1" },
	};
	struct ledger_change change = { .request = id,
		.state = STATE_OPEN,
		.rows = rows,
		.n_rows = LENGTH(rows),
		.event = {
		    .who = MARK, .what = "told", .why = MARK, .detail = TEXT("\"" MARK "\"") } };

	id_new(at, id);
	assert_int_equal(commit_at(ledger, at, &change), LEDGER_DONE);
	if (end == STATE_OPEN)
		return;
	change = (struct ledger_change){
		.request = id, .expect = STATE_OPEN, .state = end, .event = { .what = "closed" }
	};
	assert_int_equal(commit_at(ledger, at, &change), LEDGER_DONE);
}

static enum ledger_result forget(struct ledger *ledger, const char *id)
{
	struct ledger_row row = { .kind = ROW_FORGET };
	struct ledger_change change = { .request = id,
		.expect = STATE_ANY,
		.rows = &row,
		.n_rows = 1,
		.event = { .who = "operator", .what = "forgotten" } };

	return commit(ledger, &change);
}

static bool file_holds(const char *suffix, const char *text)
{
	struct buffer bytes = { 0 };
	struct failure none = { 0 };
	char name[128];
	bool found;

	snprintf(name, sizeof name, "%s%s", path, suffix);
	found = file_read(name, (size_t)64 << 20, &bytes, &none) &&
	    memmem(bytes.p ? bytes.p : "", bytes.n, text, strlen(text));
	buffer_free(&bytes);
	return found;
}

static void what_a_request_says_of_people_leaves_rows_and_files(void **state)
{
	static const char *const files[] = { "", "-wal", "-shm" };
	struct ledger *ledger = create();
	const char *const *ids;
	struct event_row *events;
	struct request_row row;
	char id[ID_TEXT], other[ID_TEXT];
	size_t n;

	(void)state;
	add_contract(ledger, "c1", 7);
	told(ledger, "PSA-MARK-1", STATE_CLOSED, NOW, id);
	add_request(ledger, STATE_READY, "PSA-2", other);
	assert_true(ledger_mentions(ledger, "maria.mark@CUSTOMER.example", arena, &ids, &n, &why));
	assert_int_equal(n, 1);
	assert_string_equal(ids[0], id);
	assert_true(file_holds("-wal", MARK));

	assert_int_equal(forget(ledger, id), LEDGER_DONE);
	assert_true(ledger_mentions(ledger, MARK, arena, &ids, &n, &why));
	assert_int_equal(n, 0);
	assert_true(ledger_compact(ledger, &why));
	for (size_t i = 0; i < LENGTH(files); i++) {
		assert_false(file_holds(files[i], MARK));
		assert_false(file_holds(files[i], "PSA-MARK-1"));
	}
	verify(ledger);

	row = read_request(ledger, id);
	assert_int_equal(row.state, STATE_CLOSED);
	assert_string_equal(row.ticket, "2611230050001234");
	assert_string_equal(row.contract, "c1");
	assert_null(row.title);
	assert_null(row.created_by);
	assert_int_equal(read_balance(ledger, "c1").spent_ever, 1);
	assert_true(ledger_events(ledger, id, 0, 0, arena, &events, &n, &why));
	assert_int_equal(n, 3);
	assert_string_equal(events[0].what, "told");
	assert_null(events[0].who);
	assert_string_equal(events[2].what, "forgotten");
	assert_string_equal(events[2].who, "operator");
	/* The reference and the key are free. */
	told(ledger, "PSA-MARK-1", STATE_OPEN, NOW, id);
	verify(ledger);
	ledger_close(ledger);
}

static void unfinished_requests_are_not_forgotten(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 7);
	told(ledger, "PSA-1", STATE_OPEN, NOW, id);
	assert_int_equal(forget(ledger, id), LEDGER_STALE);
	assert_non_null(read_request(ledger, id).title);
	verify(ledger);
	ledger_close(ledger);
}

static struct ledger_pruned prune(
    struct ledger *ledger, struct ledger_retention keep, instant now, size_t most)
{
	struct ledger_pruned done;

	if (!ledger_prune(ledger, &keep, "service", now, most, &done, &why))
		fail_msg("%s", why.text);
	verify(ledger);
	return done;
}

static void nothing_goes_that_nobody_asked_to_go(void **state)
{
	struct ledger *ledger = create();
	struct ledger_pruned done;
	char id[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 7);
	told(ledger, "PSA-1", STATE_CLOSED, NOW, id);
	done = prune(ledger, (struct ledger_retention){ 0 }, NOW + 9999 * DAY, 100);
	assert_int_equal(done.texts + done.requests + done.events, 0);
	assert_int_equal(done.keys, 1); /* these live for two days only */
	assert_non_null(read_request(ledger, id).title);
	ledger_close(ledger);
}

static void texts_go_before_requests_and_what_was_spent_stays(void **state)
{
	struct ledger_retention keep = { .texts_ms = 10 * DAY, .requests_ms = 30 * DAY };
	struct ledger *ledger = create();
	struct ledger_pruned done;
	struct request_row row;
	char ids[3][ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 7);
	told(ledger, "PSA-1", STATE_CLOSED, NOW, ids[0]);
	told(ledger, "PSA-2", STATE_CLOSED, NOW, ids[1]);
	told(ledger, "PSA-3", STATE_OPEN, NOW, ids[2]);
	done = prune(ledger, keep, NOW + 9 * DAY, 100);
	assert_int_equal(done.texts, 0);
	assert_int_equal(prune(ledger, keep, NOW + 11 * DAY, 1).texts, 1); /* a little at a time */
	assert_int_equal(prune(ledger, keep, NOW + 11 * DAY, 1).texts, 1);
	assert_int_equal(prune(ledger, keep, NOW + 11 * DAY, 1).texts, 0);
	assert_null(read_request(ledger, ids[0]).title);
	assert_non_null(read_request(ledger, ids[2]).title); /* not finished */
	assert_int_equal(prune(ledger, keep, NOW + 31 * DAY, 100).requests, 2);
	assert_false(ledger_request(ledger, ids[0], arena, &row, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	assert_int_equal(read_balance(ledger, "c1").spent_ever, 3);
	assert_int_equal(read_balance(ledger, "c1").remaining, 4);
	ledger_close(ledger);
}

static void the_number_of_the_newest_request_is_never_given_out_again(void **state)
{
	struct ledger_retention keep = { .requests_ms = 10 * DAY };
	struct ledger *ledger = create();
	char ids[2][ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 7);
	told(ledger, "PSA-1", STATE_CLOSED, NOW, ids[0]);
	told(ledger, "PSA-2", STATE_CLOSED, NOW, ids[1]);
	assert_int_equal(prune(ledger, keep, NOW + 11 * DAY, 100).requests, 1);
	read_request(ledger, ids[1]);
	ledger_close(ledger);
}

static void events_go_from_the_oldest_on_and_the_chain_holds(void **state)
{
	struct ledger_retention keep = { .events_ms = 10 * DAY };
	struct ledger *ledger = create();
	struct ledger_head first, noted, head;
	struct ledger_pruned would;
	char ids[3][ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 9);
	told(ledger, "PSA-1", STATE_CLOSED, NOW, ids[0]);
	assert_true(ledger_last(ledger, &first, &why));
	told(ledger, "PSA-2", STATE_CLOSED, NOW, ids[1]);
	told(ledger, "PSA-3", STATE_CLOSED, NOW + 5 * DAY, ids[2]);
	assert_true(ledger_last(ledger, &noted, &why));
	assert_true(ledger_prunable(ledger, &keep, NOW + 11 * DAY, &would, &why));
	assert_int_equal(would.events, 4);
	assert_int_equal(prune(ledger, keep, NOW + 11 * DAY, 3).events, 3);
	assert_int_equal(prune(ledger, keep, NOW + 11 * DAY, 3).events, 1);
	assert_int_equal(prune(ledger, keep, NOW + 11 * DAY, 3).events, 0);
	assert_true(ledger_verify(ledger, &noted, &head, &why));
	assert_int_equal(head.sequence, 8); /* two rounds were told of */
	assert_false(ledger_verify(ledger, &first, NULL, &why));
	assert_non_null(strstr(why.text, "are pruned"));
	assert_int_equal(raw_number("SELECT min(sequence) FROM event"), 5);
	ledger_close(ledger);
}

static void events_of_unfinished_work_and_what_follows_them_stay(void **state)
{
	struct ledger_retention keep = { .events_ms = 10 * DAY };
	struct ledger *ledger = create();
	char ids[2][ID_TEXT], parked[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 9);
	told(ledger, "PSA-1", STATE_CLOSED, NOW, ids[0]);
	add_request(ledger, STATE_PARKED, NULL, parked);
	told(ledger, "PSA-2", STATE_CLOSED, NOW, ids[1]);
	assert_int_equal(prune(ledger, keep, NOW + 99 * DAY, 100).events, 2);
	assert_int_equal(move_to(ledger, parked, STATE_PARKED, STATE_CANCELLED), LEDGER_DONE);
	assert_int_equal(prune(ledger, keep, NOW + 99 * DAY, 100).events, 3);
	ledger_close(ledger);
}

static void the_file_does_not_grow_where_as_much_goes_as_comes(void **state)
{
	struct ledger_retention keep = {
		.texts_ms = DAY, .requests_ms = LEDGER_LEAST_MS, .events_ms = 5 * DAY
	};
	struct ledger *ledger = create();
	int64_t pages = 0;
	char id[ID_TEXT], reference[40];

	(void)state;
	add_contract(ledger, "c1", INT64_MAX);
	for (int day = 0; day < 40; day++) {
		struct ledger_pruned done;

		for (int i = 0; i < 20; i++) {
			snprintf(reference, sizeof reference, "PSA-%d-%d", day, i);
			told(ledger, reference, STATE_CLOSED, NOW + day * DAY, id);
		}
		do
			assert_true(ledger_prune(
			    ledger, &keep, "service", NOW + day * DAY + 1, 7, &done, &why));
		while (done.texts + done.requests + done.events + done.keys);
		if (day == 20)
			pages = raw_number("PRAGMA page_count");
	}
	verify(ledger);
	assert_in_range(raw_number("PRAGMA page_count"), 1, pages + pages / 10);
	assert_in_range(raw_number("SELECT count(*) FROM request"), 1, 100);
	assert_in_range(raw_number("SELECT count(*) FROM event"), 1, 2000);
	assert_int_equal(read_balance(ledger, "c1").spent_ever, 800);
	ledger_close(ledger);
}

static void an_open_guide_is_told_of_when_due_and_again_when_said(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row guide = { .kind = ROW_GUIDE,
		.guide = { .is_open = true, .due = NOW + MINUTE, .guide = TEXT("{}") } };
	struct ledger_row remind = { .kind = ROW_REMIND };
	struct ledger_counts counts;
	struct overdue_row *rows;
	char id[ID_TEXT];
	size_t n;

	(void)state;
	add_request(ledger, STATE_HANDED_OFF, NULL, id);
	add_row(ledger, id, guide);
	assert_true(ledger_overdue(ledger, NOW, 10, arena, &rows, &n, &why));
	assert_int_equal(n, 0);
	assert_true(ledger_overdue(ledger, NOW + MINUTE, 10, arena, &rows, &n, &why));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].request, id);
	assert_int_equal(rows[0].reminded, 0);
	remind.remind.guide = rows[0].guide;
	remind.remind.next = NOW + 9 * MINUTE;
	assert_int_equal(add_row(ledger, id, remind), LEDGER_DONE);
	assert_true(ledger_overdue(ledger, NOW + 8 * MINUTE, 10, arena, &rows, &n, &why));
	assert_int_equal(n, 0);
	assert_true(ledger_overdue(ledger, NOW + 9 * MINUTE, 10, arena, &rows, &n, &why));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].reminded, 1);
	assert_true(ledger_count(ledger, NOW + 2 * MINUTE, &counts, &why));
	assert_int_equal(counts.guides_open, 1);
	assert_int_equal(counts.guides_overdue, 1);
	assert_int_equal(counts.requests[STATE_HANDED_OFF], 1);

	guide.guide = (struct guide_row){ .number = 1, .answer = TEXT("{}") };
	add_row(ledger, id, guide);
	assert_true(ledger_overdue(ledger, NOW + DAY, 10, arena, &rows, &n, &why));
	assert_int_equal(n, 0);
	assert_int_equal(add_row(ledger, id, remind), LEDGER_STALE);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_request_says_of_people_leaves_rows_and_files),
		TEST(unfinished_requests_are_not_forgotten),
		TEST(nothing_goes_that_nobody_asked_to_go),
		TEST(texts_go_before_requests_and_what_was_spent_stays),
		TEST(the_number_of_the_newest_request_is_never_given_out_again),
		TEST(events_go_from_the_oldest_on_and_the_chain_holds),
		TEST(events_of_unfinished_work_and_what_follows_them_stay),
		TEST(the_file_does_not_grow_where_as_much_goes_as_comes),
		TEST(an_open_guide_is_told_of_when_due_and_again_when_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
