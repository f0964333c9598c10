/* Which contracts a decision is shown, of few and of many. */
#include "ledger_fixture.h"

#define ANNA "anna@contoso.example"
#define DAY ((int64_t)24 * 3600 * 1000)

struct made {
	char id[16];
	const char *plan;
	instant end;
	int64_t remaining; /* INT64_MIN: never seen */
	bool has_both, is_linked;
};

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void make(struct ledger *ledger, struct made *m, unsigned i, uint64_t *seed)
{
	struct ledger_row rows[3] = { { .kind = ROW_CONTRACT } };
	size_t n = 1;

	*m = (struct made){
		.plan = next_random(seed) % 2 ? "partner-support" : "signature-cloud",
		.end = next_random(seed) % 4
		    ? NOW + ((int64_t)(next_random(seed) % 800) - 400) * DAY
		    : INSTANT_UNKNOWN,
		.remaining = next_random(seed) % 3 ? (int64_t)(next_random(seed) % 3) : INT64_MIN,
		.has_both = next_random(seed) % 2,
		.is_linked = next_random(seed) % 8 == 0,
	};
	snprintf(m->id, sizeof m->id, "c%05u", i);
	rows[0].contract_row = (struct contract_row){ .id = m->id,
		.plan = m->plan,
		.end = m->end,
		.has_access_id = m->has_both,
		.has_contract_id = m->has_both };
	if (m->remaining != INT64_MIN)
		rows[n++] = (struct ledger_row){ .kind = ROW_OBSERVATION,
			.observation = { .contract = m->id, .remaining = m->remaining } };
	if (m->is_linked)
		rows[n++] = (struct ledger_row){ .kind = ROW_LINK,
			.link = { .contract = m->id, .account = ANNA, .mark = LINK_MARK_LINKED } };
	assert_int_equal(add_rows(ledger, NULL, rows, n), LEDGER_DONE);
}

static bool is_usable(const struct made *m)
{
	return (m->end == INSTANT_UNKNOWN || m->end >= NOW) && m->remaining != 0;
}

static instant end_of(const struct made *m)
{
	return m->end == INSTANT_UNKNOWN ? INT64_MAX : m->end;
}

/* The one that design 4.2 chooses of a sort, but for fewest remaining. */
static const struct made *first_of(
    const struct made *all, size_t n, const char *plan, bool is_linked, bool has_both)
{
	const struct made *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].plan, plan) == 0 && all[i].is_linked == is_linked &&
		    (is_linked || all[i].has_both == has_both) && is_usable(&all[i]) &&
		    (!first || end_of(&all[i]) < end_of(first)))
			first = &all[i];
	return first;
}

static bool has_end(const struct contract_choice *rows, size_t n, const struct made *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].plan, wanted->plan) == 0 && rows[i].end == wanted->end &&
		    rows[i].remaining != 0 &&
		    (rows[i].mark == LINK_MARK_LINKED) == wanted->is_linked)
			return true;
	return false;
}

static void must_show(struct ledger *ledger, const char *account, const struct made *wanted)
{
	struct contract_choice *rows;
	size_t n;

	assert_non_null(wanted);
	assert_true(ledger_contract_choice(ledger, account, NOW, arena, &rows, &n, &why));
	assert_in_range(n, 10, 36);
	assert_true(has_end(rows, n, wanted));
}

static void the_first_of_each_sort_is_among_the_chosen_of_many(void **state)
{
	static const char *const plans[] = { "partner-support", "signature-cloud" };
	struct ledger *ledger = create();
	struct made all[400];
	uint64_t seed = 7;

	(void)state;
	for (unsigned i = 0; i < LENGTH(all); i++)
		make(ledger, &all[i], i, &seed);
	for (size_t p = 0; p < LENGTH(plans); p++)
		must_show(ledger, ANNA, first_of(all, LENGTH(all), plans[p], true, false));
	for (size_t i = 0; i < LENGTH(all); i++)
		all[i].is_linked = false; /* for somebody else */
	for (size_t p = 0; p < LENGTH(plans); p++)
		for (int both = 0; both < 2; both++)
			must_show(ledger, "bob@contoso.example",
			    first_of(all, LENGTH(all), plans[p], false, both));
	verify(ledger);
	ledger_close(ledger);
}

static void few_are_all_shown_as_they_are(void **state)
{
	struct ledger *ledger = create();
	struct contract_choice *rows;
	struct made all[64];
	uint64_t seed = 3;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < LENGTH(all); i++)
		make(ledger, &all[i], i, &seed);
	assert_true(ledger_contract_choice(ledger, ANNA, NOW, arena, &rows, &n, &why));
	assert_int_equal(n, LENGTH(all));
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(rows[i].id, all[i].id);
		assert_string_equal(rows[i].plan, all[i].plan);
		assert_true(rows[i].end == all[i].end);
		assert_true(rows[i].remaining == all[i].remaining);
		assert_int_equal(rows[i].mark == LINK_MARK_LINKED, all[i].is_linked);
		assert_int_equal(rows[i].has_access_id && rows[i].has_contract_id, all[i].has_both);
	}
	ledger_close(ledger);
}

static int64_t left_of(struct ledger *ledger, const char *id)
{
	struct contract_choice *rows;
	int64_t left = -9;
	size_t n;

	assert_true(ledger_contract_choice(ledger, ANNA, NOW, arena, &rows, &n, &why));
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].id, id) == 0)
			left = rows[i].remaining;
	return left;
}

static void what_is_left_follows_every_reservation_ticket_and_release(void **state)
{
	char first[ID_TEXT], second[ID_TEXT], third[ID_TEXT];
	struct ledger *ledger = create();

	(void)state;
	add_contract(ledger, "a", 5);
	add_contract(ledger, "b", 3);
	add_request(ledger, STATE_READY, NULL, first);
	add_request(ledger, STATE_READY, NULL, second);
	add_request(ledger, STATE_READY, NULL, third);
	assert_int_equal(left_of(ledger, "a"), 5);
	reserve(ledger, first, "a");
	reserve(ledger, second, "a");
	reserve(ledger, third, "a");
	assert_int_equal(left_of(ledger, "a"), 2);
	spend(ledger, first, "a", "1");
	assert_int_equal(left_of(ledger, "a"), 2);
	reserve(ledger, second, "b"); /* instead of that of a */
	assert_int_equal(left_of(ledger, "a"), 3);
	assert_int_equal(left_of(ledger, "b"), 2);
	move_to(ledger, third, STATE_READY, STATE_CANCELLED);
	assert_int_equal(left_of(ledger, "a"), 4);
	move_to(ledger, second, STATE_READY, STATE_REFUSED);
	assert_int_equal(left_of(ledger, "b"), 3);
	verify(ledger);
	ledger_close(ledger);
}

static void the_only_contract_of_a_plan_is_told_from_one_of_several(void **state)
{
	struct ledger *ledger = create();
	const char *id;

	(void)state;
	assert_false(ledger_contract_of_plan(ledger, "partner-support", arena, &id, &why));
	add_contract(ledger, "a", 5);
	assert_true(ledger_contract_of_plan(ledger, "partner-support", arena, &id, &why));
	assert_string_equal(id, "a");
	add_contract(ledger, "b", 5);
	assert_false(ledger_contract_of_plan(ledger, "partner-support", arena, &id, &why));
	assert_null(id);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(few_are_all_shown_as_they_are),
		TEST(the_first_of_each_sort_is_among_the_chosen_of_many),
		TEST(what_is_left_follows_every_reservation_ticket_and_release),
		TEST(the_only_contract_of_a_plan_is_told_from_one_of_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
