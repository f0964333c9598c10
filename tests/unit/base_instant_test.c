/* Points in time and lengths of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/instant.h"

static void times_are_read_with_any_offset(void **state)
{
	static const struct {
		const char *text;
		instant at;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2021-06-01T09:00:00Z", 1622538000000 },
		{ "2021-06-01t09:00:00z", 1622538000000 },
		{ "2021-06-01 09:00:00Z", 1622538000000 },
		{ "2021-06-01T11:00:00+02:00", 1622538000000 },
		{ "2021-05-31T23:30:00-09:30", 1622538000000 },
		{ "2021-06-01T09:00:00.5Z", 1622538000500 },
		{ "2021-06-01T09:00:00.123456789Z", 1622538000123 },
		{ "2021-06-01T09:00:00.0009Z", 1622538000000 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "2016-12-31T23:59:60Z", 1483228799000 },
		{ "2024-12-31T23:59:59Z", 1735689599000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "1970-01-01T01:00:00+01:00", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		instant at = -1;

		if (!instant_read(text_of(cases[i].text), &at) || at != cases[i].at)
			fail_msg("%s: %lld", cases[i].text, (long long)at);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const texts[] = { "", "2021", "2021-06-01", "2021-06-01T09:00Z",
		"2021-06-01T09:00:00", "2021-06-01T09:00:00+2", "2021-06-01T09:00:00+0200",
		"2021-06-01T09:00:00+24:00", "2021-06-01T09:00:00+02:60", "2021-06-01T24:00:00Z",
		"2021-06-01T09:60:00Z", "2021-06-01T09:00:61Z", "2021-06-01T09:00:00.Z",
		"2021-06-01T09:00:00Z ", " 2021-06-01T09:00:00Z", "2021-13-01T09:00:00Z",
		"2021-00-01T09:00:00Z", "2021-06-31T09:00:00Z", "2021-06-00T09:00:00Z",
		"2021-02-29T09:00:00Z", "1900-02-29T09:00:00Z", "2100-02-29T09:00:00Z",
		"1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"20210601T090000Z", "+2021-06-01T09:00:00Z", "2021-6-1T09:00:00Z",
		"2021/06/01T09:00:00Z", "99999-01-01T00:00:00Z" };
	static const char with_nul[] = "2021\0"
				       "06-01T09:00:00Z";
	instant at;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (instant_read(text_of(texts[i]), &at))
			fail_msg("\"%s\" is taken", texts[i]);
	assert_false(instant_read((struct text){ with_nul, sizeof with_nul - 1 }, &at));
}

static void days_begin_and_end(void **state)
{
	instant first, last;

	(void)state;
	assert_true(instant_read_date(TEXT("2024-02-29"), &first));
	assert_true(instant_read_end(TEXT("2024-02-29"), &last));
	assert_true(last == first + INSTANT_DAY - 1);
	assert_true(instant_read_end(TEXT("2024-02-29T12:00:00Z"), &last));
	assert_true(last == first + INSTANT_DAY / 2);
	assert_false(instant_read_date(TEXT("2023-02-29"), &first));
	assert_false(instant_read_date(TEXT("2024-02-29 "), &first));
	assert_false(instant_read_end(TEXT("2024-2-29"), &first));
}

static void every_day_is_written_as_it_is_read(void **state)
{
	char text[INSTANT_TEXT], again[INSTANT_TEXT];

	(void)state;
	for (instant day = 0; day < 253402300800000; day += 17 * INSTANT_DAY) {
		instant read = -1;

		instant_write_date(day, text);
		assert_true(instant_read_date(text_of(text), &read) && read == day);
		instant_write(day + 45296789, text);
		assert_true(instant_read(text_of(text), &read) && read == day + 45296000);
		assert_string_equal(instant_write(read, again), text);
	}
	assert_string_equal(instant_write(253402300799999, text), "9999-12-31T23:59:59Z");
	assert_string_equal(instant_write(-1000, text), "1969-12-31T23:59:59Z");
}

static void durations_have_one_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} cases[] = { { "250ms", 250 }, { "90s", 90000 }, { "5m", 300000 }, { "2h", 7200000 },
		{ "3d", 259200000 }, { "0s", 0 }, { "s", -1 }, { "", -1 }, { "5", -1 },
		{ "5 m", -1 }, { "-5m", -1 }, { "+5m", -1 }, { "1h30m", -1 }, { "5M", -1 },
		{ "1w", -1 }, { "9223372036854775807ms", INT64_MAX },
		{ "9223372036854775807s", -1 }, { "99999999999999999999ms", -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t ms = -1;

		if (duration_read(text_of(cases[i].text), &ms) != (cases[i].ms >= 0) ||
		    (cases[i].ms >= 0 && ms != cases[i].ms))
			fail_msg("\"%s\": %lld", cases[i].text, (long long)ms);
	}
}

static void durations_are_said_for_people(void **state)
{
	static const struct {
		int64_t ms;
		const char *words;
	} cases[] = { { 0, "moments" }, { 999, "moments" }, { 1000, "1 second" },
		{ 59999, "59 seconds" }, { 60000, "1 minute" }, { 7200000, "2 hours" },
		{ 86400000, "1 day" }, { 200000000, "2 days" } };
	char text[INSTANT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(duration_words(cases[i].ms, text), cases[i].words);
}

static void the_clock_can_be_pinned(void **state)
{
	int64_t before = instant_monotonic();

	(void)state;
	instant_pin(TEXT("2021-06-01T09:00:00Z"));
	assert_true(instant_now() == 1622538000000);
	instant_pin(TEXT("yesterday"));
	assert_true(instant_now() > 1622538000000);
	instant_pin(TEXT("2021-06-01T09:00:00Z"));
	instant_pin(TEXT(""));
	assert_true(instant_now() > 1622538000000);
	assert_true(instant_monotonic() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_with_any_offset),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(days_begin_and_end),
		cmocka_unit_test(every_day_is_written_as_it_is_read),
		cmocka_unit_test(durations_have_one_unit),
		cmocka_unit_test(durations_are_said_for_people),
		cmocka_unit_test(the_clock_can_be_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
