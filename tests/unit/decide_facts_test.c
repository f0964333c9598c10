/* FACTS are read strictly, unknown is not empty, and all is written back. */
#include "support/decisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static bool read_text(const char *text, struct facts *f, struct failure *why)
{
	struct json *object = json_read(text_of(text), "facts", 0, NULL);
	bool is_ok;

	assert_non_null(object);
	is_ok = facts_read(object, arena, f, why);
	json_free(object);
	return is_ok;
}

static const char complete[] =
    "{\"now\":\"2021-06-01T09:00:00Z\",\"profile\":\"mpn-2021-03\",\"account\":{\"name\":\"a\","
    "\"type\":\"msa\",\"programs\":[\"mpn\",\"csp\"],\"roles\":[\"global-admin\","
    "\"mpn-partner-admin\",\"admin-agent\"],\"csp_kind\":\"advisor\","
    "\"membership_centre\":\"pmc\"},\"offers\":[{\"offer\":\"gold\",\"competency\":null}],"
    "\"company_offers\":[],\"benefit\":{\"activated\":false},\"contracts\":[{\"id\":\"c1\","
    "\"plan\":\"signature-cloud\",\"access_id\":true,\"contract_id\":false,"
    "\"start\":\"2021-01-01T00:00:00Z\",\"end\":\"2022-01-31T23:59:59Z\","
    "\"remaining\":\"unlimited\",\"observed\":{\"at\":\"2021-05-30T08:00:00Z\","
    "\"portal\":\"support-for-business\"},\"linked\":null}],\"paid_plans\":[{\"plan\":"
    "\"premier\",\"linked\":true}],\"portal_said\":{\"message\":\"M3\",\"portal\":\"azure\","
    "\"contract\":\"c1\"},\"closed_portals\":[\"acme\"]}";

static void every_member_is_read_and_written_in_order(void **state)
{
	struct facts f;
	struct failure why = { 0 };
	struct buffer text = { 0 };

	(void)state;
	if (!read_text(complete, &f, &why))
		fail_msg("%s", why.text);
	assert_int_equal(f.account.programs, PROGRAM_MPN | PROGRAM_CSP);
	assert_int_equal(f.account.roles, 7);
	assert_int_equal(f.account.csp_kind, CSP_ADVISOR);
	assert_int_equal(f.account.membership_centre, CENTRE_PMC);
	assert_int_equal(f.activated, TRI_NO);
	assert_true(f.company_offers_known && !f.n_company_offers);
	assert_int_equal(f.contracts[0].access_id, TRI_YES);
	assert_int_equal(f.contracts[0].contract_id, TRI_NO);
	assert_int_equal(f.contracts[0].linked, TRI_UNKNOWN);
	assert_true(f.contracts[0].remaining == REMAINING_UNLIMITED);
	assert_string_equal(f.portal_said.contract, "c1");
	facts_write(&f, &text);
	assert_string_equal(text.p, complete);
	buffer_free(&text);
}

static void what_is_left_out_is_unknown_not_empty(void **state)
{
	static const char *const unknown[] = {
		"{}",
		"{\"now\":null,\"account\":null,\"offers\":null,\"contracts\":null,\"benefit\":"
		"null,"
		"\"paid_plans\":null,\"portal_said\":null}",
		"{\"account\":{\"roles\":null},\"benefit\":{},\"portal_said\":{\"message\":null}}"
	};
	struct facts f;
	struct failure why = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		assert_true(read_text(unknown[i], &f, &why));
		assert_true(f.now == INSTANT_UNKNOWN);
		assert_false(f.offers_known || f.company_offers_known || f.contracts_known ||
		    f.paid_plans_known);
		assert_int_equal(f.account.programs, -1);
		assert_int_equal(f.account.roles, -1);
		assert_int_equal(f.activated, TRI_UNKNOWN);
		assert_null(f.portal_said.message);
	}
	assert_true(
	    read_text("{\"account\":{\"programs\":[],\"roles\":[]},\"offers\":[],\"contracts\":[]}",
		&f, &why));
	assert_true(f.offers_known && f.contracts_known);
	assert_int_equal(f.account.programs, 0);
	assert_int_equal(f.account.roles, 0);
}

static void days_end_with_their_last_millisecond(void **state)
{
	struct facts f;
	struct failure why = { 0 };

	(void)state;
	assert_true(
	    read_text("{\"now\":\"2021-06-01\",\"contracts\":[{\"id\":\"c\",\"plan\":"
		      "\"partner-support\",\"start\":\"2021-06-01\",\"end\":\"2021-06-01\"},"
		      "{\"id\":\"d\",\"plan\":\"partner-support\",\"end\":"
		      "\"2021-06-01T02:00:00+02:00\"}]}",
		&f, &why));
	assert_true(f.now == 1622505600000);
	assert_true(f.contracts[0].start == f.now);
	assert_true(f.contracts[0].end == f.now + INSTANT_DAY - 1);
	assert_true(f.contracts[1].end == f.now);
}

#define CONTRACT(members) "{\"contracts\":[{\"id\":\"c\",\"plan\":\"partner-support\"" members "}]}"

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "[]", "facts is an array; it must be an object" },
		{ "{\"offer\":[]}", "unknown member \"offer\"; did you mean \"offers\"?" },
		{ "{\"account\":\"a\"}", "facts.account is a string; it must be an object" },
		{ "{\"account\":{\"type\":\"AAD\"}}", "facts.account.type is \"AAD\"" },
		{ "{\"account\":{\"programs\":[\"mpm\"]}}", "one of: mpn, csp" },
		{ "{\"account\":{\"roles\":[1]}}", "facts.account.roles[0] must be a string" },
		{ "{\"account\":{\"membership_centre\":\"PMC\"}}", "one of: partner-center, pmc" },
		{ "{\"offers\":{}}", "facts.offers is an object; it must be an array" },
		{ "{\"offers\":[{\"competency\":\"x\"}]}", "facts.offers[0] has no member offer" },
		{ "{\"company_offers\":[\"gold\"]}", "facts.company_offers is a string" },
		{ "{\"benefit\":true}", "facts.benefit is a boolean" },
		{ "{\"contracts\":[{\"id\":\"c\"}]}",
		    "facts.contracts[0] needs the members id and plan" },
		{ CONTRACT(",\"ends\":\"2021-01-01\""), "did you mean \"end\"?" },
		{ CONTRACT(",\"end\":\"2021-13-01\""), "facts.contracts[0].end is \"2021-13-01\"" },
		{ CONTRACT(",\"remaining\":-1"), "must be a number from 0, \"unlimited\" or null" },
		{ CONTRACT(",\"remaining\":true"), "must be a number from 0" },
		{ CONTRACT(",\"remaining\":9223372036854775807"), "must be a number from 0" },
		{ CONTRACT(",\"observed\":\"2021-01-01\""),
		    "facts.contracts[0].observed is a string" },
		{ CONTRACT(",\"linked\":\"yes\""), "facts.contracts[0].linked is a string" },
		{ CONTRACT("},{\"id\":\"c\",\"plan\":\"signature-cloud\""), "\"c\" comes twice" },
		{ "{\"paid_plans\":[{\"plan\":\"contract\"}]}", "one of: premier, advanced" },
		{ "{\"portal_said\":\"M2\"}", "only \"M3\" has a meaning here" },
		{ "{\"portal_said\":{\"message\":\"M2\"}}", "facts.portal_said.message" },
		{ "{\"portal_said\":3}", "facts.portal_said is a number" },
		{ "{\"closed_portals\":\"acme\"}", "facts.closed_portals is a string" },
		{ "{\"closed_portals\":[\"acme\",3]}", "facts.closed_portals[1] is not the name" },
		{ "{\"now\":\"now\"}", "facts.now is \"now\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct facts f;
		struct failure why = { 0 };

		assert_false(read_text(cases[i].text, &f, &why));
		assert_int_equal(why.kind, FAILURE_DATA);
		if (!strstr(why.text, cases[i].said))
			fail_msg("%s: %s", cases[i].text, why.text);
	}
}

static void an_id_in_the_place_of_a_yes_is_not_repeated(void **state)
{
	struct facts f;
	struct failure why = { 0 };

	(void)state;
	assert_false(read_text(CONTRACT(",\"contract_id\":\"0004711815\""), &f, &why));
	assert_non_null(strstr(why.text, "facts.contracts[0].contract_id is a string"));
	assert_null(strstr(why.text, "4711"));
}

/* One item more than anybody has. */
static void expect_too_many(const char *list, const char *item)
{
	struct buffer text = { 0 };
	struct facts f;
	struct failure why = { 0 };

	buffer_format(&text, "{\"%s\":[", list);
	for (unsigned i = 0; i <= 1000; i++)
		buffer_format(&text, "%s%s", i ? "," : "", item);
	buffer_text(&text, "]}");
	assert_false(read_text(text.p, &f, &why));
	assert_non_null(strstr(why.text, "has 1001 items; at most 1000 are read"));
	buffer_free(&text);
}

static void a_thousand_of_a_kind_are_enough(void **state)
{
	(void)state;
	expect_too_many("offers", "{\"offer\":\"gold\"}");
	expect_too_many("company_offers", "{\"offer\":\"gold\"}");
	expect_too_many("contracts", "{\"id\":\"c\",\"plan\":\"partner-support\"}");
	expect_too_many("paid_plans", "{\"plan\":\"premier\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_read_and_written_in_order),
		cmocka_unit_test(what_is_left_out_is_unknown_not_empty),
		cmocka_unit_test(days_end_with_their_last_millisecond),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(an_id_in_the_place_of_a_yes_is_not_repeated),
		cmocka_unit_test(a_thousand_of_a_kind_are_enough),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
