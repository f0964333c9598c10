/* What a plugin that wants out does in its child, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "portal/child_run.h"
#include "portal/confine.h"
#include "portal/portals.h"
#include "support/fixture.h"

#define PLUGINS BINARY_DIR "/tests/plugins"

struct den { /* a portal with the hostile plugin */
	struct fixture inputs;
	struct portals *portals;
	struct portal *portal;
	struct step_memory memory;
	struct arena *arena;
	struct step step;
};

static void den_open(struct den *den, const char *deed, const char *limit)
{
	struct problems *problems = problems_new();
	struct config *config;
	struct buffer ini = { 0 };

	*den = (struct den){ .arena = arena_new() };
	fixture_inputs(&den->inputs);
	buffer_format(&ini,
	    "[caseroute]\nstep_limit = %s\n[portal den]\nplugin = hostile\ndeed = %s\n"
	    "isolation = process\n",
	    limit, deed);
	config = config_read_text("test.ini", buffer_as_text(&ini), problems);
	den->portals = portals_read(config, PLUGINS, problems);
	den->portal = portals_find(den->portals, "den");
	if (!den->portal)
		problems_print(problems, stderr, false);
	assert_non_null(den->portal);
	config_free(config);
	problems_free(problems);
	buffer_free(&ini);
}

static struct step *den_step(struct den *den)
{
	step_free(&den->step);
	den->inputs.input.kind = OPERATION_CREATE;
	portal_step(den->portal, &den->inputs.input, &den->memory, den->arena, &den->step);
	return &den->step;
}

static void den_close(struct den *den)
{
	step_free(&den->step);
	buffer_free(&den->memory.note);
	portals_free(den->portals);
	arena_free(den->arena);
}

static struct portal_home home_of(const struct den *den)
{
	struct portal_home home;

	portal_home(den->portal, &home);
	return home;
}

/* ---- deeds ------------------------------------------------------------------------------ */

#define CALLS "system call that it may not make (SIGSYS)"

/* What an instrumented child says; its instruments catch signals, it has neither filter nor
 * limits. NULL: nothing can be said of it. */
static const struct {
	const char *deed, *sentence, *instrumented;
} deeds[] = {
	{ "socket", CALLS, NULL },
	{ "open", CALLS, NULL },
	{ "execute", CALLS, NULL },
	{ "fork", CALLS, NULL },
	{ "kill", CALLS, NULL },
	{ "executable-memory", CALLS, NULL },
	{ "exit", "it ended by itself (status 0)", "it ended by itself (status 0)" },
	{ "loop", "it did not return within 100 ms", "it did not return within 100 ms" },
	{ "wait", "it did not return within 100 ms", "it did not return within 100 ms" },
	{ "recursion", "it died: signal 11 (SIGSEGV)", "it " },
	{ "map", "it used up its memory", NULL },
	{ "heap", "it used up its memory", NULL },
	{ "stack", "it died: signal", "it " },
	{ "host-memory", "it died: signal", NULL },
	{ "host-table", "it died: signal 11 (SIGSEGV)", "it " },
	{ "null", "it died: signal 11 (SIGSEGV)", "it " },
	{ "illegal", "it died: signal 4 (SIGILL)", "it " },
	{ "long-frame", "it sent what is no frame", "it sent what is no frame" },
	{ "forged-frame", "the exchange's 'origin' is not what it may be",
	    "the exchange's 'origin' is not what it may be" },
};

static void a_deed_is_contained_and_told(void **state)
{
	const bool is_bare = confine_missing() != NULL;

	(void)state;
	for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
		const char *sentence = is_bare ? deeds[i].instrumented : deeds[i].sentence;
		struct den den;

		if (!sentence)
			continue;
		/* To fill all memory takes a while. */
		den_open(
		    &den, deeds[i].deed, strstr(deeds[i].sentence, "100 ms") ? "100ms" : "20s");
		den.memory.stage = 7;
		assert_int_equal(den_step(&den)->verdict, PORTAL_FAILED);
		print_message("%s: %s\n", deeds[i].deed, den.step.failure_text);
		assert_has(den.step.failure_text, "plugin hostile in create, stage 7: ");
		assert_has(den.step.failure_text, sentence);
		assert_int_equal(den.step.failure_class, PORTAL_E_PORTAL);
		den_close(&den);
	}
}

static void what_it_scribbles_over_is_its_own_copy(void **state)
{
	struct den den;

	(void)state;
	den_open(&den, "inputs", "1s");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(den_step(&den)->verdict, PORTAL_DONE);
		assert_string_equal(den.step.outcome.ticket.p, "for XXXXXXX");
		assert_string_equal(den.inputs.request.title.p, "A title");
	}
	den_close(&den);
}

static void a_second_frame_is_no_answer_to_anything(void **state)
{
	struct den den;

	(void)state;
	den_open(&den, "second-frame", "1s");
	/* The first of them is read, or both are seen at once; the last is never believed. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(den_step(&den)->verdict, PORTAL_FAILED);
	assert_true(home_of(&den).deaths >= 1);
	den_close(&den);
}

/* ---- supervision -------------------------------------------------------------------------- */

static void a_good_step_is_served_by_one_child(void **state)
{
	struct den den;

	(void)state;
	den_open(&den, "nothing", "1s");
	for (int i = 0; i < 20; i++) {
		assert_int_equal(den_step(&den)->verdict, PORTAL_DONE);
		assert_string_equal(den.step.outcome.ticket.p, "for A title");
	}
	assert_int_equal(home_of(&den).starts, 1);
	assert_int_equal(home_of(&den).deaths, 0);
	assert_int_equal(home_of(&den).unconfined != NULL, confine_missing() != NULL);
	den_close(&den);
}

static void after_what_may_not_be_repeated_a_death_is_unsure(void **state)
{
	struct den den;

	(void)state;
	den_open(&den, "exit", "1s");
	den.memory.sent = MEMORY_SENT_ONCE;
	assert_int_equal(den_step(&den)->failure_class, PORTAL_E_UNSURE);
	den_close(&den);
}

static void three_deaths_close_the_portal(void **state)
{
	struct den den;

	(void)state;
	den_open(&den, "exit", "1s");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(home_of(&den).closed_ms, 0);
		assert_has(den_step(&den)->failure_text, "it ended by itself");
	}
	assert_true(home_of(&den).closed_ms > 0);
	assert_has(den_step(&den)->failure_text, "the portal is closed");
	assert_int_equal(home_of(&den).starts, 3);
	den_close(&den);
}

/* This process has the child of one den, and no other. */
static void kill_children(void)
{
	char path[64];
	int child = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &child), 1);
	fclose(file);
	assert_int_equal(kill(child, SIGKILL), 0);
	while (waitid(P_PID, (id_t)child, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) != 0)
		;
}

static void what_dies_between_steps_fails_none(void **state)
{
	struct den den;

	(void)state;
	den_open(&den, "nothing", "1s");
	assert_int_equal(den_step(&den)->verdict, PORTAL_DONE);
	kill_children();
	assert_int_equal(den_step(&den)->verdict, PORTAL_DONE);
	assert_int_equal(home_of(&den).starts, 2);
	assert_int_equal(home_of(&den).deaths, 1);
	den_close(&den);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_step_is_served_by_one_child),
		cmocka_unit_test(a_deed_is_contained_and_told),
		cmocka_unit_test(what_it_scribbles_over_is_its_own_copy),
		cmocka_unit_test(a_second_frame_is_no_answer_to_anything),
		cmocka_unit_test(after_what_may_not_be_repeated_a_death_is_unsure),
		cmocka_unit_test(three_deaths_close_the_portal),
		cmocka_unit_test(what_dies_between_steps_fails_none),
	};

	child_take_over(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
