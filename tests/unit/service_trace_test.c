/* W3C Trace Context: what goes on, and what begins anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/trace.h"

#include <string.h>

#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

static void a_trace_goes_on_with_a_span_of_our_own(void **state)
{
	static const char *const good[] = { "00-" ID "-" SPAN "-01", "00-" ID "-" SPAN "-ff",
		"01-" ID "-" SPAN "-01", "cc-" ID "-" SPAN "-01-what comes later" };
	char out[TRACE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct trace trace = trace_begin(text_of(good[i]));

		assert_false(trace.is_new);
		assert_string_equal(trace.id, ID);
		assert_string_not_equal(trace.span, SPAN);
		trace_write(&trace, out);
		assert_int_equal(strncmp(out, "00-" ID "-", 36), 0);
		assert_string_equal(out + 52, "-01");
	}
}

static void what_is_not_well_formed_begins_a_new_one(void **state)
{
	static const char *const bad[] = { "", "00", "00-" ID "-" SPAN, "00-" ID "-" SPAN "-1",
		"00-" ID "-" SPAN "-01-", "00-" ID "-" SPAN "-01-more", "ff-" ID "-" SPAN "-01",
		"00_" ID "-" SPAN "-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01",
		"00-00000000000000000000000000000000-" SPAN "-01", "00-" ID "-0000000000000000-01",
		"00-" ID "-" SPAN "-0g", "cc-" ID "-" SPAN "-01.more", " 00-" ID "-" SPAN "-01" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct trace trace = trace_begin(text_of(bad[i]));

		if (!trace.is_new)
			fail_msg("%s", bad[i]);
		assert_int_equal(strlen(trace.id), 32);
		assert_string_not_equal(trace.id, ID);
	}
}

static void a_state_is_passed_on_only_if_it_is_visible_and_short(void **state)
{
	char long_one[514];

	(void)state;
	memset(long_one, 'x', sizeof long_one - 1);
	long_one[sizeof long_one - 1] = 0;
	assert_true(trace_state_ok(TEXT("vendor=a b,other=c")));
	assert_false(trace_state_ok(TEXT("")));
	assert_false(trace_state_ok(TEXT("a=\x01")));
	assert_false(trace_state_ok(TEXT("a=\xc3\xa9")));
	assert_false(trace_state_ok(text_of(long_one)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_goes_on_with_a_span_of_our_own),
		cmocka_unit_test(what_is_not_well_formed_begins_a_new_one),
		cmocka_unit_test(a_state_is_passed_on_only_if_it_is_visible_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
