/* REQUEST is read strictly and written complete. */
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

static bool read_text(const char *text, struct request *r, struct failure *why)
{
	struct json *object = desk_json(text);
	bool is_ok = request_read(object, arena, r, why);

	json_free(object);
	return is_ok;
}

static const char complete[] =
    "{\"kind\":\"probe\",\"reference\":\"PSA-1\",\"title\":\"T\",\"description\":\"D\","
    "\"product\":\"Exchange Server\",\"release\":\"2019\",\"environment\":\"hybrid\","
    "\"severity\":\"A\",\"account\":\"a@b.example\",\"customer\":\"c\",\"subscription\":\"s\","
    "\"resource\":\"r\",\"plan\":\"advanced\",\"contact\":{\"first_name\":\"A\","
    "\"last_name\":\"B\",\"email\":\"e\",\"phone\":\"p\",\"method\":\"phone\","
    "\"language\":\"hu\",\"country\":\"HUN\",\"time_zone\":\"z\",\"around_the_clock\":true},"
    "\"problem_started\":\"2021-05-31T14:20:00Z\",\"files\":[{\"path\":\"x.log\","
    "\"media_type\":\"text/plain\"}]}";

static void every_member_is_read_and_written_in_order(void **state)
{
	struct request r;
	struct failure why = { 0 };
	struct buffer text = { 0 };

	(void)state;
	assert_true(read_text(complete, &r, &why));
	assert_int_equal(r.kind, KIND_PROBE);
	assert_int_equal(r.severity, SEVERITY_A);
	assert_int_equal(r.environment, ENVIRONMENT_HYBRID);
	assert_string_equal(r.plan, "advanced");
	assert_string_equal(r.contact.method, "phone");
	assert_int_equal(r.contact.around_the_clock, 1);
	assert_int_equal(r.problem_started, 1622470800000);
	assert_int_equal(r.n_files, 1);
	request_write(&r, &text);
	assert_string_equal(text.p, complete);
	buffer_free(&text);
}

static void what_is_left_out_is_unknown_and_written_null(void **state)
{
	static const char *const empties[] = { "{}",
		"{\"kind\":null,\"title\":null,\"severity\":null,\"contact\":null,\"files\":null,"
		"\"problem_started\":null}" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct request r;
		struct failure why = { 0 };
		struct buffer text = { 0 };
		struct json *written;

		assert_true(read_text(empties[i], &r, &why));
		assert_int_equal(r.kind, KIND_INCIDENT);
		assert_int_equal(r.severity, SEVERITY_UNKNOWN);
		assert_null(r.title);
		assert_int_equal(r.contact.around_the_clock, -1);
		assert_true(r.problem_started == INSTANT_UNKNOWN);
		request_write(&r, &text);
		written = json_from(&text);
		assert_int_equal(json_length(written), 16);
		assert_int_equal(json_length(json_get(written, "contact")), 9);
		assert_int_equal(json_kind(json_get(written, "severity")), JSON_IS_NULL);
		assert_int_equal(json_length(json_get(written, "files")), 0);
		json_free(written);
	}
}

static void what_is_wrong_is_named_with_what_is_right(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "[]", "request is an array; it must be an object" },
		{ "\"x\"", "request is a string; it must be an object" },
		{ "{\"prodct\":\"x\"}",
		    "request: unknown member \"prodct\"; did you mean \"product\"?" },
		{ "{\"Title\":\"x\"}", "unknown member \"Title\"; did you mean \"title\"?" },
		{ "{\"title\":[]}", "request.title is an array; it must be a string or null" },
		{ "{\"title\":1.5}", "request.title is a number with a fraction" },
		{ "{\"severity\":\"a\"}", "request.severity is \"a\"; it must be one of: A, B, C" },
		{ "{\"severity\":1}", "request.severity is a number" },
		{ "{\"kind\":\"\"}", "request.kind is \"\"" },
		{ "{\"environment\":\"onprem\"}", "one of: on-premises, cloud, hybrid" },
		{ "{\"plan\":\"included\"}", "one of: contract, csp, premier, advanced" },
		{ "{\"contact\":[]}", "request.contact is an array" },
		{ "{\"contact\":{\"around_the_clock\":1}}", "it must be true, false or null" },
		{ "{\"contact\":{\"method\":\"fax\"}}", "one of: email, phone" },
		{ "{\"contact\":{\"country\":\"Hungary\"}}", "ISO 3166 code" },
		{ "{\"contact\":{\"country\":\"\"}}", "ISO 3166 code" },
		{ "{\"files\":{}}", "request.files is an object; it must be an array" },
		{ "{\"files\":[1]}", "request.files[0] is a number" },
		{ "{\"files\":[{}]}", "request.files[0] has no path" },
		{ "{\"problem_started\":\"2021-05-31 14:20\"}", "request.problem_started is" },
		{ "{\"problem_started\":1622470800}", "request.problem_started is a number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct request r;
		struct failure why = { 0 };

		assert_false(read_text(cases[i].text, &r, &why));
		assert_int_equal(why.kind, FAILURE_DATA);
		if (!strstr(why.text, cases[i].said))
			fail_msg("%s: %s", cases[i].text, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_read_and_written_in_order),
		cmocka_unit_test(what_is_left_out_is_unknown_and_written_null),
		cmocka_unit_test(what_is_wrong_is_named_with_what_is_right),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
