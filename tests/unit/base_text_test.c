/* Text: comparing, splitting, numbers, nearness, UTF-8 and folding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static void texts_are_compared_by_length_and_bytes(void **state)
{
	(void)state;
	assert_true(text_is(text_of(NULL), ""));
	assert_true(text_equal(TEXT("a\0b"), (struct text){ "a\0b", 3 }));
	assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
	assert_false(text_is(TEXT("ab"), "a"));
	assert_true(text_same(NULL, NULL));
	assert_false(text_same("", NULL));
	assert_true(text_same_fold("AzURE", "azure"));
	assert_false(text_same_fold(NULL, "azure"));
	assert_true(text_starts(TEXT("file:x"), "file:"));
	assert_false(text_starts(TEXT("file"), "file:"));
	assert_true(text_is(text_trim(TEXT(" \t\r\n\f\v a b \n")), "a b"));
	assert_true(text_is(text_trim(TEXT(" \t ")), ""));
}

static void lists_are_split_and_trimmed(void **state)
{
	static const char *const wanted[] = { "a", "b c", "d" };
	struct text rest = TEXT(" a ,, b c,\t,d ,"), item;
	size_t n = 0;

	(void)state;
	while (text_split(&rest, ',', &item))
		assert_true(n < 3 && text_is(item, wanted[n++]));
	assert_int_equal(n, 3);
	assert_true(text_has_item(TEXT("a, b c ,d"), ',', "b c"));
	assert_false(text_has_item(TEXT("a, b c ,d"), ',', "b"));
	assert_false(text_has_item(TEXT(""), ',', ""));
}

static void integers_are_strict(void **state)
{
	static const struct {
		const char *text;
		bool is_ok;
		int64_t number;
	} cases[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "+7", true, 7 },
		{ "010", true, 10 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "+-1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x10", false, 0 },
		{ "1e3", false, 0 },
		{ "1.0", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t number = 0;

		if (text_integer(text_of(cases[i].text), &number) != cases[i].is_ok)
			fail_msg("\"%s\"", cases[i].text);
		assert_true(number == cases[i].number);
	}
}

static void distances_count_slips_of_the_finger(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned limit, distance;
	} cases[] = {
		{ "portal", "portal", 2, 0 },
		{ "PORTAL", "portal", 2, 0 },
		{ "protal", "portal", 2, 1 },
		{ "portl", "portal", 2, 1 },
		{ "portaal", "portal", 2, 1 },
		{ "partal", "portal", 2, 1 },
		{ "prtol", "portal", 2, 2 },
		{ "abc", "xyz", 2, 3 },
		{ "", "ab", 2, 2 },
		{ "", "abc", 2, 3 },
		{ "", "", 0, 0 },
	};
	char longest[80];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
		    text_distance(cases[i].a, cases[i].b, cases[i].limit), cases[i].distance);
		assert_int_equal(
		    text_distance(cases[i].b, cases[i].a, cases[i].limit), cases[i].distance);
	}
	memset(longest, 'x', sizeof longest);
	longest[63] = 0;
	assert_int_equal(text_distance(longest, longest, 2), 0);
	longest[63] = 'x';
	longest[64] = 0;
	assert_int_equal(text_distance(longest, longest, 2), 3);
}

static void the_nearest_word_is_near(void **state)
{
	static const char *const words[] = { "portal", "route", "release", "way", "no" };
	static const struct {
		const char *wrong, *nearest;
	} cases[] = { { "protal", "portal" }, { "routes", "route" }, { "releas", "release" },
		{ "wya", "way" }, { "rel", "release" }, { "portal-map", "portal" }, { "zzz", NULL },
		{ "xay", "way" }, { "xxy", NULL }, { "", NULL }, { "on", "no" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *nearest = text_nearest(cases[i].wrong, words, 5);

		if (!text_same(nearest, cases[i].nearest))
			fail_msg("%s: %s", cases[i].wrong, nearest ? nearest : "none");
	}
	assert_null(text_nearest("portal", NULL, 0));
}

static void bytes_that_are_no_utf8_are_found(void **state)
{
	static const struct {
		const char *text;
		ptrdiff_t bad;
	} cases[] = {
		{ "plain ascii of more than eight bytes", -1 },
		{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", -1 },
		{ "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		    -1 },
		{ "abc\xe9", 3 },
		{ "12345678\xff", 8 },
		{ "1234567\xff"
		  "8",
		    7 },
		{ "1234567890123456\xc3", 16 },
		{ "\x80", 0 },
		{ "\xc0\xaf", 0 },         /* overlong */
		{ "\xe0\x9f\xbf", 0 },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", 0 }, /* overlong */
		{ "\xed\xa0\x80", 0 },     /* surrogate */
		{ "\xed\x9f\xbf", -1 },
		{ "\xf4\x90\x80\x80", 0 }, /* above U+10FFFF */
		{ "\xf8\x88\x80\x80\x80", 0 },
		{ "a\xe2\x82", 1 },
		{ "\xe2\x28\xa1", 0 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (text_bad_utf8(text_of(cases[i].text)) != cases[i].bad)
			fail_msg("case %zu: %td", i, text_bad_utf8(text_of(cases[i].text)));
}

static void a_byte_that_is_no_utf8_is_found_wherever_it_stands(void **state)
{
	char bytes[40];

	(void)state;
	memset(bytes, 'a', sizeof bytes);
	for (size_t n = 1; n <= sizeof bytes; n++)
		for (size_t at = 0; at < n; at++) {
			bytes[at] = '\xe9';
			assert_int_equal(text_bad_utf8((struct text){ bytes, n }), at);
			if (at + 1 < n) {
				memcpy(bytes + at, "\xc3\xa9", 2);
				assert_int_equal(text_bad_utf8((struct text){ bytes, n }), -1);
				bytes[at + 1] = 'a';
			}
			bytes[at] = 'a';
		}
}

static void case_accents_and_widths_are_folded(void **state)
{
	static const struct {
		const char *text, *folded;
	} cases[] = {
		{ "Exchange SERVER", "exchange server" }, { "\xc3\x84rger", "arger" },
		{ "\xc3\x81rv\xc3\xadzt\xc5\xb1r\xc5\x91", "arvizturo" },
		{ "Stra\xc3\x9f"
		  "e",
		    "strasse" },
		{ "\xe1\xba\x9e", "ss" }, { "\xc5\x93uvre", "oeuvre" },
		{ "e\xcc\x81t\xc3\xa9", "ete" }, /* combining mark */
		{ "\xef\xbc\xa1\xef\xbc\xba\xef\xbc\x91", "az1" },
		{ "a\xc2\xa0"
		  "b",
		    "a b" },
		{ "it\xe2\x80\x99s", "it's" },
		{ "N\xe2\x80\x93"
		  "1",
		    "n-1" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "\xd0\xaf", "\xd0\xaf" },
		{ "a\xff"
		  "b",
		    "a?b" },
		{ "\xc3\x97", "\xc3\x97" }, /* a multiplication sign is no letter */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char out[64];
		size_t n = text_fold(text_of(cases[i].text), out, sizeof out);

		if (!text_is((struct text){ out, n }, cases[i].folded))
			fail_msg("%s: %.*s", cases[i].text, (int)n, out);
	}
}

static void folding_stops_where_room_ends(void **state)
{
	char out[8] = "zzzzzzz";

	(void)state;
	assert_int_equal(text_fold(TEXT("abcdef"), out, 3), 3);
	assert_memory_equal(out, "abczzzz", 7);
	assert_int_equal(text_fold(TEXT("ab\xc3\x9f"), out, 3), 2); /* "ss" needs two */
	assert_int_equal(text_fold(TEXT("a\0b"), out, 8), 3);
	assert_memory_equal(out, "a\0b", 3);
	assert_int_equal(text_fold(TEXT("abc"), out, 0), 0);
}

static void buffers_grow_and_end_in_nul(void **state)
{
	struct buffer buffer = { 0 };
	char *text;

	(void)state;
	assert_true(text_is(buffer_as_text(&buffer), ""));
	for (unsigned i = 0; i < 1000; i++)
		buffer_format(&buffer, "%u,", i);
	assert_int_equal(buffer.n, strlen(buffer.p));
	assert_int_equal(buffer.n, 3890);
	buffer_char(&buffer, 'x');
	buffer_append(&buffer, "a\0b", 3);
	assert_int_equal(buffer.n, 3894);
	assert_int_equal(buffer.p[buffer.n], 0);
	text = buffer_steal(&buffer);
	assert_non_null(text);
	assert_null(buffer.p);
	free(text);
	text = buffer_steal(&buffer);
	assert_string_equal(text, "");
	free(text);
	buffer_text(&buffer, "secret");
	buffer_wipe(&buffer);
	assert_true(!buffer.p && !buffer.n && !buffer.capacity);
	buffer_wipe(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_compared_by_length_and_bytes),
		cmocka_unit_test(lists_are_split_and_trimmed),
		cmocka_unit_test(integers_are_strict),
		cmocka_unit_test(distances_count_slips_of_the_finger),
		cmocka_unit_test(the_nearest_word_is_near),
		cmocka_unit_test(bytes_that_are_no_utf8_are_found),
		cmocka_unit_test(a_byte_that_is_no_utf8_is_found_wherever_it_stands),
		cmocka_unit_test(case_accents_and_widths_are_folded),
		cmocka_unit_test(folding_stops_where_room_ends),
		cmocka_unit_test(buffers_grow_and_end_in_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
