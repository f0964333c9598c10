/* Identities: in order, never twice, of the form that RFC 9562 gives to version 7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/id.h"

#define NOW ((instant)1622538000000)

static void an_id_has_the_form_of_version_7(void **state)
{
	static const char form[] = "xxxxxxxx-xxxx-7xxx-yxxx-xxxxxxxxxxxx";
	char id[ID_TEXT];

	(void)state;
	id_new(NOW, id);
	assert_int_equal(strlen(id), sizeof form - 1);
	for (size_t i = 0; form[i]; i++) {
		const char *allowed = form[i] == 'x' ? "0123456789abcdef"
		    : form[i] == 'y'                 ? "89ab"
						     : (const char[]){ form[i], 0 };

		assert_non_null(strchr(allowed, id[i]));
	}
	/* The first 48 bits are the milliseconds. */
	assert_true(strtoull((char[]){ id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7],
				 id[9], id[10], id[11], id[12], 0 },
			NULL, 16) >= (uint64_t)NOW);
}

static void ids_are_in_order_even_when_the_clock_goes_back(void **state)
{
	char last[ID_TEXT], next[ID_TEXT];

	(void)state;
	id_new(NOW + 1000, last);
	for (int i = 0; i < 20000; i++) {
		id_new(i % 3 ? NOW : NOW + 1000 + i, next);
		assert_true(strncmp(last, next, 18) <= 0);
		assert_true(strcmp(last, next) != 0);
		memcpy(last, next, sizeof last);
	}
}

static void ids_follow_those_of_an_earlier_process(void **state)
{
	char last[ID_TEXT], next[ID_TEXT];

	(void)state;
	id_new(NOW, last);
	snprintf(last, sizeof last, "7fffffff-ffff-7abc-8000-000000000000");
	id_follow("7fffffff-ffff-4abc-8000-000000000000"); /* no UUIDv7 */
	id_new(NOW, next);
	assert_true(strcmp(next, last) < 0);
	id_follow(last);
	id_follow("00000000-0000-7000-8000-000000000000");
	id_new(NOW, next);
	assert_true(strcmp(next, last) > 0);
}

#define EACH 5000

static void *make_many(void *to)
{
	char(*ids)[ID_TEXT] = to;

	for (int i = 0; i < EACH; i++)
		id_new(NOW, ids[i]);
	return NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void ids_of_several_threads_are_never_the_same(void **state)
{
	static char ids[4 * EACH][ID_TEXT];
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_many, ids[i * EACH]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	qsort(ids, sizeof ids / sizeof ids[0], sizeof ids[0], by_text);
	/* The time part alone differs: it is counted on, never given out twice. */
	for (size_t i = 1; i < sizeof ids / sizeof ids[0]; i++)
		assert_true(strncmp(ids[i - 1], ids[i], 18) < 0);
}

static void random_numbers_stay_below_their_limit(void **state)
{
	bool seen[7] = { false };
	unsigned char bytes[4096] = { 0 }, used = 0;

	(void)state;
	for (int i = 0; i < 2000; i++)
		seen[random_below(7)] = true;
	for (size_t i = 0; i < 7; i++)
		assert_true(seen[i]);
	assert_int_equal(random_below(0), 0);
	assert_int_equal(random_below(1), 0);
	assert_true(random_below(UINT64_MAX) < UINT64_MAX);
	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		used |= bytes[i];
	assert_int_equal(used, 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_has_the_form_of_version_7),
		cmocka_unit_test(ids_are_in_order_even_when_the_clock_goes_back),
		cmocka_unit_test(ids_of_several_threads_are_never_the_same),
		cmocka_unit_test(ids_follow_those_of_an_earlier_process), /* last: a far time */
		cmocka_unit_test(random_numbers_stay_below_their_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
