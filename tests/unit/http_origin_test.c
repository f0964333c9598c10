#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "http/http.h"

static void origins_are_written_in_one_way(void **state)
{
	static const struct {
		const char *url, *origin; /* NULL: none */
	} cases[] = {
		{ "https://host.example", "https://host.example" },
		{ "https://HOST.example:443/a?b#c", "https://host.example" },
		{ "https://host.example:8443/", "https://host.example:8443" },
		{ "HTTPS://host.example/", "https://host.example" },
		{ "http://127.0.0.1:80/x", "http://127.0.0.1" },
		{ "http://localhost:8080/x", "http://localhost:8080" },
		{ "http://[::1]:8080/x", "http://[::1]:8080" },
		{ "http://host.example/", NULL },
		{ "http://127.host.example/", NULL },
		{ "http://127.0.0.1.host.example/", NULL },
		{ "http://localhost.host.example/", NULL },
		{ "https://user@host.example/", NULL },
		{ "https://user:pw@host.example/", NULL },
		{ "https://host.example@evil.example/", NULL },
		{ "ftp://host.example/", NULL },
		{ "file:///etc/passwd", NULL },
		{ "//host.example/", NULL },
		{ "/path", NULL },
		{ "", NULL },
		{ "https://", NULL },
		{ "https://host.example/a b", NULL },
		{ "https://host.example/\r\nX: y", NULL },
		{ "https://h\xc3\xb6st.example/", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buffer out = { 0 };
		bool is_ok = http_origin(cases[i].url, &out);

		if (is_ok != (cases[i].origin != NULL) ||
		    (is_ok && !text_is(buffer_as_text(&out), cases[i].origin)))
			fail_msg("%s gave %s", cases[i].url, is_ok ? out.p : "nothing");
		buffer_free(&out);
	}
}

static void only_origins_on_the_list_are_allowed(void **state)
{
	static const char *const list[] = { "https://a.example", "https://b.example:8443" };

	(void)state;
	assert_true(http_origin_allowed("https://a.example/x", list, 2));
	assert_true(http_origin_allowed("https://A.EXAMPLE:443/x", list, 2));
	assert_true(http_origin_allowed("https://b.example:8443/x", list, 2));
	assert_false(http_origin_allowed("https://b.example/x", list, 2));
	assert_false(http_origin_allowed("https://a.example.evil.example/x", list, 2));
	assert_false(http_origin_allowed("https://a.example:444/x", list, 2));
	assert_false(http_origin_allowed("https://evil.example/https://a.example", list, 2));
	assert_false(http_origin_allowed("https://a.example:@evil.example/x", list, 2));
	assert_false(http_origin_allowed("https://a.example@evil.example/x", list, 2));
	assert_false(http_origin_allowed("https://a.example\\@evil.example/x", list, 2));
	assert_false(http_origin_allowed("https://a.example/x y", list, 2));
	assert_false(http_origin_allowed("https://a.example/x\r\nHost: b", list, 2));
	assert_true(http_origin_allowed("https://a.example", list, 2));
	assert_true(http_origin_allowed("https://a.example?q=1", list, 2));
	assert_false(http_origin_allowed("https://a.example/x", NULL, 0));
}

static void retry_after_comes_in_two_forms(void **state)
{
	instant now;

	(void)state;
	assert_true(instant_read(TEXT("2026-11-24T06:00:00Z"), &now));
	assert_int_equal(http_retry_after(TEXT("30"), now), 30000);
	assert_int_equal(http_retry_after(TEXT(" 0 "), now), 0);
	assert_int_equal(http_retry_after(TEXT("Tue, 24 Nov 2026 06:01:00 GMT"), now), 60000);
	assert_int_equal(http_retry_after(TEXT("Tue, 24 Nov 2026 05:00:00 GMT"), now), 0);
	assert_int_equal(http_retry_after(TEXT("99999999999999999999"), now), -1);
	assert_int_equal(http_retry_after(TEXT("99999999999"), now), 7 * INSTANT_DAY);
	assert_int_equal(http_retry_after(TEXT("soon"), now), -1);
	assert_int_equal(http_retry_after(TEXT("-5"), now), -1);
	assert_int_equal(http_retry_after(TEXT(""), now), -1);
}

static void backoff_is_spread_and_bounded(void **state)
{
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		int64_t ms = http_backoff_ms(3, 1000, 60000, -1);

		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	assert_true(least < 1000);
	assert_true(most > 7000);
	assert_true(most <= 8000);
	for (int i = 0; i < 100; i++) {
		assert_true(http_backoff_ms(200, 1000, 60000, -1) <= 60000);
		assert_true(http_backoff_ms(0, 1000, 60000, 5000) >= 5000);
	}
	assert_int_equal(http_backoff_ms(5, 0, 0, -1), 0);
}

static void all_but_unreserved_is_encoded(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	http_encode(&out, (struct text){ "a Z9-._~/?&=\xc3\xa4\0%", 16 });
	assert_string_equal(out.p, "a%20Z9-._~%2F%3F%26%3D%C3%A4%00%25");
	buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origins_are_written_in_one_way),
		cmocka_unit_test(only_origins_on_the_list_are_allowed),
		cmocka_unit_test(retry_after_comes_in_two_forms),
		cmocka_unit_test(backoff_is_spread_and_bounded),
		cmocka_unit_test(all_but_unreserved_is_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
