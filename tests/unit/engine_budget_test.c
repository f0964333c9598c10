/* What needs care before a request does: the rules, and that each is told once. */
#include "ledger_fixture.h"

#include "engine/budget_look.h"

#define DAY INSTANT_DAY

static const struct budget_limits limits = {
	.low = 2, .low_percent = 10, .ends_soon = 30 * DAY, .ends_next = 7 * DAY
};

/* ---- rules -------------------------------------------------------------------------- */

static void a_balance_is_low_by_number_or_by_part_and_none_is_another_thing(void **state)
{
	static const struct {
		int64_t left, granted;
		const char *word;
	} table[] = {
		{ 3, 5, NULL },
		{ 2, 5, "low" },
		{ 1, 5, "low" },
		{ 0, 5, "none left" },
		{ 0, REMAINING_UNKNOWN, "none left" },
		{ 6, 50, NULL },
		{ 5, 50, "low" },
		{ 5, REMAINING_UNKNOWN, NULL },
		{ 100, 1000, "low" },
		{ 101, 1000, NULL },
		{ 3, 29, NULL },
		{ REMAINING_UNKNOWN, 50, NULL },
		{ REMAINING_UNLIMITED, REMAINING_UNLIMITED, NULL },
		{ 1000, REMAINING_UNLIMITED, NULL },
		{ INT64_MAX - 1, INT64_MAX - 1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		const char *word = budget_balance(&limits, table[i].left, table[i].granted);

		if (!text_same(word, table[i].word))
			fail_msg("%lld of %lld: %s", (long long)table[i].left,
			    (long long)table[i].granted, word ? word : "nothing");
	}
}

static void an_end_is_told_a_month_before_and_a_week_before(void **state)
{
	instant end = NOW;
	const char *first, *second;

	(void)state;
	assert_null(budget_end(&limits, INSTANT_UNKNOWN, NOW, arena));
	assert_null(budget_end(&limits, end, end - 30 * DAY - 1, arena));
	first = budget_end(&limits, end, end - 30 * DAY, arena);
	assert_non_null(first);
	assert_string_equal(budget_end(&limits, end, end - 8 * DAY, arena), first);
	second = budget_end(&limits, end, end - 7 * DAY, arena);
	assert_string_not_equal(second, first);
	assert_string_equal(budget_end(&limits, end, end, arena), second);
	assert_null(budget_end(&limits, end, end + 1, arena));
	/* Another end is another thing. */
	assert_string_not_equal(budget_end(&limits, end + DAY, end - 8 * DAY, arena), first);
}

static void a_link_is_missing_where_the_contract_could_serve(void **state)
{
	struct contract_fact c = { .id = "c1",
		.access_id = TRI_YES,
		.contract_id = TRI_YES,
		.end = NOW + DAY,
		.remaining = 5,
		.linked = TRI_NO };

	(void)state;
	assert_non_null(budget_link(&c, true, NOW));
	assert_null(budget_link(&c, false, NOW));
	c.linked = TRI_YES;
	assert_null(budget_link(&c, true, NOW));
	c.linked = TRI_UNKNOWN;
	assert_null(budget_link(&c, true, NOW));
	c.linked = TRI_NO;
	c.remaining = 0;
	assert_null(budget_link(&c, true, NOW));
	c.remaining = 5;
	c.end = NOW - 1;
	assert_null(budget_link(&c, true, NOW));
	c.end = NOW;
	c.contract_id = TRI_NO;
	assert_null(budget_link(&c, true, NOW));
}

static void a_benefit_is_told_of_only_if_it_is_known_not_to_be_activated(void **state)
{
	(void)state;
	assert_non_null(budget_benefit(TRI_NO));
	assert_null(budget_benefit(TRI_YES));
	assert_null(budget_benefit(TRI_UNKNOWN));
}

static void every_event_of_the_budget_is_known_as_one(void **state)
{
	(void)state;
	for (int kind = 0; kind < N_BUDGET_KINDS; kind++)
		assert_true(budget_is_event(budget_word((enum budget_kind)kind)));
	assert_false(budget_is_event("contract recorded"));
	assert_false(budget_is_event("submitted"));
}

/* ---- looking ---------------------------------------------------------------------------- */

static struct partner_account anna = { .name = "anna@contoso.example" };
static struct partner_offer offer = { .name = "gold", .activated = TRI_NO };
static struct partner partner = {
	.accounts = &anna, .n_accounts = 1, .offers = &offer, .n_offers = 1
};
static struct generation generation = { .partner = &partner };

/* A policy of an empty configuration: nothing here asks it for anything. */
static int set_up(void **state)
{
	struct problems *problems = problems_new();

	(void)state;
	generation.config = config_read_text("test.ini", TEXT(""), problems);
	generation.policy = policy_read(generation.config, problems);
	generation.portals = portals_read(generation.config, "", problems);
	problems_free(problems);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	portals_free(generation.portals);
	policy_free(generation.policy);
	config_free(generation.config);
	return 0;
}

static size_t look(struct ledger *ledger, bool is_whole)
{
	struct engine e = { .generation = &generation, .ledger = ledger, .actor = "service" };
	size_t n = 0;

	generation.budget = limits;
	why = (struct failure){ 0 };
	if (!budget_look(&e, is_whole, &n, &why))
		fail_msg("%s", why.text);
	return n;
}

static size_t events_of(struct ledger *ledger, const char *what, struct event_row *last)
{
	struct event_row *rows;
	size_t n, found = 0;

	assert_true(ledger_events(ledger, NULL, 0, 1000, arena, &rows, &n, &why));
	for (size_t i = 0; i < n; i++)
		if (text_same(rows[i].what, what)) {
			*last = rows[i];
			found++;
		}
	return found;
}

static void observe(struct ledger *ledger, const char *contract, int64_t remaining, instant end)
{
	static instant last = NOW; /* later than what add_contract() saw */
	struct ledger_row row = { .kind = ROW_OBSERVATION,
		.observation = { .contract = contract,
		    .remaining = remaining,
		    .end = end,
		    .at = ++last } };

	assert_int_equal(add_row(ledger, NULL, row), LEDGER_DONE);
}

static void a_low_balance_is_told_once_and_again_when_it_is_low_again(void **state)
{
	struct ledger *ledger = create();
	struct event_row event = { 0 };

	(void)state;
	add_contract(ledger, "c1", 9);
	assert_int_equal(look(ledger, false), 0);
	observe(ledger, "c1", 2, INSTANT_UNKNOWN);
	assert_int_equal(look(ledger, false), 1);
	assert_int_equal(look(ledger, false), 0);
	assert_int_equal(events_of(ledger, "contract balance low", &event), 1);
	assert_string_equal(event.why, "contract c1 has 2 left");
	assert_true(text_is(event.detail, "{\"subject\":\"c1\",\"remaining\":2}"));
	ledger_close(ledger);
	ledger = create();                       /* as after a restart */
	assert_int_equal(look(ledger, true), 1); /* the benefit */
	observe(ledger, "c1", 1, INSTANT_UNKNOWN);
	assert_int_equal(look(ledger, false), 0);
	observe(ledger, "c1", 0, INSTANT_UNKNOWN);
	assert_int_equal(look(ledger, false), 1);
	observe(ledger, "c1", 9, INSTANT_UNKNOWN);
	assert_int_equal(look(ledger, false), 0);
	observe(ledger, "c1", 2, INSTANT_UNKNOWN);
	assert_int_equal(look(ledger, false), 1);
	assert_int_equal(events_of(ledger, "contract balance low", &event), 3);
	verify(ledger);
	ledger_close(ledger);
}

/* Reservations come and go with requests that are cancelled. */
static void what_is_reserved_is_not_told_of_what_is_spent_is(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 3);
	add_request(ledger, STATE_READY, NULL, id);
	assert_int_equal(reserve(ledger, id, "c1"), LEDGER_DONE);
	assert_int_equal(look(ledger, false), 0);
	assert_int_equal(spend(ledger, id, "c1", "T-1"), LEDGER_DONE);
	assert_int_equal(look(ledger, false), 1);
	ledger_close(ledger);
}

static void an_end_is_told_once_for_each_end(void **state)
{
	struct ledger *ledger = create();
	struct event_row event = { 0 };
	instant now = instant_now();

	(void)state;
	add_contract(ledger, "c1", 9);
	observe(ledger, "c1", 9, now + 20 * DAY);
	assert_int_equal(look(ledger, false), 1);
	assert_int_equal(look(ledger, false), 0);
	observe(ledger, "c1", 9, now + 6 * DAY);
	assert_int_equal(look(ledger, false), 1);
	observe(ledger, "c1", 9, now + 400 * DAY);
	assert_int_equal(look(ledger, false), 0);
	assert_int_equal(events_of(ledger, "contract ends soon", &event), 2);
	assert_string_equal(event.who, "service");
	ledger_close(ledger);
}

static void use_contract(struct ledger *ledger, const char *contract)
{
	struct ledger_row row = { .kind = ROW_REQUEST,
		.request = { .plan = "partner-support",
		    .contract = contract,
		    .ticket = "T-1",
		    .account = anna.name } };
	char id[ID_TEXT];

	add_request(ledger, STATE_OPEN, NULL, id);
	assert_int_equal(add_row(ledger, id, row), LEDGER_DONE);
}

static void link_contract(struct ledger *ledger, const char *contract)
{
	struct ledger_row row = { .kind = ROW_LINK,
		.link = { .contract = contract, .account = anna.name, .mark = LINK_MARK_LINKED } };

	assert_int_equal(add_row(ledger, NULL, row), LEDGER_DONE);
}

static void add_ids(struct ledger *ledger, const char *contract)
{
	char access_id[32];

	snprintf(access_id, sizeof access_id, "ACC-%s", contract);
	struct ledger_row row = { .kind = ROW_CONTRACT_IDS,
		.ids = { contract, text_of(access_id), TEXT("CON-1") } };

	assert_int_equal(add_row(ledger, NULL, row), LEDGER_DONE);
}

static void a_contract_that_an_account_could_use_but_for_the_link_is_told(void **state)
{
	struct ledger *ledger = create();
	struct event_row event = { 0 };

	(void)state;
	offer.activated = TRI_YES;
	add_contract(ledger, "old", 9);
	add_ids(ledger, "old");
	link_contract(ledger, "old");
	add_contract(ledger, "new", 9);
	add_ids(ledger, "new");
	assert_int_equal(look(ledger, true), 0); /* nobody needs it yet */
	use_contract(ledger, "old");
	assert_int_equal(look(ledger, true), 1);
	assert_int_equal(look(ledger, true), 0);
	assert_int_equal(events_of(ledger, "link missing", &event), 1);
	assert_string_equal(event.why, "contract new is not linked for anna@contoso.example");
	link_contract(ledger, "new");
	assert_int_equal(look(ledger, true), 0);
	offer.activated = TRI_NO;
	ledger_close(ledger);
}

static void a_benefit_is_told_until_it_is_activated(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row row = { .kind = ROW_BENEFIT, .benefit = { "gold", true, "anna" } };
	struct event_row event = { 0 };

	(void)state;
	assert_int_equal(look(ledger, true), 1);
	assert_int_equal(look(ledger, true), 0);
	assert_int_equal(events_of(ledger, "benefit not activated", &event), 1);
	assert_int_equal(add_row(ledger, NULL, row), LEDGER_DONE);
	assert_int_equal(look(ledger, true), 0);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_balance_is_low_by_number_or_by_part_and_none_is_another_thing),
		TEST(an_end_is_told_a_month_before_and_a_week_before),
		TEST(a_link_is_missing_where_the_contract_could_serve),
		TEST(a_benefit_is_told_of_only_if_it_is_known_not_to_be_activated),
		TEST(every_event_of_the_budget_is_known_as_one),
		TEST(a_low_balance_is_told_once_and_again_when_it_is_low_again),
		TEST(what_is_reserved_is_not_told_of_what_is_spent_is),
		TEST(an_end_is_told_once_for_each_end),
		TEST(a_contract_that_an_account_could_use_but_for_the_link_is_told),
		TEST(a_benefit_is_told_until_it_is_activated),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
