/* Memory that is there, or the process ends; arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"

static bool is_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

static void an_arena_gives_zeroed_and_aligned_memory(void **state)
{
	struct arena *arena = arena_new();
	static const size_t sizes[] = { 1, 3, 8, 15, 16, 17, 100, 4096, 16384, 16385, 100000, 0,
		7 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			unsigned char *memory = arena_take(arena, sizes[i]);

			assert_true((uintptr_t)memory % _Alignof(max_align_t) == 0);
			assert_true(is_zero(memory, sizes[i]));
			memset(memory, 0xa5, sizes[i]);
		}
		arena_reset(arena);
	}
	arena_free(arena);
	arena_free(NULL);
}

static void pieces_of_an_arena_do_not_overlap(void **state)
{
	struct arena *arena = arena_new();
	char *pieces[500];

	(void)state;
	for (int i = 0; i < 500; i++)
		pieces[i] = arena_format(arena, "%d %*s", i, i * 7 % 300, "x");
	for (int i = 0; i < 500; i++) {
		char wanted[400];

		snprintf(wanted, sizeof wanted, "%d %*s", i, i * 7 % 300, "x");
		assert_string_equal(pieces[i], wanted);
	}
	assert_string_equal(arena_copy(arena, "a\0b", 3), "a");
	assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	arena_free(arena);
}

static void arrays_grow_and_keep_what_they_hold(void **state)
{
	size_t capacity = 0;
	int *numbers = NULL;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		numbers = memory_grow(numbers, i, &capacity, sizeof *numbers);
		assert_true(capacity > i);
		numbers[i] = (int)i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
	free(numbers);
}

static void cells_grow_and_keep_what_they_hold(void **state)
{
	size_t bytes = 0, least = 1;
	unsigned char *cell = NULL;

	(void)state;
	for (; least < 10000; least += 1 + least / 3) {
		size_t had = bytes;

		cell = memory_cell_grow(cell, &bytes, least);
		assert_true(bytes >= least);
		for (size_t i = 0; i < had && i < bytes; i++)
			assert_int_equal(cell[i], i % 251);
		for (size_t i = 0; i < bytes; i++)
			cell[i] = (unsigned char)(i % 251);
		if (least < bytes)
			least = bytes;
	}
	memory_cell_free(cell, bytes);
}

static void copies_are_their_own(void **state)
{
	char *text = memory_copy_text("abc"), *bytes = memory_copy("a\0b", 3);

	(void)state;
	assert_string_equal(text, "abc");
	assert_memory_equal(bytes, "a\0b", 4);
	assert_null(memory_copy_text(NULL));
	free(text);
	free(bytes);
}

/* The exit status of a process that does it. */
static int status_of(void (*what)(void))
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(3);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void ask_for_too_many(void)
{
	memory_resize(NULL, SIZE_MAX / 2, 3);
}

static void ask_an_arena_for_too_much(void)
{
	arena_take(arena_new(), SIZE_MAX - 3);
}

static void memory_that_is_not_there_ends_the_process_with_71(void **state)
{
	(void)state;
	assert_int_equal(status_of(ask_for_too_many), 71);
	assert_int_equal(status_of(ask_an_arena_for_too_much), 71);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_gives_zeroed_and_aligned_memory),
		cmocka_unit_test(pieces_of_an_arena_do_not_overlap),
		cmocka_unit_test(arrays_grow_and_keep_what_they_hold),
		cmocka_unit_test(cells_grow_and_keep_what_they_hold),
		cmocka_unit_test(copies_are_their_own),
		cmocka_unit_test(memory_that_is_not_there_ends_the_process_with_71),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
