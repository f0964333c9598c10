/*
 * The layout of the plugin ABI on machines with 64-bit pointers. A line that
 * fails here is a change of the ABI: at a struct's end it raises the minor
 * version, elsewhere plugins that are out there break.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "caseroute/portal.h"

#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type " has changed")
#define PLACE(type, member, bytes)                                                                 \
	_Static_assert(offsetof(struct type, member) == (bytes), #type "." #member " has moved")

_Static_assert(sizeof(portal_str) == 16, "portal_str is frozen");
SIZE(portal_value, 24);
SIZE(portal_option, 56);
SIZE(portal_contract, 80);
SIZE(portal_account, 56);
SIZE(portal_customer, 72);
SIZE(portal_contact, 136);
SIZE(portal_file, 48);
SIZE(portal_request, 240);
SIZE(portal_reply, 32);
SIZE(portal_answer, 40);
SIZE(portal_outcome, 104);
SIZE(portal_op, 176);
SIZE(portal_error, 40);
SIZE(portal_plugin, 192);
PLACE(portal_op, host, 16);
PLACE(portal_op, reply, 120);
PLACE(portal_op, stage, 136);
PLACE(portal_op, out, 168);
PLACE(portal_host, request, 8);
PLACE(portal_host, fail, 384);
PLACE(portal_host, extension, 416);
PLACE(portal_plugin, create, 136);
PLACE(portal_plugin, extension, 184);

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
