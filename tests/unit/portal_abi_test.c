/* What of portal.h runs inside a plugin. Its layout: tests/abi/layout.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "caseroute/portal.h"

static void words_are_compared(void **state)
{
	(void)state;
	assert_true(portal_is(PORTAL_STR("abc"), "abc"));
	assert_false(portal_is(PORTAL_STR("abc"), "abcd"));
	assert_false(portal_is(PORTAL_STR("abcd"), "abc"));
	assert_false(portal_is(PORTAL_STR("Abc"), "abc"));
	assert_true(portal_same(PORTAL_STR("AbC"), "aBc"));
	assert_true(portal_is(PORTAL_STR(""), ""));
	assert_false(portal_same(PORTAL_STR("a"), ""));
}

static void members_that_are_not_there_are_seen_as_such(void **state)
{
	struct portal_host host = { .size = offsetof(struct portal_host, need) };

	(void)state;
	host.need = (uint32_t(*)(struct portal_op *, const char *))(uintptr_t)1;
	assert_false(PORTAL_HAS(struct portal_host, &host, need));
	host.size = sizeof host;
	assert_true(PORTAL_HAS(struct portal_host, &host, need));
	assert_false(PORTAL_HAS(struct portal_host, &host, fail));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_compared),
		cmocka_unit_test(members_that_are_not_there_are_seen_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
