/* Wrong keys from one address, from many, and their forgiveness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/strikes.h"

#include <stdio.h>

#define BEGIN ((instant)1000000)

static void add(struct strikes *s, const char *who, int n, instant now)
{
	for (int i = 0; i < n; i++)
		strikes_add(s, text_of(who), now);
}

static void so_many_at_once_are_answered_and_the_next_waits(void **state)
{
	struct strikes *s = strikes_new();

	(void)state;
	assert_int_equal(strikes_wait_s(s, TEXT("a"), BEGIN), 0);
	add(s, "a", STRIKES_MOST - 1, BEGIN);
	assert_int_equal(strikes_wait_s(s, TEXT("a"), BEGIN), 0);
	add(s, "a", 1, BEGIN);
	assert_int_equal(strikes_wait_s(s, TEXT("a"), BEGIN), 6);
	assert_int_equal(strikes_wait_s(s, TEXT("b"), BEGIN), 0);
	strikes_free(s);
}

static void one_is_forgiven_each_so_often_and_all_after_a_while(void **state)
{
	struct strikes *s = strikes_new();

	(void)state;
	add(s, "a", STRIKES_MOST * 5, BEGIN);
	assert_int_equal(strikes_wait_s(s, TEXT("a"), BEGIN + STRIKES_EACH_MS - 1), 1);
	assert_int_equal(strikes_wait_s(s, TEXT("a"), BEGIN + STRIKES_EACH_MS), 0);
	add(s, "a", 1, BEGIN + STRIKES_EACH_MS);
	assert_int_equal(strikes_wait_s(s, TEXT("a"), BEGIN + STRIKES_EACH_MS), 6);
	add(s, "a", STRIKES_MOST - 1, BEGIN + 100 * STRIKES_EACH_MS);
	assert_int_equal(strikes_wait_s(s, TEXT("a"), BEGIN + 100 * STRIKES_EACH_MS), 0);
	strikes_free(s);
}

static void many_addresses_do_not_make_room_by_pushing_out_the_worst(void **state)
{
	struct strikes *s = strikes_new();
	char who[24];

	(void)state;
	add(s, "worst", STRIKES_MOST, BEGIN);
	for (int i = 0; i < 100000; i++) {
		snprintf(who, sizeof who, "address %d", i);
		add(s, who, 1, BEGIN);
	}
	assert_int_not_equal(strikes_wait_s(s, TEXT("worst"), BEGIN), 0);
	strikes_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once_are_answered_and_the_next_waits),
		cmocka_unit_test(one_is_forgiven_each_so_often_and_all_after_a_while),
		cmocka_unit_test(many_addresses_do_not_make_room_by_pushing_out_the_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
