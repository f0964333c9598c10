/* Host calls that read replies, build guides and end operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "support/fixture.h"

enum { WORD, STEPS };

static const struct portal_option options[] = {
	[WORD] = { .name = "word", .type = PORTAL_TEXT, .fallback = "x", .help = "h" },
	[STEPS] = { .name = "step", .type = PORTAL_TEXT, .flags = PORTAL_LIST, .help = "h" },
};

static const struct portal_error errors[] = {
	{ 409, PORTAL_E_CONTRACT, "Linked", NULL, "M3", "it is linked already" },
	{ 0, PORTAL_E_SPENT, NULL, "no incidents", NULL, "the contract is used up" },
};

static const char ini[] = "[portal test]\nstep.2 = second\nstep.1 = first\n";

static portal_step_function *current;

static uint32_t run_current(struct portal_op *op)
{
	return current(op);
}

static void open_with(struct fixture *f, portal_step_function *step)
{
	struct portal_plugin table = fixture_table(options, 2);

	table.create = table.open = table.remaining = run_current;
	table.errors = errors;
	table.n_errors = 2;
	table.error_size = sizeof errors[0];
	current = step;
	fixture_open(f, &table, ini);
}

static struct http_reply reply_of(unsigned status, const char *headers, const char *body)
{
	struct http_reply reply = { .status = status, .retry_after_ms = -1 };

	buffer_text(&reply.headers, headers);
	buffer_text(&reply.body, body);
	return reply;
}

/* ---- reading ---------------------------------------------------------------------------- */

static uint32_t read_all(struct portal_op *op)
{
	const struct portal_host *h = op->host;

	assert_int_equal(op->reply->status, 200);
	assert_true(portal_is(h->get(op, "/text"), "ä"));
	assert_true(portal_is(h->get(op, "/number"), "42"));
	assert_true(portal_is(h->get(op, "/yes"), "true"));
	assert_true(portal_is(h->get(op, "/half"), "0.5"));
	assert_int_equal(h->get(op, "/nothing").n, 0);
	assert_int_equal(h->get(op, "/list").n, 0);
	assert_int_equal(h->get(op, "/absent/deep").n, 0);
	assert_true(portal_is(h->get(op, "/error/code"), "Exact"));
	assert_true(portal_is(h->get(op, "/only/upper"), "found"));
	assert_true(portal_is(h->get(op, "/list/1/Id"), "b"));
	assert_int_equal(h->get(op, "/list/9/id").n, 0);
	assert_int_equal(h->get(op, "/list/-1/id").n, 0);
	assert_true(portal_is(h->get(op, "/a~1b/~0"), "slash"));
	assert_int_equal(h->get_number(op, "/number", -1), 42);
	assert_int_equal(h->get_number(op, "/text_number", -1), 3599);
	assert_int_equal(h->get_number(op, "/text", -1), -1);
	assert_int_equal(h->get_length(op, "/list"), 2);
	assert_int_equal(h->get_length(op, "/error"), 1);
	assert_int_equal(h->get_length(op, "/text"), 0);
	assert_true(portal_is(h->get_name(op, "/only", 0), "Upper"));
	assert_int_equal(h->get_name(op, "/only", 1).n, 0);
	assert_int_equal(h->find(op, "/list", "/id", PORTAL_STR("B")), 1);
	assert_int_equal(h->find(op, "/list", "/id", PORTAL_STR("c")), UINT32_MAX);
	assert_int_equal(
	    h->find(op, "/types", "", PORTAL_STR("microsoft.compute/virtualmachines")), 1);
	assert_true(portal_is(h->get_header(op, "LOCATION"), "/x"));
	assert_int_equal(h->get_header(op, "Absent").n, 0);
	assert_int_equal(h->read_number(op, PORTAL_STR(" 42 "), -1), 42);
	assert_int_equal(h->read_number(op, PORTAL_STR("-7"), -1), -7);
	assert_int_equal(h->read_number(op, PORTAL_STR("4 2"), -1), -1);
	assert_int_equal(h->read_number(op, PORTAL_STR("99999999999999999999"), -1), -1);
	assert_int_equal(h->read_number(op, PORTAL_STR(""), 5), 5);
	assert_int_equal(h->read_end(op, PORTAL_STR(" 2027-01-31 ")), 1801439999);
	assert_int_equal(h->read_end(op, PORTAL_STR("2027-01-31T00:00:00Z")), 1801353600);
	assert_int_equal(h->read_end(op, PORTAL_STR("soon")), 0);
	op->out->ticket = h->get(op, "/number");
	return PORTAL_DONE;
}

static void replies_are_read_by_pointer(void **state)
{
	struct http_reply reply = reply_of(200, "Location:  /x \n",
	    "\xef\xbb\xbf{\"text\":\"\xc3\xa4\",\"number\":42,\"yes\":true,\"half\":0.5,"
	    "\"nothing\":null,\"list\":[{\"id\":\"a\"},"
	    "{\"id\":\"b\"}],\"Error\":{\"Code\":\"Other\"},\"error\":{\"code\":\"Exact\"},"
	    "\"ONLY\":{\"Upper\":\"found\"},"
	    "\"a/"
	    "b\":{\"~\":\"slash\"},\"text_number\":\"3599\",\"types\":[\"X\",\"MICROSOFT.COMPUTE/"
	    "VIRTUALMACHINES\"]}");
	struct fixture f;

	(void)state;
	open_with(&f, read_all);
	f.input.reply = &reply;
	assert_int_equal(fixture_step(&f, OPERATION_CREATE)->verdict, PORTAL_DONE);
	assert_string_equal(f.step.outcome.ticket.p, "42");
	http_reply_free(&reply);
	fixture_close(&f);
}

static uint32_t read_nothing(struct portal_op *op)
{
	assert_int_equal(op->host->get(op, "/a").n, 0);
	assert_int_equal(op->host->get(op, "").n, 0);
	assert_int_equal(op->host->get_length(op, ""), 0);
	return op->host->reject(op);
}

static void bodies_that_are_no_json_have_no_members(void **state)
{
	static const char *const bodies[] = { "", "<html>", "{\"a\":1", "{\"a\":1,\"a\":2}",
		"\xff\xfe", "null" };

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct http_reply reply = reply_of(502, "", bodies[i]);
		struct fixture f;

		open_with(&f, read_nothing);
		f.input.reply = &reply;
		assert_int_equal(fixture_step(&f, OPERATION_CREATE)->failure_class, PORTAL_E_BUSY);
		http_reply_free(&reply);
		fixture_close(&f);
	}
}

/* ---- failing ------------------------------------------------------------------------------- */

static uint32_t reject(struct portal_op *op)
{
	return op->host->reject(op);
}

static void refusals_become_classes(void **state)
{
	static const struct {
		unsigned status;
		bool is_once; /* the exchange that is answered */
		const char *body;
		uint32_t class;
		const char *message, *text;
	} cases[] = {
		{ 0, true, "", PORTAL_E_UNSURE, NULL, "no answer came back" },
		{ 401, false, "", PORTAL_E_DENIED, NULL, "the portal answered 401" },
		{ 403, false,
		    "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no role\"}}",
		    PORTAL_E_DENIED, NULL, "the portal answered 403 AuthorizationFailed: no role" },
		{ 404, false, "", PORTAL_E_REQUEST, NULL, "404" },
		{ 429, false, "", PORTAL_E_BUSY, NULL, "429" },
		{ 429, true, "", PORTAL_E_BUSY, NULL, "429" },
		{ 500, false, "", PORTAL_E_BUSY, NULL, "500" },
		{ 500, true, "", PORTAL_E_UNSURE, NULL, "500" },
		{ 503, true, "", PORTAL_E_BUSY, NULL, "503" },
		{ 302, false, "", PORTAL_E_PORTAL, NULL, "302" },
		{ 200, false, "<html>please sign in", PORTAL_E_PORTAL, NULL, "200" },
		{ 409, false, "{\"Error\":{\"Code\":\"LINKED\",\"Message\":\"twice\"}}",
		    PORTAL_E_CONTRACT, "M3",
		    "it is linked already (the portal answered 409 LINKED: twice)" },
		{ 400, false, "{\"code\":7,\"description\":\"No incidents remain\"}",
		    PORTAL_E_SPENT, NULL,
		    "the contract is used up (the portal answered 400 7: No incidents remain)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_reply reply = reply_of(cases[i].status, "", cases[i].body);
		struct fixture f;
		struct step *s;

		open_with(&f, reject);
		f.input.reply = &reply;
		f.memory.sent =
		    cases[i].is_once ? MEMORY_SENT_ONCE | MEMORY_LAST_ONCE : MEMORY_SENT_ONCE;
		s = fixture_step(&f, OPERATION_CREATE);
		assert_int_equal(s->failure_class, cases[i].class);
		assert_has(s->failure_text, cases[i].text);
		assert_true(text_same(s->failure_message, cases[i].message));
		http_reply_free(&reply);
		fixture_close(&f);
	}
}

static uint32_t reject_as(struct portal_op *op)
{
	return op->host->reject_as(
	    op, op->host->get(op, "/error/code"), op->host->get(op, "/error/message"));
}

static uint32_t need(struct portal_op *op)
{
	op->host->need(op, "subscription");
	return op->host->need(op, "contact.phone");
}

static uint32_t fail_twice(struct portal_op *op)
{
	(op->host->fail)(op, PORTAL_E_SPENT, "M1", "first %d %s %.*s %x %lld %%", -1, "a", 1, "bc",
	    255u, (long long)7);
	return (op->host->fail)(op, PORTAL_E_BUSY, NULL, "second");
}

static void operations_fail_with_the_first_reason(void **state)
{
	struct http_reply reply = reply_of(200, "",
	    "{\"status\":\"Failed\",\"error\":{\"code\":\"X\",\"message\":\"NO INCIDENTS left\"}}");
	struct fixture f;
	struct step *s;

	(void)state;
	open_with(&f, fail_twice);
	s = fixture_step(&f, OPERATION_CREATE);
	assert_int_equal(s->failure_class, PORTAL_E_SPENT);
	assert_string_equal(s->failure_text, "first -1 a b ff 7 %");
	assert_string_equal(s->failure_message, "M1");
	current = need;
	s = fixture_step(&f, OPERATION_CREATE);
	assert_int_equal(s->failure_class, PORTAL_E_REQUEST);
	assert_json(s->missing, "[\"subscription\",\"contact.phone\"]");
	current = reject_as;
	f.input.reply = &reply;
	assert_int_equal(fixture_step(&f, OPERATION_CREATE)->failure_class, PORTAL_E_SPENT);
	f.input.reply = NULL;
	assert_has(fixture_step(&f, OPERATION_CREATE)->failure_text, "reject() without a reply");
	http_reply_free(&reply);
	fixture_close(&f);
}

/* ---- guides ---------------------------------------------------------------------------------- */

static uint32_t guide(struct portal_op *op)
{
	const struct portal_host *h = op->host;
	portal_str pairs[] = { PORTAL_STR("name"), PORTAL_STR("a/b &c") };

	if (op->answer) {
		assert_true(portal_is(op->answer->code, "ticket"));
		assert_true(portal_is(op->answer->account, "bert@contoso.example"));
		op->out->ticket = h->get_answer(op, "number");
		assert_int_equal(h->get_answer(op, "absent").n, 0);
		return PORTAL_DONE;
	}
	h->guide_title(op, "Open %s", "it");
	h->guide_sign_in(op, op->account->name);
	h->guide_link(op, h->fill(op, PORTAL_STR("https://p.example/{name}"), pairs, 1));
	for (uint32_t i = 0; i < h->list_length(op, STEPS); i++)
		h->guide_step(op, "%.*s step", PORTAL_ARG(h->list_get(op, STEPS, i).text));
	assert_int_equal(h->list_get(op, STEPS, 7).text.n, 0);
	assert_true(h->has_option(op, STEPS) && !h->has_option(op, WORD));
	h->guide_field(op, "Title", op->request->title);
	h->guide_field(op, "Empty", PORTAL_STR(""));
	h->guide_secret(op, PORTAL_ACCESS_ID);
	h->guide_secret(op, PORTAL_ACCESS_ID);
	h->guide_secret(op, PORTAL_CONTRACT_ID);
	h->guide_choice(op, PORTAL_STR("1"), PORTAL_STR("first kind"));
	h->guide_answer(op, "ticket", "it is open", "number end?");
	h->guide_due(op, 5000);
	h->log(op, "asked %s", "once");
	return PORTAL_ASK;
}

static void a_guide_is_all_that_was_built(void **state)
{
	struct fixture f;
	struct step *s;

	(void)state;
	open_with(&f, guide);
	s = fixture_step(&f, OPERATION_CREATE);
	assert_int_equal(s->verdict, PORTAL_ASK);
	assert_json(s->guide,
	    "{\"title\":\"Open "
	    "it\",\"sign_in\":\"anna@contoso.example\",\"link\":\"https://p.example/a%2Fb%20%26c\","
	    "\"steps\":[\"first step\",\"second "
	    "step\"],\"fields\":[{\"name\":\"Title\",\"value\":\"A title\"}],"
	    "\"secrets\":[\"access_id\",\"contract_id\"],\"choices\":[{\"value\":\"1\",\"text\":"
	    "\"first kind\"}],"
	    "\"answers\":[{\"code\":\"ticket\",\"meaning\":\"it is "
	    "open\",\"values\":[\"number\"],\"optional\":[\"end\"]}],"
	    "\"due_ms\":5000}");
	assert_json(s->log, "[\"asked once\"]");
	f.input.answer = TEXT("{\"code\":\"ticket\",\"values\":{\"number\":\"77\"},\"account\":"
			      "\"bert@contoso.example\"}");
	s = fixture_step(&f, OPERATION_CREATE);
	assert_int_equal(s->verdict, PORTAL_DONE);
	assert_string_equal(s->outcome.ticket.p, "77");
	fixture_close(&f);
}

#define WRONG(name, ...)                                                                           \
	static uint32_t name(struct portal_op *op)                                                 \
	{                                                                                          \
		const struct portal_host *h = op->host;                                            \
		__VA_ARGS__;                                                                       \
		h->guide_answer(op, "fine", "is well", "");                                        \
		return PORTAL_ASK;                                                                 \
	}

WRONG(plain_link, h->guide_link(op, PORTAL_STR("http://p.example/")))
WRONG(script_link, h->guide_link(op, PORTAL_STR("javascript:alert(1)")))
WRONG(unknown_name, (void)h->fill(op, PORTAL_STR("https://p.example/{who}"), NULL, 0))
WRONG(other_secret, h->guide_secret(op, PORTAL_SESSION))
WRONG(bad_code, h->guide_answer(op, "Not Good", "x", ""))
WRONG(same_code, h->guide_answer(op, "fine", "x", ""))
WRONG(bad_value, h->guide_answer(op, "good", "x", "Number"))
WRONG(many_steps, for (int i = 0; i < 41; i++) h->guide_step(op, "x"))

static uint32_t no_answers(struct portal_op *op)
{
	op->host->guide_title(op, "x");
	return PORTAL_ASK;
}

static void what_is_wrong_in_a_guide_sticks(void **state)
{
	static const struct {
		portal_step_function *step;
		const char *sentence;
	} cases[] = {
		{ plain_link, "is no https address" },
		{ script_link, "is no https address" },
		{ unknown_name, "there is no value for '{who}'" },
		{ other_secret, "two IDs and no other secret" },
		{ bad_code, "'Not Good' is no code" },
		{ same_code, "'fine' is no code of an answer, or is there twice" },
		{ bad_value, "'Number' is no name of a value" },
		{ many_steps, "at most 40 steps" },
		{ no_answers, "declared no answer" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture f;

		open_with(&f, cases[i].step);
		assert_has(fixture_step(&f, OPERATION_CREATE)->failure_text, cases[i].sentence);
		assert_null(f.step.guide);
		fixture_close(&f);
	}
}

/* ---- results ------------------------------------------------------------------------------------
 */

static uint32_t observe(struct portal_op *op)
{
	op->host->observe(op, PORTAL_STR("Partner Support"), 1801439999, 7, PORTAL_INCIDENTS);
	op->host->observe(op, PORTAL_STR("Signature"), 0, PORTAL_UNLIMITED, PORTAL_HOURS);
	op->host->observe(op, PORTAL_STR("Third"), 0, PORTAL_UNKNOWN, PORTAL_INCIDENTS);
	op->out->remaining = 7;
	return PORTAL_DONE;
}

static uint32_t go(struct portal_op *op)
{
	return op->host->go(op, PORTAL_STR("azure"), PORTAL_STR("https://portal.example/x"),
	    PORTAL_STR("tenant-1"));
}

static uint32_t cached(struct portal_op *op)
{
	portal_str kept = op->host->cache_get(op, "services");

	if (!kept.n)
		op->host->cache_put(op, "services", PORTAL_STR("[1,2]"), op->now + 60);
	op->out->ticket = kept.n ? kept : PORTAL_STR("none");
	return PORTAL_DONE;
}

static uint32_t times(struct portal_op *op)
{
	const struct portal_host *h = op->host;

	assert_true(portal_is(h->write_time(op, 1795500000), "2026-11-24T06:00:00Z"));
	assert_int_equal(h->write_time(op, 0).n, 0);
	assert_int_equal(h->read_time(op, PORTAL_STR("2026-11-24T07:00:00+01:00")), 1795500000);
	assert_int_equal(h->read_time(op, PORTAL_STR("2026-11-24T06:00:00.1234567")), 1795500000);
	assert_int_equal(h->read_time(op, PORTAL_STR("2026-11-24")), 1795478400);
	assert_int_equal(h->read_time(op, PORTAL_STR("0001-01-01T00:00:00")), 0);
	assert_int_equal(h->read_time(op, PORTAL_STR("soon")), 0);
	assert_true(portal_is(h->get_input(op, "/severity"), "2"));
	assert_null(h->extension("multipart/1"));
	op->out->ticket = PORTAL_STR("1");
	op->out->address = PORTAL_STR("https://p.example/1");
	return PORTAL_DONE;
}

static void results_beside_the_outcome(void **state)
{
	struct fixture f;
	struct step *s;

	(void)state;
	open_with(&f, observe);
	s = fixture_step(&f, OPERATION_REMAINING);
	assert_json(s->extra,
	    "{\"observations\":[{\"plan\":\"Partner "
	    "Support\",\"until\":\"2027-01-31T23:59:59Z\",\"remaining\":7,"
	    "\"unit\":\"incidents\"},{\"plan\":\"Signature\",\"until\":null,\"remaining\":"
	    "\"unlimited\","
	    "\"unit\":\"hours\"},{\"plan\":\"Third\",\"until\":null,\"remaining\":null,"
	    "\"unit\":\"incidents\"}]}");
	assert_int_equal(s->outcome.remaining, 7);
	current = go;
	s = fixture_step(&f, OPERATION_OPEN);
	assert_int_equal(s->verdict, PORTAL_GO);
	assert_string_equal(s->go_portal, "azure");
	assert_string_equal(s->go_address, "https://portal.example/x");
	assert_string_equal(s->go_tenant, "tenant-1");
	current = cached;
	assert_string_equal(fixture_step(&f, OPERATION_CREATE)->outcome.ticket.p, "none");
	assert_string_equal(fixture_step(&f, OPERATION_CREATE)->outcome.ticket.p, "[1,2]");
	f.input.now += 61000;
	assert_string_equal(fixture_step(&f, OPERATION_CREATE)->outcome.ticket.p, "none");
	current = times;
	f.input.input_json = TEXT("{\"severity\":2}");
	s = fixture_step(&f, OPERATION_CREATE);
	assert_string_equal(s->outcome.address.p, "https://p.example/1");
	fixture_close(&f);
}

static uint32_t bad_address(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	op->out->address = PORTAL_STR("javascript:alert(1)");
	return PORTAL_DONE;
}

static uint32_t two_lines(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1\n2");
	return PORTAL_DONE;
}

static void outcomes_are_checked(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, bad_address);
	assert_has(fixture_step(&f, OPERATION_CREATE)->failure_text, "is no https address");
	current = two_lines;
	assert_has(
	    fixture_step(&f, OPERATION_CREATE)->failure_text, "ticket number is not one line");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_read_by_pointer),
		cmocka_unit_test(bodies_that_are_no_json_have_no_members),
		cmocka_unit_test(refusals_become_classes),
		cmocka_unit_test(operations_fail_with_the_first_reason),
		cmocka_unit_test(a_guide_is_all_that_was_built),
		cmocka_unit_test(what_is_wrong_in_a_guide_sticks),
		cmocka_unit_test(results_beside_the_outcome),
		cmocka_unit_test(outcomes_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
