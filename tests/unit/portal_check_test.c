/* `portals check`: good plugins pass, and each bad one is caught by the test of its name alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/file.h"
#include "check/check.h"
#include "portal/child_run.h"

#ifdef CASEROUTE_INSTRUMENTED
#define IS_INSTRUMENTED 1
#else
#define IS_INSTRUMENTED 0
#endif
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_NO_THREADS 1 /* to look at: the checker is one, and its forks are slow there */
#endif
#endif
#define BAD BINARY_DIR "/tests/plugins/bad-"

/* Tests without a bad plugin, and why. */
static const char *const without[][2] = {
	{ "shape", "what is no whole file is made here, by cutting one" },
#ifdef CASEROUTE_INSTRUMENTED
	{ "confined", "a child has no filter here" },
#endif
};

static bool is_of_the_file(const char *name)
{
	static const char *const names[] = { "shape", "one-symbol", "imports", "no-constructor",
		"no-writable-data" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* ---- one run ------------------------------------------------------------------------ */

struct tally {
	unsigned counts[CHECK_RESULTS], reports;
	char caught[2000]; /* names of what failed or crashed, each with a blank */
	char warned[4000];
	char where[400], came[2000]; /* of what was caught last */
	uint64_t steps;
};

static void tell(void *context, const struct check_report *r)
{
	struct tally *t = context;

	t->counts[r->result]++;
	t->reports++;
	t->steps += r->steps;
	if (r->result == CHECK_FAIL || r->result == CHECK_CRASH) {
		snprintf(t->caught + strlen(t->caught), sizeof t->caught - strlen(t->caught), "%s ",
		    r->name);
		assert_true(*r->expected && *r->came);
		snprintf(t->where, sizeof t->where, "%s %s", r->operation, r->scene);
		snprintf(t->came, sizeof t->came, "%s", r->came);
	}
	if (r->result == CHECK_WARN)
		snprintf(t->warned + strlen(t->warned), sizeof t->warned - strlen(t->warned),
		    "%s: %s\n", r->name, r->came);
}

static struct tally run(const char *file, const char *transcripts, int64_t fuzz_ms)
{
	const struct check_wish wish = { file, transcripts, 1, fuzz_ms };
	struct tally t = { .reports = 0 };
	static const int signals[] = { SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT };

	/* The test program's own handlers would go on in the child. */
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		signal(signals[i], SIG_DFL);
	check_run(&wish, tell, &t);
	assert_int_equal(t.reports, check_count());
	return t;
}

/* ---- good ones -------------------------------------------------------------------------- */

static void what_is_shipped_passes(void **state)
{
	static const char *const names[] = { "azure", "csp", "guided", "support-for-business",
		"example1", "example2", "example3" };
	char file[300], folder[300];

	(void)state;
	for (size_t i = 0; i < 7; i += IS_INSTRUMENTED ? 3 : 1) { /* forks are slow there */
		struct tally t;

		snprintf(file, sizeof file, "%s/plugins/%s.so", BINARY_DIR, names[i]);
		snprintf(folder, sizeof folder, "%s/plugins/%s/tests", SOURCE_DIR, names[i]);
		t = run(file, folder, 1);
		assert_string_equal(t.caught, "");
		assert_string_equal(t.warned, "");
		assert_true(t.steps > 1000);
	}
}

#define WITHOUT_LINK                                                                               \
	"operations-declared: there is no step link: the first request with a contract parks at "  \
	"it\n"

static void a_plugin_without_transcripts_passes(void **state)
{
	struct tally t = run(BINARY_DIR "/tests/plugins/acme.so", NULL, 0);

	(void)state;
	assert_string_equal(t.caught, "");
	assert_string_equal(t.warned, WITHOUT_LINK);
	t = run(BINARY_DIR "/tests/plugins/acme.so", SOURCE_DIR "/tests/plugins/acme", 0);
	assert_string_equal(t.caught, "");
}

static void what_keeps_the_rules_and_cannot_work_is_warned_of(void **state)
{
	struct tally t = run(BINARY_DIR "/tests/plugins/careless.so", NULL, 0);

	(void)state;
	assert_string_equal(t.caught, "");
	assert_string_equal(t.warned,
	    WITHOUT_LINK
	    "key-used: message was done by a POST of PORTAL_REPEAT_SAFE, and nothing carries the "
	    "key\n"
	    "no-secret: no login has kept a session: plugin careless in login, stage 0: "
	    "keep_secret: session_secrets does not declare '/session'\n");
}

/* ---- bad ones ----------------------------------------------------------------------------- */

/* The folder of its transcript alone, as bad/ holds all sources. */
static const char *transcripts_of(const char *name)
{
	return strcmp(name, "transcripts") == 0 ? SOURCE_DIR "/tests/plugins/bad" : NULL;
}

static bool has_bad_one(const char *name)
{
	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
		if (strcmp(without[i][0], name) == 0)
			return false;
	return true;
}

static void each_bad_plugin_is_caught_by_the_test_of_its_name_alone(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < check_count(); i++) {
		const char *name = check_name(i);
		char file[300], expected[60];
		struct tally t;

		if (!has_bad_one(name))
			continue;
		/* They are not proven there; and of the others some do, as forks are slow. */
		if (IS_INSTRUMENTED && (is_of_the_file(name) || i % 6))
			continue;
		snprintf(file, sizeof file, BAD "%s.so", name);
		snprintf(expected, sizeof expected, "%s ", name);
		if (access(file, R_OK) != 0)
			fail_msg("there is no plugin that breaks the rule %s", name);
		t = run(file, transcripts_of(name), strcmp(name, "fuzz") == 0 ? 1 : 0);
		if (strcmp(t.caught, expected) == 0 && !*t.warned)
			continue;
		print_error("bad-%s: caught by '%s', warned '%s'\n", name, t.caught, t.warned);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void a_reply_of_a_transcript_is_given_for_ever(void **state)
{
	static const char folder[] = SOURCE_DIR "/tests/plugins/bad/ends";
	struct tally t = run(BAD "ends.so", folder, 0);

	(void)state;
	assert_string_equal(t.caught, "ends ");
	assert_int_equal(
	    strncmp(t.where, "create ", 7), 0); /* not status, whose fault chance finds */
	assert_non_null(strstr(t.came, "62 exchanges with 0 ms of waiting in all"));
	assert_non_null(strstr(t.came, "the portal always answers 202 {\"state\": \"running\"}"));
}

static void each_bad_plugin_has_a_test(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/tests/plugins/bad/bad-*.c", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + sizeof "bad-";
		bool is_known = false;

		for (size_t k = 0; k < check_count(); k++)
			is_known = is_known ||
			    (strlen(name) == strlen(check_name(k)) + 2 &&
				strncmp(name, check_name(k), strlen(check_name(k))) == 0);
		if (!is_known)
			fail_msg("no test is called %s", name);
	}
	globfree(&found);
}

/* What is not whole is told by `shape`, and nothing of it is run. */
static void a_file_that_breaks_off_is_no_plugin(void **state)
{
	char path[] = "/tmp/caseroute-check-XXXXXX";
	static const size_t lengths[] = { 0, 3, 63, 64, 500, 4096 };
	struct buffer bytes = { 0 };
	struct failure why = { 0 };
	struct tally t;
	int fd;

	(void)state;
	if (IS_INSTRUMENTED) /* nothing is proven there */
		skip();
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(file_read(BINARY_DIR "/tests/plugins/good.so", 1 << 24, &bytes, &why));
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, bytes.p, lengths[i], 0), (ssize_t)lengths[i]);
		t = run(path, NULL, 0);
		assert_int_equal(t.counts[CHECK_PASS], 0);
		assert_string_equal(t.caught, "shape ");
	}
	close(fd);
	remove(path);
	buffer_free(&bytes);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shipped_passes),
		cmocka_unit_test(a_plugin_without_transcripts_passes),
		cmocka_unit_test(what_keeps_the_rules_and_cannot_work_is_warned_of),
		cmocka_unit_test(each_bad_plugin_is_caught_by_the_test_of_its_name_alone),
		cmocka_unit_test(a_reply_of_a_transcript_is_given_for_ever),
		cmocka_unit_test(each_bad_plugin_has_a_test),
		cmocka_unit_test(a_file_that_breaks_off_is_no_plugin),
	};

#ifdef HAS_NO_THREADS
	print_message("skipped: the checker has one thread\n");
	return 0;
#endif
	child_take_over(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
