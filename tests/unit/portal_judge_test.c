/* What a child may have sent, and what its parent says to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "portal/result.h"
#include "support/fixture.h"

static const struct portal_option options[] = {
	{ .name = "origin", .type = PORTAL_ORIGIN, .help = "h" },
	{ .name = "key", .type = PORTAL_SECRET, .help = "h" },
	{ .name = "unset", .type = PORTAL_SECRET, .help = "h" },
	{ .name = "who", .type = PORTAL_CREDENTIAL, .help = "h" },
};

static uint32_t create(struct portal_op *op)
{
	(void)op;
	return PORTAL_DONE;
}

static void open_portal(struct fixture *f)
{
	struct portal_plugin table = fixture_table(options, PORTAL_COUNT(options));

	table.create = table.login = create;
	table.session_secrets = "/token X-Token";
	fixture_open(f, &table, "[portal test]\norigin = https://portal.example\nkey = env:KEY\n");
	f->contract.flags = PORTAL_HAS_ACCESS_ID;
}

static struct json *read(const char *text)
{
	struct failure why = { 0 };
	struct json *value = json_read(text_of(text), "test", 0, &why);

	if (!value)
		fail_msg("%s: %s", text, why.text);
	return value;
}

/* ---- exchanges ---------------------------------------------------------------------------- */

#define HERE "\"method\":\"PUT\",\"origin\":\"https://portal.example\",\"path\":\"/a\""

static const char *const good_exchanges[] = {
	"{" HERE "}",
	"{\"method\":\"GET\",\"address\":\"https://portal.example/next?page=2\"}",
	"{" HERE ",\"query\":\"a=b\",\"headers\":[[\"X\",\"1\"]],\"auth\":{\"credential\":null,"
	"\"scope\":\"\",\"tenant\":\"own\"}}",
	"{" HERE ",\"secret_headers\":[{\"name\":\"Authorization\",\"prefix\":\"Key \",\"secret\":"
	"\"option:key\"}]}",
	"{" HERE ",\"body\":{\"id\":null,\"f\":null},\"body_secrets\":[{\"pointer\":\"/id\","
	"\"secret\":\"access_id\"}],\"body_files\":[{\"pointer\":\"/f\",\"file\":1,\"offset\":0,"
	"\"length\":9}]}",
	"{" HERE ",\"form\":[{\"name\":\"a\",\"value\":\"b\"},{\"name\":\"c\",\"secret\":"
	"\"session\"}]}",
	"{" HERE ",\"file\":0}",
};

static const struct {
	const char *exchange, *member;
} bad_exchanges[] = {
	{ "[]", "is none" },
	{ "{}", "is none" },
	{ "{\"method\":\"GET\"}", "is none" },
	{ "{" HERE ",\"address\":\"https://portal.example/\"}", "is none" },
	{ "{" HERE ",\"body\":1,\"file\":0}", "is none" },
	{ "{\"method\":\"PUT\",\"address\":\"https://portal.example/\"}", "is none" },
	{ "{\"method\":\"get\",\"origin\":\"https://portal.example\",\"path\":\"/\"}", "'method'" },
	{ "{\"method\":\"GET\",\"origin\":\"https://evil.example\",\"path\":\"/\"}", "'origin'" },
	{ "{\"method\":\"GET\",\"origin\":\"https://portal.example\",\"path\":\"@evil/\"}",
	    "'path'" },
	{ "{\"method\":\"GET\",\"origin\":\"https://portal.example\",\"path\":\"/a b\"}",
	    "'path'" },
	{ "{\"method\":\"GET\",\"address\":\"https://evil.example/\"}", "'address'" },
	{ "{\"method\":\"GET\",\"address\":\"https://portal.example@evil.example/\"}",
	    "'address'" },
	{ "{\"method\":\"GET\",\"address\":\"file:///etc/passwd\"}", "'address'" },
	{ "{" HERE ",\"query\":\"a#b\"}", "'query'" },
	{ "{" HERE ",\"headers\":[[\"Authorization\",\"x\"]]}", "'headers'" },
	{ "{" HERE ",\"headers\":[[\"X\",\"a\\r\\nb\"]]}", "'headers'" },
	{ "{" HERE ",\"headers\":[[\"X\"]]}", "'headers'" },
	{ "{" HERE ",\"headers\":{}}", "'headers'" },
	{ "{" HERE
	  ",\"secret_headers\":[{\"name\":\"X\",\"prefix\":\"\",\"secret\":\"option:unset\"}]}",
	    "'secret_headers'" },
	{ "{" HERE
	  ",\"secret_headers\":[{\"name\":\"X\",\"prefix\":\"\",\"secret\":\"option:origin\"}]}",
	    "'secret_headers'" },
	{ "{" HERE ",\"auth\":{\"credential\":\"\",\"scope\":\"\",\"tenant\":\"own\"}}", "'auth'" },
	{ "{" HERE ",\"auth\":{\"credential\":\"who\",\"scope\":\"\",\"tenant\":\"own\"}}",
	    "'auth'" },
	{ "{" HERE ",\"auth\":{\"credential\":null,\"scope\":\"\",\"tenant\":\"ours\"}}",
	    "'auth'" },
	{ "{" HERE ",\"body\":{},\"body_secrets\":[{\"pointer\":\"/x\",\"secret\":\"access_id\"}]}",
	    "'body_secrets'" },
	{ "{" HERE ",\"body\":{\"x\":1},\"body_secrets\":[{\"pointer\":\"/x\",\"secret\":"
	  "\"contract_id\"}]}",
	    "'body_secrets'" },
	{ "{" HERE
	  ",\"body\":{\"x\":1},\"body_files\":[{\"pointer\":\"/x\",\"file\":2,\"offset\":0,"
	  "\"length\":1}]}",
	    "'body_files'" },
	{ "{" HERE
	  ",\"body\":{\"x\":1},\"body_files\":[{\"pointer\":\"/x\",\"file\":0,\"offset\":-1,"
	  "\"length\":1}]}",
	    "'body_files'" },
	{ "{" HERE ",\"form\":[{\"name\":\"a\",\"secret\":\"token\"}]}", "'form'" },
	{ "{" HERE ",\"file\":7}", "'file'" },
	{ "{" HERE ",\"repeat\":\"safe\"}", "'repeat'" },
	{ "{" HERE ",\"verify\":false}", "'verify'" },
};

static void an_exchange_goes_nowhere_but_where_it_may(void **state)
{
	struct fixture f;

	(void)state;
	open_portal(&f);
	for (size_t i = 0; i < sizeof good_exchanges / sizeof good_exchanges[0]; i++) {
		struct json *e = read(good_exchanges[i]);
		const char *fault = exchange_judge(f.portal, &f.input, e, f.arena);

		if (fault)
			fail_msg("%s: %s", good_exchanges[i], fault);
		json_free(e);
	}
	for (size_t i = 0; i < sizeof bad_exchanges / sizeof bad_exchanges[0]; i++) {
		struct json *e = read(bad_exchanges[i].exchange);
		const char *fault = exchange_judge(f.portal, &f.input, e, f.arena);

		if (!fault || !strstr(fault, bad_exchanges[i].member))
			fail_msg("%s: %s", bad_exchanges[i].exchange, fault ? fault : "taken");
		json_free(e);
	}
	fixture_close(&f);
}

/* ---- guides --------------------------------------------------------------------------------- */

#define ANSWERS "\"answers\":[{\"code\":\"ticket\",\"meaning\":\"m\",\"values\":[\"number\"]}]"

static const struct {
	const char *guide, *member; /* NULL: it is a good one */
} guides[] = {
	{ "{" ANSWERS
	  ",\"title\":\"T\",\"link\":\"https://x.example/\",\"steps\":[\"s\"],\"due_ms\":1}",
	    NULL },
	{ "{" ANSWERS ",\"secrets\":[\"access_id\"]}", NULL },
	{ "{" ANSWERS ",\"secrets\":[\"contract_id\"]}", "'secrets'" },
	{ "{" ANSWERS ",\"secrets\":[\"option:key\"]}", "'secrets'" },
	{ "{" ANSWERS ",\"link\":\"javascript:x\"}", "'link'" },
	{ "{" ANSWERS ",\"steps\":[1]}", "'steps'" },
	{ "{" ANSWERS ",\"fields\":[{\"name\":\"a\"}]}", "'fields'" },
	{ "{" ANSWERS ",\"choices\":[{\"value\":\"a\",\"text\":1}]}", "'choices'" },
	{ "{" ANSWERS ",\"due_ms\":-5}", "'due_ms'" },
	{ "{" ANSWERS ",\"html\":\"<b>\"}", "'html'" },
	{ "{\"answers\":[{\"code\":\"Ticket\",\"meaning\":\"m\",\"values\":[]}]}", "'answers'" },
	{ "{\"answers\":[{\"code\":\"taken_over\",\"meaning\":\"m\",\"values\":[]}]}",
	    "'answers'" },
	{ "{\"answers\":[{\"code\":\"a\",\"meaning\":\"m\",\"values\":[]},{\"code\":\"a\","
	  "\"meaning\":"
	  "\"m\",\"values\":[]}]}",
	    "'answers'" },
};

static void a_guide_is_one_that_people_can_follow(void **state)
{
	struct fixture f;

	(void)state;
	open_portal(&f);
	for (size_t i = 0; i < sizeof guides / sizeof guides[0]; i++) {
		struct json *g = read(guides[i].guide);
		const char *fault = guide_judge(&f.input, g, f.arena);

		if (guides[i].member ? !fault || !strstr(fault, guides[i].member) : fault != NULL)
			fail_msg("%s: %s", guides[i].guide, fault ? fault : "taken");
		json_free(g);
	}
	fixture_close(&f);
}

/* ---- the rest of a result
 * ------------------------------------------------------------------------ */

static const char *judged(struct fixture *f, enum operation_kind kind, struct step_result result)
{
	struct step_memory before = f->memory;

	step_free(&f->step);
	f->input.kind = kind;
	result_judge(f->portal, &f->input, &result, &f->memory, f->arena, &f->step);
	if (f->step.verdict == PORTAL_FAILED)
		assert_memory_equal(&before, &f->memory, sizeof before);
	return f->step.failure_text ? f->step.failure_text : "";
}

static struct step_result failed_with(uint32_t class)
{
	return (struct step_result){ .verdict = PORTAL_FAILED,
		.is_ended = true,
		.failure_class = class,
		.failure_text = "no" };
}

static void numbers_and_words_are_what_they_may_be(void **state)
{
	static const struct portal_outcome strange = { .ticket = { "1", 1 },
		.ticket_name = { "", 0 },
		.address = { "", 0 },
		.detail = { "", 0 },
		.until = INT64_MAX,
		.start = -1,
		.remaining = -7 };
	static const struct portal_outcome lines = { .ticket = { "1\n2", 3 } };
	struct step_result r = { .verdict = PORTAL_DONE };
	struct fixture f;

	(void)state;
	open_portal(&f);
	assert_has(judged(&f, OPERATION_CREATE, r), "has no outcome");
	r.outcome = &lines;
	assert_has(judged(&f, OPERATION_CREATE, r), "ticket number is not one line");
	r.outcome = &strange;
	assert_string_equal(judged(&f, OPERATION_CREATE, r), "");
	assert_int_equal(f.step.outcome.until, 0);
	assert_int_equal(f.step.outcome.start, 0);
	assert_true(f.step.outcome.remaining == PORTAL_UNKNOWN);
	r.extra =
	    read("{\"observations\":[{\"plan\":\"p\",\"until\":\"soon\",\"remaining\":1,\"unit\":"
		 "\"hours\"}]}");
	assert_has(judged(&f, OPERATION_CREATE, r), "observation 1 is malformed");
	r = (struct step_result){ .verdict = PORTAL_DONE, .outcome = &strange, .kept = "/token" };
	assert_has(judged(&f, OPERATION_CREATE, r), "keep_secret() is for the step login");
	assert_string_equal(judged(&f, OPERATION_LOGIN, r), "");
	r.kept = "/other";
	assert_has(judged(&f, OPERATION_LOGIN, r), "none of its session_secrets");
	assert_has(judged(&f, OPERATION_CREATE, failed_with(0)), "0 is no class of failures");
	assert_has(judged(&f, OPERATION_CREATE, failed_with(99)), "99 is no class of failures");
	assert_string_equal(judged(&f, OPERATION_CREATE, failed_with(1)), "no");
	r = failed_with(1);
	r.missing = read("[\"phone\",1]");
	assert_has(judged(&f, OPERATION_CREATE, r), "it needs what are not");
	r = (struct step_result){ .verdict = PORTAL_GO, .go_portal = "azure" };
	assert_has(judged(&f, OPERATION_CREATE, r), "go() is for the step open");
	r.go_address = "http://elsewhere.example/";
	assert_has(judged(&f, OPERATION_OPEN, r), "is no https address");
	fixture_close(&f);
}

static void an_exchange_is_repeated_only_if_it_may_be(void **state)
{
	struct step_result r = { .verdict = PORTAL_FETCH };
	struct fixture f;

	(void)state;
	open_portal(&f);
	r.exchange = read("{" HERE "}");
	assert_has(judged(&f, OPERATION_CREATE, r), "0 is no repeat class");
	r.exchange = read("{" HERE "}");
	r.repeat = PORTAL_REPEAT_NEVER;
	assert_has(judged(&f, OPERATION_LOGIN, r), "may be repeated");
	r.exchange = read("{" HERE "}");
	r.wait_ms = -1;
	assert_has(judged(&f, OPERATION_CREATE, r), "cannot wait");
	r.exchange = read("{" HERE "}");
	r.wait_ms = 0;
	assert_string_equal(judged(&f, OPERATION_CREATE, r), "");
	assert_false(f.step.is_repeat_safe);
	assert_int_equal(f.memory.sent, MEMORY_SENT_ONCE | MEMORY_LAST_ONCE);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_goes_nowhere_but_where_it_may),
		cmocka_unit_test(a_guide_is_one_that_people_can_follow),
		cmocka_unit_test(numbers_and_words_are_what_they_may_be),
		cmocka_unit_test(an_exchange_is_repeated_only_if_it_may_be),
	};

	setenv("KEY", "k", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
