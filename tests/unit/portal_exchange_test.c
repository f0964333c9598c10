/* Host calls that build exchanges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "support/fixture.h"

enum { ORIGIN, SECRET, UNSET, OTHER };

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "h" },
	[SECRET] = { .name = "api_key", .type = PORTAL_SECRET, .help = "h" },
	[UNSET] = { .name = "unset", .type = PORTAL_SECRET, .help = "h" },
	[OTHER] = { .name = "other", .type = PORTAL_CREDENTIAL, .help = "h" },
};

static const char ini[] =
    "[credential main]\ntype = bearer-token\ntoken = env:T\n"
    "[credential second]\ntype = bearer-token\ntoken = env:T\n"
    "[portal test]\ncredential = main\norigin = https://api.example\napi_key = env:NEVER_READ\n"
    "other = second\n";

static portal_step_function *current;

static uint32_t run_current(struct portal_op *op)
{
	return current(op);
}

static struct step *step_with(struct fixture *f, portal_step_function *step)
{
	struct portal_plugin table = fixture_table(options, 4);

	table.create = table.message = table.change = run_current;
	current = step;
	fixture_open(f, &table, ini);
	return fixture_step(f, OPERATION_CREATE);
}

static void begin(struct portal_op *op, const char *method, const char *path, uint32_t repeat)
{
	portal_str args[] = { PORTAL_STR("a/b c"), PORTAL_STR("\xc3\xa4") };

	op->host->request(op, method, op->options[ORIGIN].text, path, args, 2, repeat);
}

static uint32_t full(struct portal_op *op)
{
	const struct portal_host *h = op->host;

	begin(op, "PUT", "/v1/{}/x/{}?api-version=1", PORTAL_REPEAT_NEVER);
	h->query(op, "$filter", PORTAL_STR("a eq 'b'"));
	h->header(op, "X-One", PORTAL_STR("1"));
	h->header_secret(op, "X-Key", "Key ", SECRET);
	h->wait(op, 2000);
	h->authorize(op, OTHER, PORTAL_STR("https://api.example/.default"), PORTAL_TENANT_CUSTOMER);
	h->authorize_auxiliary(
	    op, PORTAL_DEFAULT_CREDENTIAL, PORTAL_STR(""), PORTAL_TENANT_PARTNER);
	h->put(op, "/title", op->request->title);
	h->put(op, "/list/-", PORTAL_STR("one"));
	h->put_secret(op, "/list/-", PORTAL_ACCESS_ID);
	h->put_secret(op, "/contract/id", PORTAL_CONTRACT_ID);
	h->put_number(op, "/n", -3);
	h->put_boolean(op, "/b", 7);
	h->put_json(op, "/j", PORTAL_STR("{\"a\": [1]}"));
	h->put_file(op, "/files/-/content", 1, 4, 100);
	op->stage = 3;
	op->cursor[1] = 9;
	op->note = PORTAL_STR("remember");
	return PORTAL_FETCH;
}

static void an_exchange_is_all_that_was_built(void **state)
{
	struct fixture f;
	struct step *s = step_with(&f, full);

	(void)state;
	assert_int_equal(s->verdict, PORTAL_FETCH);
	assert_false(s->is_repeat_safe);
	assert_int_equal(s->wait_ms, 2000);
	assert_json(s->exchange,
	    "{\"method\":\"PUT\",\"origin\":\"https://api.example\",\"path\":\"/v1/a%2Fb%20c/x/"
	    "%C3%A4\","
	    "\"query\":\"api-version=1&%24filter=a%20eq%20%27b%27\",\"headers\":[[\"X-One\",\"1\"]]"
	    ","
	    "\"secret_headers\":[{\"name\":\"X-Key\",\"prefix\":\"Key "
	    "\",\"secret\":\"option:api_key\"}],"
	    "\"auth\":{\"credential\":\"other\",\"scope\":\"https://api.example/"
	    ".default\",\"tenant\":\"customer\"},"
	    "\"auxiliary\":[{\"credential\":\"\",\"scope\":\"\",\"tenant\":\"partner\"}],"
	    "\"body\":{\"title\":\"A "
	    "title\",\"list\":[\"one\",null],\"contract\":{\"id\":null},\"n\":-3,\"b\":true,"
	    "\"j\":{\"a\":[1]},\"files\":[{\"content\":null}]},"
	    "\"body_secrets\":[{\"pointer\":\"/list/1\",\"secret\":\"access_id\"},"
	    "{\"pointer\":\"/contract/id\",\"secret\":\"contract_id\"}],"
	    "\"body_files\":[{\"pointer\":\"/files/0/"
	    "content\",\"file\":1,\"offset\":4,\"length\":5}],"
	    "\"repeat\":\"never\",\"wait_ms\":2000}");
	assert_int_equal(f.memory.stage, 3);
	assert_int_equal(f.memory.cursor[1], 9);
	assert_string_equal(f.memory.note.p, "remember");
	assert_int_equal(f.memory.sent, MEMORY_SENT_ONCE | MEMORY_LAST_ONCE);
	assert_int_equal(f.memory.steps, 0); /* it waited */
	fixture_close(&f);
}

static uint32_t form(struct portal_op *op)
{
	begin(op, "POST", "/token", PORTAL_REPEAT_SAFE);
	op->host->authorize(op, PORTAL_NO_CREDENTIAL, PORTAL_STR(""), PORTAL_TENANT_OWN);
	op->host->form(op, "user", PORTAL_STR("a b"));
	op->host->form_secret(op, "password", SECRET);
	return PORTAL_FETCH;
}

static uint32_t file(struct portal_op *op)
{
	begin(op, "POST", "/file", PORTAL_REPEAT_SAFE);
	op->host->send_file(op, 0);
	return PORTAL_FETCH;
}

static uint32_t follow(struct portal_op *op)
{
	op->host->follow(
	    op, op->options[ORIGIN].text, PORTAL_STR("https://api.example/op/1?t=1&s=a%2Fb"));
	return PORTAL_FETCH;
}

static uint32_t follow_relative(struct portal_op *op)
{
	op->host->follow(op, op->options[ORIGIN].text, PORTAL_STR("/next?page=2"));
	return PORTAL_FETCH;
}

static void other_kinds_of_exchanges(void **state)
{
	static const struct {
		portal_step_function *step;
		const char *json;
	} cases[] = {
		{ form,
		    "{\"method\":\"POST\",\"origin\":\"https://api.example\",\"path\":\"/"
		    "token\",\"auth\":{\"credential\":null,"
		    "\"scope\":\"\",\"tenant\":\"own\"},\"form\":[{\"name\":\"user\",\"value\":\"a "
		    "b\"},"
		    "{\"name\":\"password\",\"secret\":\"option:api_key\"}],\"repeat\":\"safe\"}" },
		{ file,
		    "{\"method\":\"POST\",\"origin\":\"https://api.example\",\"path\":\"/"
		    "file\",\"file\":0,"
		    "\"repeat\":\"safe\"}" },
		{ follow,
		    "{\"method\":\"GET\",\"address\":\"https://api.example/op/"
		    "1?t=1&s=a%2Fb\",\"repeat\":\"safe\"}" },
		{ follow_relative,
		    "{\"method\":\"GET\",\"address\":\"https://api.example/"
		    "next?page=2\",\"repeat\":\"safe\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture f;

		assert_json(step_with(&f, cases[i].step)->exchange, cases[i].json);
		assert_int_equal(f.memory.steps, 1);
		fixture_close(&f);
	}
}

/* ---- what sticks ---------------------------------------------------------------------------- */

#define WRONG(name, ...)                                                                           \
	static uint32_t name(struct portal_op *op)                                                 \
	{                                                                                          \
		const struct portal_host *h = op->host;                                            \
		begin(op, "GET", "/x", PORTAL_REPEAT_SAFE);                                        \
		__VA_ARGS__;                                                                       \
		h->put(op, "/after", PORTAL_STR("nothing happens"));                               \
		return PORTAL_FETCH;                                                               \
	}

WRONG(two_exchanges, begin(op, "GET", "/y", PORTAL_REPEAT_SAFE))
WRONG(own_header, h->header(op, "authorization", PORTAL_STR("Bearer x")))
WRONG(own_secret_header, h->header_secret(op, "Host", "", SECRET))
WRONG(split_header, h->header(op, "X", PORTAL_STR("a\r\nY: b")))
WRONG(bad_header_name, h->header(op, "X Y", PORTAL_STR("a")))
WRONG(unset_secret, h->put_secret(op, "/a", UNSET))
WRONG(no_such_secret, h->put_secret(op, "/a", 77))
WRONG(option_as_secret, h->put_secret(op, "/a", ORIGIN))
WRONG(no_such_file, h->put_file(op, "/a", 9, 0, 1))
WRONG(behind_the_file, h->put_file(op, "/a", 0, 6, 1))
WRONG(two_bodies, h->form(op, "a", PORTAL_STR("b")))
WRONG(blocked_place, h->put(op, "/a", PORTAL_STR("x")); h->put(op, "/a/b", PORTAL_STR("y")))
WRONG(bad_json, h->put_json(op, "/a", PORTAL_STR("{")))
WRONG(no_credential, h->authorize(op, ORIGIN, PORTAL_STR(""), 0))
WRONG(no_tenant, h->authorize(op, OTHER, PORTAL_STR(""), 9))
WRONG(null_text, h->put(op, "/a", (portal_str){ NULL, 5 }))
WRONG(null_pointer, h->put(op, NULL, PORTAL_STR("x")))
WRONG(null_name, h->header(op, NULL, PORTAL_STR("x")))
WRONG(null_prefix, h->header_secret(op, "X", NULL, SECRET))
WRONG(null_place, (void)h->get(op, NULL))
WRONG(null_header, (void)h->get_header(op, NULL))
WRONG(null_value, (void)h->get_answer(op, NULL))
WRONG(null_format, h->log(op, NULL))
WRONG(null_meaning, h->guide_answer(op, "a", NULL, ""))
WRONG(null_values, h->guide_answer(op, "a", "b", NULL))
WRONG(null_field, h->guide_field(op, NULL, PORTAL_STR("x")))
WRONG(null_member, (void)h->need(op, NULL))
WRONG(null_cached, (void)h->cache_get(op, NULL))
WRONG(null_pairs, (void)h->fill(op, PORTAL_STR("{a}"), NULL, 1))
WRONG(no_pointer, (void)h->get(op, "error"))
WRONG(no_inner_pointer, (void)h->find(op, "/list", "name", PORTAL_STR("x")))
WRONG(no_unit, h->observe(op, PORTAL_STR("p"), 0, 1, 7))
WRONG(bad_format, (void)h->format(op, "%p", (void *)op))
WRONG(keep_outside_login, h->keep_secret(op, "/a", 0))
WRONG(no_such_option, (void)h->has_option(op, 99))
WRONG(go_outside_open, (void)h->go(op, PORTAL_STR("azure"), PORTAL_STR(""), PORTAL_STR("")))

static uint32_t foreign_origin(struct portal_op *op)
{
	op->host->request(
	    op, "GET", PORTAL_STR("https://evil.example"), "/", NULL, 0, PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static uint32_t foreign_link(struct portal_op *op)
{
	op->host->follow(
	    op, op->options[ORIGIN].text, PORTAL_STR("https://api.example@evil.example/"));
	return PORTAL_FETCH;
}

static uint32_t double_slash(struct portal_op *op)
{
	op->host->follow(op, op->options[ORIGIN].text, PORTAL_STR("//evil.example/"));
	return PORTAL_FETCH;
}

static uint32_t query_after_follow(struct portal_op *op)
{
	follow(op);
	op->host->query(op, "a", PORTAL_STR("b"));
	return PORTAL_FETCH;
}

static uint32_t dots(struct portal_op *op)
{
	portal_str up = PORTAL_STR("..");

	op->host->request(
	    op, "GET", op->options[ORIGIN].text, "/a/{}/b", &up, 1, PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static uint32_t too_few_arguments(struct portal_op *op)
{
	op->host->request(
	    op, "GET", op->options[ORIGIN].text, "/a/{}", NULL, 0, PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static uint32_t null_arguments(struct portal_op *op)
{
	op->host->request(
	    op, "GET", op->options[ORIGIN].text, "/a/{}", NULL, 1, PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static uint32_t null_path(struct portal_op *op)
{
	begin(op, "GET", NULL, PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static uint32_t lower_method(struct portal_op *op)
{
	begin(op, "get", "/", PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static uint32_t no_repeat_class(struct portal_op *op)
{
	begin(op, "GET", "/", 0);
	return PORTAL_FETCH;
}

static uint32_t nothing_built(struct portal_op *op)
{
	(void)op;
	return PORTAL_FETCH;
}

static uint32_t header_first(struct portal_op *op)
{
	op->host->header(op, "A", PORTAL_STR("b"));
	return PORTAL_FETCH;
}

static uint32_t strange_verdict(struct portal_op *op)
{
	(void)op;
	return 12;
}

static uint32_t silent_failure(struct portal_op *op)
{
	(void)op;
	return PORTAL_FAILED;
}

static uint32_t no_ticket(struct portal_op *op)
{
	(void)op;
	return PORTAL_DONE;
}

static uint32_t long_note(struct portal_op *op)
{
	static char note[PORTAL_NOTE_BYTES + 1];

	memset(note, 'n', sizeof note);
	begin(op, "GET", "/", PORTAL_REPEAT_SAFE);
	op->note = (portal_str){ note, sizeof note };
	return PORTAL_FETCH;
}

static uint32_t long_body(struct portal_op *op)
{
	static char text[300000];

	memset(text, 't', sizeof text);
	begin(op, "PUT", "/", PORTAL_REPEAT_SAFE);
	for (int i = 0; i < 5; i++)
		op->host->put(op, "/list/-", (portal_str){ text, sizeof text });
	return PORTAL_FETCH;
}

static uint32_t empty_go(struct portal_op *op)
{
	(void)op;
	return PORTAL_GO;
}

static uint32_t by_hand(struct portal_op *op)
{
	op->host->guide_link(op, PORTAL_STR("https://portal.example/4711"));
	op->host->guide_step(op, "Open it");
	return PORTAL_BY_HAND;
}

static uint32_t by_hand_with_fields(struct portal_op *op)
{
	op->host->guide_field(op, "Message", PORTAL_STR("x"));
	return PORTAL_BY_HAND;
}

static void a_ticket_s_step_may_leave_it_to_people(void **state)
{
	struct fixture f;
	struct step *s;

	(void)state;
	step_with(&f, by_hand);
	assert_has(f.step.failure_text, "BY_HAND is for attach, message, change and status");
	s = fixture_step(&f, OPERATION_MESSAGE);
	assert_int_equal(s->verdict, PORTAL_BY_HAND);
	assert_json(s->guide, "{\"link\":\"https://portal.example/4711\",\"steps\":[\"Open it\"]}");
	current = by_hand_with_fields;
	s = fixture_step(&f, OPERATION_CHANGE);
	assert_int_equal(s->verdict, PORTAL_FAILED);
	assert_has(s->failure_text, "with BY_HAND the guide's member 'fields' is the host's");
	fixture_close(&f);
}

static void what_is_wrong_sticks(void **state)
{
	static const struct {
		portal_step_function *step;
		const char *sentence;
	} cases[] = {
		{ two_exchanges, "a step builds one exchange" },
		{ own_header, "header Authorization is the host's" },
		{ own_secret_header, "header Host is the host's" },
		{ split_header, "header 'X' is malformed" },
		{ bad_header_name, "header 'X Y' is malformed" },
		{ unset_secret, "the secret 'unset' is not configured" },
		{ no_such_secret, "secret 77 is neither" },
		{ option_as_secret, "secret 0 is neither" },
		{ no_such_file, "there is no file 9" },
		{ behind_the_file, "no such slice of file 0" },
		{ two_bodies, "never two" },
		{ blocked_place, "nothing can be put at '/a/b'" },
		{ bad_json, "not JSON" },
		{ no_credential, "option 0 is not of type CREDENTIAL" },
		{ no_tenant, "9 is no tenant" },
		{ null_text, "a text of 5 bytes has no address" },
		{ null_pointer, "a text that a call needs is NULL" },
		{ null_name, "a text that a call needs is NULL" },
		{ null_prefix, "a text that a call needs is NULL" },
		{ null_place, "a text that a call needs is NULL" },
		{ null_header, "a text that a call needs is NULL" },
		{ null_value, "a text that a call needs is NULL" },
		{ null_format, "a text that a call needs is NULL" },
		{ null_meaning, "a text that a call needs is NULL" },
		{ null_values, "a text that a call needs is NULL" },
		{ null_field, "a text that a call needs is NULL" },
		{ null_member, "a text that a call needs is NULL" },
		{ null_cached, "a text that a call needs is NULL" },
		{ null_path, "a text that a call needs is NULL" },
		{ null_pairs, "the names and values to fill in are NULL" },
		{ null_arguments, "the arguments of a path are NULL" },
		{ no_pointer, "'error' is no JSON pointer" },
		{ no_inner_pointer, "'name' is no JSON pointer" },
		{ no_unit, "7 is no unit" },
		{ bad_format, "a format holds what the host does not know" },
		{ keep_outside_login, "keep_secret() is for the step login" },
		{ no_such_option, "there is no option 99" },
		{ go_outside_open, "go() is for the step open" },
		{ foreign_origin, "https://evil.example is not an origin of portal test" },
		{ foreign_link, "neither https nor" },
		{ double_slash, "neither https nor" },
		{ query_after_follow, "no query()" },
		{ dots, "'..' cannot stand in a path" },
		{ too_few_arguments, "more {} than arguments" },
		{ lower_method, "'get' is no method" },
		{ no_repeat_class, "0 is no repeat class" },
		{ nothing_built, "built none" },
		{ header_first, "begins with request() or follow()" },
		{ strange_verdict, "returned 12, which is no verdict" },
		{ silent_failure, "did not say why" },
		{ no_ticket, "create ended without a ticket number" },
		{ long_note, "its note is longer than" },
		{ long_body, "the exchange is longer than" },
		{ empty_go, "did not say where" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture f;
		struct step *s = step_with(&f, cases[i].step);

		assert_int_equal(s->verdict, PORTAL_FAILED);
		assert_int_equal(s->failure_class, PORTAL_E_PORTAL);
		assert_has(s->failure_text, cases[i].sentence);
		assert_has(s->failure_text, "plugin test in create, stage 0: ");
		assert_null(s->exchange);
		assert_int_equal(f.memory.steps, 0);
		fixture_close(&f);
	}
}

static void after_an_exchange_that_may_not_repeat_a_fault_is_unsure(void **state)
{
	struct fixture f;

	(void)state;
	step_with(&f, full);
	current = strange_verdict;
	assert_int_equal(fixture_step(&f, OPERATION_CREATE)->failure_class, PORTAL_E_UNSURE);
	fixture_close(&f);
}

static uint32_t for_ever(struct portal_op *op)
{
	begin(op, "GET", "/", PORTAL_REPEAT_SAFE);
	if (op->cursor[0]++ % 2)
		op->host->wait(op, 10);
	return PORTAL_FETCH;
}

static void an_operation_that_does_not_end_is_ended(void **state)
{
	struct fixture f;
	struct step *s = step_with(&f, for_ever);
	int steps = 1;

	(void)state;
	while (s->verdict == PORTAL_FETCH && steps < 1000) {
		s = fixture_step(&f, OPERATION_CREATE);
		steps++;
	}
	assert_has(s->failure_text, "it took 64 steps");
	assert_in_range(steps, 2 * 63, 2 * 64); /* every second one waited */
	fixture_close(&f);
}

static uint32_t one_exchange(struct portal_op *op)
{
	begin(op, "GET", "/", PORTAL_REPEAT_SAFE);
	op->host->put_secret(op, "/a", PORTAL_ACCESS_ID);
	return PORTAL_FETCH;
}

static void ids_that_are_not_in_hand_cannot_be_placed(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(step_with(&f, one_exchange)->verdict, PORTAL_FETCH);
	f.contract.flags = PORTAL_HAS_CONTRACT_ID;
	assert_has(fixture_step(&f, OPERATION_CREATE)->failure_text, "Access ID is not in hand");
	f.input.contract = NULL;
	assert_has(fixture_step(&f, OPERATION_CREATE)->failure_text, "Access ID is not in hand");
	assert_has(fixture_step(&f, OPERATION_STATUS)->failure_text, "it cannot do that");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_is_all_that_was_built),
		cmocka_unit_test(other_kinds_of_exchanges),
		cmocka_unit_test(what_is_wrong_sticks),
		cmocka_unit_test(a_ticket_s_step_may_leave_it_to_people),
		cmocka_unit_test(after_an_exchange_that_may_not_repeat_a_fault_is_unsure),
		cmocka_unit_test(an_operation_that_does_not_end_is_ended),
		cmocka_unit_test(ids_that_are_not_in_hand_cannot_be_placed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
