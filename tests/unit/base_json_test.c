/* JSON: strict when read, the same when written, pointers by RFC 6901. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"

static struct json *of(const char *text)
{
	struct failure why = { 0 };
	struct json *value = json_read(text_of(text), "test", 0, &why);

	if (!value)
		fail_msg("%s", why.text);
	return value;
}

static void must_write(const struct json *value, const char *text)
{
	struct buffer out = { 0 };

	json_write(value, JSON_LINE, &out);
	assert_string_equal(out.p, text);
	buffer_free(&out);
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		size_t n; /* 0: up to the NUL */
		const char *said;
	} cases[] = {
		{ "", 0, "test:1:1: not JSON" },
		{ "{", 0, "test:1:2: not JSON" },
		{ "{\n  \"a\": 1,\n  \"a\": 2\n}", 0, "test:3:" },
		{ "{\"a\":1,}", 0, "not JSON" },
		{ "[1 2]", 0, "not JSON" },
		{ "{} {}", 0, "not JSON" },
		{ "{}x", 0, "not JSON" },
		{ "\xef\xbb\xbf{}", 0, "not JSON" },
		{ "{'a':1}", 0, "not JSON" },
		{ "[01]", 0, "not JSON" },
		{ "[1.]", 0, "not JSON" },
		{ "[+1]", 0, "not JSON" },
		{ "[NaN]", 0, "not JSON" },
		{ "[1e999]", 0, "not JSON" },
		{ "[9223372036854775808]", 0, "not JSON" },
		{ "[\"\x01\"]", 0, "not JSON" },
		{ "[\"\xe9\"]", 0, "not JSON" },
		{ "[\"\xed\xa0\x80\"]", 0, "not JSON" },
		{ "[\"\\ud800\"]", 0, "not JSON" },
		{ "[\"\\udc00\\ud800\"]", 0, "not JSON" },
		{ "[\"\\u0000\"]", 0, "not JSON" },
		{ "[\"a\0b\"]", 7, "not JSON" },
		{ "[]\0", 3, "not JSON" },
		{ "[tru]", 0, "not JSON" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text text = { cases[i].text,
			cases[i].n ? cases[i].n : strlen(cases[i].text) };
		struct failure why = { 0 };

		if (json_read(text, "test", 0, &why))
			fail_msg("case %zu is taken: %s", i, cases[i].text);
		assert_int_equal(why.kind, FAILURE_DATA);
		if (!strstr(why.text, cases[i].said))
			fail_msg("case %zu: %s", i, why.text);
	}
}

static void what_is_read_is_written_the_same(void **state)
{
	static const char *const texts[] = { "{}", "[]", "null", "true", "-5", "\"x\"",
		"{\"b\":1,\"a\":[null,false,{\"c\":\"\xc3\xa9\\n\\\"\\\\\"}],\"\":0}",
		"[9223372036854775807,-9223372036854775808]", "[1.5]", "\"\xf0\x9f\x98\x80\"" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct json *value = of(texts[i]);

		must_write(value, texts[i]);
		json_free(value);
	}
}

static struct json *nested(size_t depth, struct failure *why)
{
	struct buffer text = { 0 };
	struct json *value;

	for (size_t i = 0; i < depth; i++)
		buffer_char(&text, '[');
	for (size_t i = 0; i < depth; i++)
		buffer_char(&text, ']');
	value = json_read(buffer_as_text(&text), "test", 0, why);
	buffer_free(&text);
	return value;
}

/* One of them at each place of texts of each length up to five words of eight bytes. */
static void what_must_be_escaped_is_seen_wherever_it_stands(void **state)
{
	static const char specials[] = "\"\\\n\x01\x1f";

	(void)state;
	for (size_t n = 1; n <= 40; n++)
		for (size_t at = 0; at < n; at++)
			for (const char *special = specials; *special; special++) {
				struct buffer text = { 0 };
				struct json *value, *again;
				char bytes[40];

				memset(bytes, at % 2 ? '!' : '\x7f', n);
				bytes[at] = *special;
				value = json_new_text((struct text){ bytes, n });
				json_write(value, JSON_LINE, &text);
				assert_int_equal(text.p[at + 1], '\\');
				again = of(text.p);
				assert_true(json_same(value, again));
				json_free(value);
				json_free(again);
				buffer_free(&text);
			}
}

static void depth_and_size_have_limits(void **state)
{
	struct failure why = { 0 };
	struct json *value = nested(JSON_MAX_DEPTH, &why);

	(void)state;
	assert_non_null(value);
	json_free(value);
	assert_null(nested(JSON_MAX_DEPTH + 1, &why));
	assert_non_null(strstr(why.text, "nested deeper than 64 levels"));
	assert_null(nested(100000, NULL));
	why = (struct failure){ 0 };
	assert_null(json_read(TEXT("[1,2,3]"), "test", 6, &why));
	assert_string_equal(why.text, "test: 7 bytes of JSON, the limit is 6");
	value = json_read(TEXT("[1,2,3]"), "test", 7, NULL);
	assert_non_null(value);
	json_free(value);
}

static void bytes_that_are_no_utf8_are_mended_when_written(void **state)
{
	struct json *list = json_new_array();

	(void)state;
	json_append(list, json_new_text(TEXT("a\xff\xc3")));
	json_append(list, json_new_text(TEXT("\xc3\xa9")));
	json_append(list, json_new_string(NULL));
	must_write(list, "[\"a\xef\xbf\xbd\xef\xbf\xbd\",\"\xc3\xa9\",null]");
	json_free(list);
}

static void kinds_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum json_kind kind;
		const char *name;
	} cases[] = {
		{ "null", JSON_IS_NULL, "null" },
		{ "true", JSON_IS_BOOLEAN, "a boolean" },
		{ "1", JSON_IS_NUMBER, "a number" },
		{ "1.0", JSON_IS_REAL, "a number with a fraction" },
		{ "\"\"", JSON_IS_TEXT, "a string" },
		{ "[]", JSON_IS_ARRAY, "an array" },
		{ "{}", JSON_IS_OBJECT, "an object" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json *value = of(cases[i].text);

		assert_int_equal(json_kind(value), cases[i].kind);
		assert_string_equal(json_kind_name(json_kind(value)), cases[i].name);
		assert_int_equal(json_number(value, -9), i == 2 ? 1 : -9);
		assert_int_equal(json_truth(value), i == 1);
		assert_int_equal(json_chars(value) != NULL, i == 4);
		json_free(value);
	}
	assert_int_equal(json_kind(NULL), JSON_IS_NULL);
	assert_int_equal(json_length(NULL), 0);
	assert_null(json_get(NULL, "a"));
	assert_null(json_at(NULL, 0));
	assert_true(json_same(NULL, NULL));
}

static void members_keep_their_order(void **state)
{
	static const char *const names[] = { "z", "a", "m" };
	struct json *object = of("{\"z\":1,\"a\":2,\"m\":3}"), *value;
	void *cursor = NULL;
	const char *name;
	size_t i = 0;

	(void)state;
	while (json_next(object, &cursor, &name, &value)) {
		assert_string_equal(name, names[i]);
		assert_int_equal(json_number(value, 0), ++i);
	}
	assert_int_equal(i, 3);
	json_set(object, "a", json_new_number(9)); /* in its old place */
	json_remove(object, "z");
	json_set(object, "new", NULL);
	must_write(object, "{\"a\":9,\"m\":3}");
	json_free(object);
}

static void members_are_found_however_many_there_are(void **state)
{
	struct json *object = json_new_object();
	char name[40];

	(void)state;
	for (int n = 0; n < 200; n++) {
		snprintf(name, sizeof name, n % 2 ? "%d" : "a name that is longer %d", n);
		assert_null(json_get(object, name));
		json_set(object, name, json_new_number(n));
		json_set(object, name, json_new_number(n * 2));
	}
	assert_int_equal(json_length(object), 200);
	json_remove(object, "1");
	for (int n = 0; n < 200; n++) {
		snprintf(name, sizeof name, n % 2 ? "%d" : "a name that is longer %d", n);
		assert_int_equal(json_number(json_get(object, name), -1), n == 1 ? -1 : n * 2);
	}
	json_free(object);
}

static void a_clone_is_its_own(void **state)
{
	struct json *object = of("{\"a\":{\"b\":1}}"), *clone = json_clone(object),
		    *held = json_hold(object);

	(void)state;
	assert_true(json_same(object, clone));
	json_set(json_get(clone, "a"), "b", json_new_number(2));
	assert_false(json_same(object, clone));
	json_free(object);
	must_write(held, "{\"a\":{\"b\":1}}");
	json_free(held);
	json_free(clone);
	json_free(NULL);
}

static void pointers_find_what_they_point_to(void **state)
{
	struct json *root = of("{\"a\":[10,{\"b/c\":1,\"d~e\":2}],\"\":3,\"0\":4}");
	static const struct {
		const char *pointer;
		int64_t number; /* -1: nothing there */
	} cases[] = {
		{ "/a/0", 10 },
		{ "/a/1/b~1c", 1 },
		{ "/a/1/d~0e", 2 },
		{ "/", 3 },
		{ "/0", 4 },
		{ "/a/2", -1 },
		{ "/a/-", -1 },
		{ "/a/00", -1 },
		{ "/a/+0", -1 },
		{ "/a/ 0", -1 },
		{ "/a/99999999999999999999", -1 },
		{ "/a/1/b~2c", -1 },
		{ "/a/1/b~", -1 },
		{ "/missing/x", -1 },
		{ "a", -1 },
		{ "/0/x", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (json_number(json_point(root, cases[i].pointer), -1) != cases[i].number)
			fail_msg("%s", cases[i].pointer);
	assert_ptr_equal(json_point(root, ""), root);
	json_free(root);
}

static void putting_makes_what_is_missing(void **state)
{
	static const struct {
		const char *before, *pointer;
		bool is_ok;
		const char *after;
	} cases[] = {
		{ "{}", "/a", true, "{\"a\":7}" },
		{ "{}", "/a/b/c", true, "{\"a\":{\"b\":{\"c\":7}}}" },
		{ "{}", "/a/-", true, "{\"a\":[7]}" },
		{ "{}", "/a/0/b", true, "{\"a\":[{\"b\":7}]}" },
		{ "{\"a\":[1]}", "/a/-", true, "{\"a\":[1,7]}" },
		{ "{\"a\":[1]}", "/a/0", true, "{\"a\":[7]}" },
		{ "{\"a\":[1]}", "/a/1", true, "{\"a\":[1,7]}" },
		{ "{\"a\":[1]}", "/a/2", false, "{\"a\":[1]}" },
		{ "{\"a\":[1]}", "/a/x", false, "{\"a\":[1]}" },
		{ "{\"a\":1}", "/a/b", false, "{\"a\":1}" },
		{ "{\"a\":1}", "/a", true, "{\"a\":7}" },
		{ "{}", "", false, "{}" },
		{ "{}", "a", false, "{}" },
		{ "{}", "/x~1y~0", true, "{\"x/y~\":7}" },
		{ "[]", "/-/a", true, "[{\"a\":7}]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json *root = of(cases[i].before);

		if (json_put(root, cases[i].pointer, json_new_number(7)) != cases[i].is_ok)
			fail_msg("%s into %s", cases[i].pointer, cases[i].before);
		must_write(root, cases[i].after);
		json_free(root);
	}
}

static void a_mebibyte_is_read_whole(void **state)
{
	struct buffer text = { 0 };
	struct json *value;

	(void)state;
	buffer_char(&text, '[');
	for (unsigned i = 0; i < 100000; i++)
		buffer_format(&text, "%s%u", i ? "," : "", i);
	buffer_char(&text, ']');
	value = json_read(buffer_as_text(&text), "test", 0, NULL);
	assert_int_equal(json_length(value), 100000);
	assert_int_equal(json_number(json_at(value, 99999), 0), 99999);
	json_free(value);
	buffer_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
		cmocka_unit_test(what_is_read_is_written_the_same),
		cmocka_unit_test(what_must_be_escaped_is_seen_wherever_it_stands),
		cmocka_unit_test(depth_and_size_have_limits),
		cmocka_unit_test(bytes_that_are_no_utf8_are_mended_when_written),
		cmocka_unit_test(kinds_are_told_apart),
		cmocka_unit_test(members_keep_their_order),
		cmocka_unit_test(members_are_found_however_many_there_are),
		cmocka_unit_test(a_clone_is_its_own),
		cmocka_unit_test(pointers_find_what_they_point_to),
		cmocka_unit_test(putting_makes_what_is_missing),
		cmocka_unit_test(a_mebibyte_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
