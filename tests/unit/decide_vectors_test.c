/* The desk's 46 vectors and more of our own: one request and what is known, one decision. */
#include "support/decisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

struct tally {
	unsigned wrong;
	struct buffer said;
};

static void check(void *context, const char *id, const struct json *vector,
    const struct json *decision, const struct failure *why)
{
	struct tally *tally = context;
	struct buffer said = { 0 };

	if (!desk_expect(decision, why, json_get(vector, "expect"), &said)) {
		tally->wrong++;
		buffer_format(&tally->said, "\n%s%s", id, said.p);
	}
	buffer_free(&said);
}

static void hold(const char *file, unsigned at_least)
{
	struct tally tally = { 0 };
	unsigned n = desk_vectors(file, check, &tally);

	if (tally.wrong) {
		fprintf(stderr, "%s\n", tally.said.p); /* longer than cmocka prints */
		fail_msg("%u of %u vectors do not hold", tally.wrong, n);
	}
	assert_true(n >= at_least);
	buffer_free(&tally.said);
}

static void the_desk_s_vectors_hold(void **state)
{
	(void)state;
	hold("decision-vectors.jsonl", 46);
}

static void vectors_of_every_rule_switch_and_reading_hold(void **state)
{
	(void)state;
	hold("decision-more.jsonl", 60);
}

static void a_vector_that_does_not_hold_is_told(void **state)
{
	struct json *decision = desk_json("{\"outcome\":\"deny\",\"ask\":[],\"reasons\":[]}");
	static const char *const expectations[] = { "{\"outcome\":\"allow\"}",
		"{\"outcome_not\":\"deny\"}", "{\"ask\":[\"release\"]}",
		"{\"rules_include\":[\"R1\"]}", "{\"portal\":\"azure\"}",
		"{\"unavailable\":[{\"plan\":\"csp\"}]}", "{\"error\":true}",
		"{\"inform_include\":[\"x\"]}", "{\"entitled\":{\"cloud\":5}}" };
	struct failure why = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++) {
		struct json *expect = desk_json(expectations[i]);
		struct buffer said = { 0 };

		assert_false(desk_expect(decision, &why, expect, &said));
		assert_true(said.n > 0);
		buffer_free(&said);
		json_free(expect);
	}
	json_free(decision);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_desk_s_vectors_hold),
		cmocka_unit_test(vectors_of_every_rule_switch_and_reading_hold),
		cmocka_unit_test(a_vector_that_does_not_hold_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
