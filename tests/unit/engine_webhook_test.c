/* [webhook NAME], and events as those who are told of them see them. */
#include "config_fixture.h"

#include "engine/view.h"
#include "engine/webhook.h"

#define LEDGER "0123456789abcdef0123456789abcdef"
#define GOOD "url = https://psa.example/hook?token=x\nsecret = file:/nowhere\n"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct webhook *read_webhook(struct read_ini *ini, const char *more)
{
	struct buffer text = { 0 };
	const struct webhooks *all;

	buffer_format(&text, "[webhook psa]\n%s", more);
	*ini = read_ini(text.p);
	all = webhooks_read(ini->config, arena, ini->problems);
	config_finish(ini->config, ini->problems);
	said_of(ini, false);
	buffer_free(&text);
	assert_int_equal(all->n, 1);
	return webhooks_find(all, "PSA");
}

static void says(const char *more, const char *part)
{
	struct read_ini ini;

	read_webhook(&ini, more);
	must_say(&ini, part);
	free_ini(&ini);
}

static void a_webhook_is_read_with_what_it_has_by_itself(void **state)
{
	struct read_ini ini;
	const struct webhook *w = read_webhook(&ini, GOOD "secret.2 = env:OLD\n");

	(void)state;
	assert_string_equal(ini.said, "");
	assert_string_equal(w->url, "https://psa.example/hook?token=x");
	assert_string_equal(w->origin, "https://psa.example");
	assert_false(w->allows_private);
	assert_false(w->tells_all);
	assert_int_equal(w->timeout_ms, 10000);
	assert_int_equal(w->n_secrets, 2);
	assert_string_equal(w->secrets[0].reference, "file:/nowhere");
	assert_string_equal(w->secrets[1].reference, "env:OLD");
	assert_int_equal(w->n_retries, 8);
	assert_int_equal(w->retries[0], 5000);
	assert_int_equal(w->retries[7], 12 * 3600 * 1000);
	assert_true(webhook_wants(w, "request.opened", false));
	free_ini(&ini);
}

static void what_is_wrong_is_said_with_what_is_right(void **state)
{
	(void)state;
	says("", "url");
	says("", "secret");
	says(GOOD "events = requests.*\n", "no event is called requests.*; did you mean request.*");
	says(GOOD "events = reqest.opened\n", "did you mean request.*");
	says(GOOD "events =\n", "events names none");
	says(GOOD "retries = 5s, soon\n", "retries are durations");
	says(GOOD "retries = "
		  "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,"
		  "1s,1s,1s,1s,1s,"
		  "1s,1s,1s,1s,1s,1s,1s,1s\n",
	    "30 are the most");
	says(GOOD "allow = public\n", "allow");
	says(GOOD "timeout = 0s\n", "timeout");
	says("url = http://127.0.0.1/x\nsecret = env:A\n", "allow = private");
	says("url = http://psa.example/x\nsecret = env:A\nallow = private\n", "url");
	says("url = https://psa.example/x\nsecret = whsec_PLANTED\n", "must name a secret");
}

static bool wants(const char *events, const char *type, bool is_of_budget)
{
	struct webhook w = { .events = text_of(events) };

	return webhook_wants(&w, type, is_of_budget);
}

static void patterns_choose_types(void **state)
{
	(void)state;
	assert_true(wants("*", "request.opened", false));
	assert_true(wants("request.*", "request.opened", false));
	assert_false(wants("request.*", "contract.recorded", false));
	assert_true(wants("contract.*, request.opened", "request.opened", false));
	assert_false(wants("request.open", "request.opened", false));
	assert_true(wants("budget.*", "contract.ends_soon", true));
	assert_false(wants("budget.*", "contract.recorded", false));
	assert_true(wants("contract.ends_soon", "contract.ends_soon", true));
}

/* ---- events ------------------------------------------------------------------------- */

static void is_type(const char *request, const char *what, const char *type)
{
	struct event_row event = { .request = request, .what = what };
	struct buffer out = { 0 };

	view_event_type(&event, &out);
	assert_string_equal(out.p, type);
	buffer_free(&out);
}

static void the_type_is_made_of_the_word(void **state)
{
	(void)state;
	is_type("id", "opened", "request.opened");
	is_type("id", "handed off", "request.handed_off");
	is_type("id", "overdue", "handoff.overdue");
	is_type("id", "revealed", "ids.revealed");
	is_type("id", "forgotten", "request.forgotten");
	is_type(NULL, "pruned", "ledger.pruned");
	is_type(NULL, "contract recorded", "contract.recorded");
	is_type(NULL, "contract balance low", "contract.balance_low");
	is_type(NULL, "benefit not activated", "benefit.not_activated");
	is_type(NULL, "revealed", "ids.revealed");
}

static const struct event_row handed_off = { .sequence = 17,
	.at = (instant)1796000000123,
	.request = "0193-id",
	.who = "anna",
	.what = "handed off",
	.why = "the words of a person",
	.from = STATE_READY,
	.to = STATE_HANDED_OFF,
	.detail = { "{\"ask\":[\"SECRET\"]}", 18 } };

static void an_id_is_stable_and_of_one_ledger_event_and_time(void **state)
{
	char first[EVENT_ID_TEXT], other[EVENT_ID_TEXT];
	struct event_row event = handed_off;

	(void)state;
	view_event_id(&event, LEDGER, first);
	view_event_id(&event, LEDGER, other);
	assert_string_equal(first, other);
	assert_null(strchr(first, '.')); /* parts what is signed */
	view_event_id(&event, "ff" LEDGER, other);
	assert_string_not_equal(first, other);
	event.sequence++;
	view_event_id(&event, LEDGER, other);
	assert_string_not_equal(first, other);
	event = handed_off;
	event.at++; /* a ledger that was restored gives out the number again */
	view_event_id(&event, LEDGER, other);
	assert_string_not_equal(first, other);
}

static void an_event_tells_where_a_request_stands_and_more_only_if_asked_to(void **state)
{
	struct json *o = view_cloud_event(&handed_off, LEDGER, false);
	struct buffer text = { 0 };

	(void)state;
	assert_string_equal(json_get_chars(o, "specversion"), "1.0");
	assert_string_equal(json_get_chars(o, "type"), "io.caseroute.request.handed_off");
	assert_string_equal(json_get_chars(o, "source"), "/caseroute/" LEDGER);
	assert_string_equal(json_get_chars(o, "subject"), "0193-id");
	assert_string_equal(json_get_chars(json_get(o, "data"), "to"), "handed-off");
	json_write(o, JSON_LINE, &text);
	assert_null(strstr(text.p, "anna"));
	assert_null(strstr(text.p, "words of a person"));
	assert_null(strstr(text.p, "SECRET"));
	json_free(o);
	o = view_cloud_event(&handed_off, LEDGER, true);
	assert_string_equal(json_get_chars(json_get(o, "data"), "who"), "anna");
	text.n = 0;
	json_write(o, JSON_LINE, &text);
	assert_null(strstr(text.p, "SECRET"));
	json_free(o);
	buffer_free(&text);
}

static void an_event_of_the_budget_tells_what_it_is_about(void **state)
{
	struct event_row event = { .sequence = 1,
		.at = 1,
		.who = "service",
		.what = "contract ends soon",
		.why = "contract c1 ends",
		.detail = TEXT("{\"subject\":\"c1\",\"end\":\"2026-12-31\"}") };
	struct json *o = view_cloud_event(&event, LEDGER, false);

	(void)state;
	assert_string_equal(json_get_chars(o, "type"), "io.caseroute.contract.ends_soon");
	assert_string_equal(json_get_chars(o, "subject"), "c1");
	assert_string_equal(json_get_chars(json_get(o, "data"), "why"), "contract c1 ends");
	assert_string_equal(json_chars(json_point(o, "/data/detail/end")), "2026-12-31");
	json_free(o);
	event.detail = (struct text){ "", 0 }; /* erased */
	event.why = event.who = NULL;
	o = view_cloud_event(&event, LEDGER, false);
	assert_null(json_get(o, "subject"));
	json_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_webhook_is_read_with_what_it_has_by_itself),
		cmocka_unit_test(what_is_wrong_is_said_with_what_is_right),
		cmocka_unit_test(patterns_choose_types),
		cmocka_unit_test(the_type_is_made_of_the_word),
		cmocka_unit_test(an_id_is_stable_and_of_one_ledger_event_and_time),
		cmocka_unit_test(an_event_tells_where_a_request_stands_and_more_only_if_asked_to),
		cmocka_unit_test(an_event_of_the_budget_tells_what_it_is_about),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
