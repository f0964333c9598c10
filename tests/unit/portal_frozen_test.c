/* Plugins that were built once for ABI 1.0 load and do what they did then (tests/abi/1.0). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include "portal/child_run.h"
#include "portal/loader.h"
#include "portal/transcript.h"

#define FROZEN SOURCE_DIR "/tests/abi/1.0"

static void play_all(const char *plugin)
{
	unsigned failed = 0;
	glob_t found;

#if !defined(__x86_64__)
	print_message("skipped: the plugins are built for x86-64\n");
	skip();
#endif
	assert_int_equal(glob(FROZEN "/*.http", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct failure why = { 0 };

		if (transcript_play(FROZEN, plugin, found.gl_pathv[i], &why))
			continue;
		failed++;
		print_error("%s: %s\n", plugin, why.text);
	}
	assert_true(found.gl_pathc >= 15);
	globfree(&found);
	assert_int_equal(failed, 0);
}

static void one_built_by_gcc_runs(void **state)
{
	(void)state;
	play_all("gcc");
}

static void one_built_by_clang_runs(void **state)
{
	(void)state;
	play_all("clang");
}

static void one_written_in_cxx_runs(void **state)
{
	(void)state;
	play_all("cxx");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_built_by_gcc_runs),
		cmocka_unit_test(one_built_by_clang_runs),
		cmocka_unit_test(one_written_in_cxx_runs),
	};

	child_take_over(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
