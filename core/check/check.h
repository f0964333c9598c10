/*
 * check.h - is a plugin's file what it must be? The battery of `portals check`
 *
 * Tests of the file read its bytes and run nothing of it. All others run the plugin in a child
 * process of their own, with limits of memory, time and files, so that whatever it does is a
 * result. The tests, by name: list.c.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_result { CHECK_PASS, CHECK_FAIL, CHECK_WARN, CHECK_SKIP, CHECK_CRASH };
#define CHECK_RESULTS 5
const char *check_result_name(enum check_result); /* "pass" ... */

struct check_wish {
	const char *file;        /* PATH/NAME.so */
	const char *transcripts; /* a folder of *.http (transcript.h); NULL: there is none */
	uint64_t seed;           /* of all that is random: the same seed, the same walks */
	int64_t fuzz_ms;         /* how long the test `fuzz` lasts; 0: it is skipped */
};

struct check_report { /* texts are "" where there is nothing to say */
	const char *name, *sentence;
	enum check_result result;
	const char *expected, *came, *advice;
	const char *operation, *scene; /* where: operation, and of which transcript or making */
	uint32_t stage;
	uint64_t steps; /* of the plugin that were run */
	bool is_random; /* made with the seed */
	int64_t ms;
};

size_t check_count(void);
const char *check_name(size_t);
const char *check_sentence(size_t);

/* Runs all tests in their order and tells each result when it is there. */
void check_run(
    const struct check_wish *, void (*told)(void *, const struct check_report *), void *context);

#endif
