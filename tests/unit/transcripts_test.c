/* Plays plugins/NAME/tests/NAME.http for every plugin that was built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/text.h"
#include "portal/child_run.h"
#include "check/transcript.h"
#include "check/transcript_write.h"

#define PLUGINS BINARY_DIR "/plugins"

/* "…/plugins/NAME/tests/x.http" */
static void name_of(const char *file, char out[64])
{
	const char *tests = strstr(strstr(file, "/plugins/"), "/tests/"), *name = tests;

	while (name > file && name[-1] != '/')
		name--;
	snprintf(out, 64, "%.*s", (int)(tests - name), name);
}

/* Each start of an instrumented child takes a tenth of a second: some must do. */
#ifdef CASEROUTE_INSTRUMENTED
#define EVERY 12
#else
#define EVERY 1
#endif

static bool plays(const char *path, const char *plugin, const char *file, const char *isolation,
    struct buffer *told)
{
	struct failure why = { 0 };
	bool is_ok;

	setenv("CASEROUTE_ISOLATION", isolation, 1);
	is_ok = transcript_play_told(path, plugin, file, told, &why);
	if (!is_ok)
		print_error("%s: %s\n", isolation, why.text);
	return is_ok;
}

/* In this process, then in a confined child: what the steps leave behind is the same to the
 * byte. */
static bool plays_alike(const char *path, const char *plugin, const char *file, size_t number)
{
	struct buffer here = { 0 }, there = { 0 };
	bool is_ok = plays(path, plugin, file, "in-process", &here);

	if (is_ok && number % EVERY == 0) {
		is_ok = plays(path, plugin, file, "process", &there);
		if (is_ok && !text_equal(buffer_as_text(&here), buffer_as_text(&there))) {
			print_error(
			    "%s differs in a child:\n%s\nhere:\n%s\n", file, there.p, here.p);
			is_ok = false;
		}
	}
	buffer_free(&here);
	buffer_free(&there);
	return is_ok;
}

/* Plays all that the pattern finds; `plugin` NULL: each names its plugin by its folder. */
static unsigned play_all(const char *pattern, const char *path, const char *plugin)
{
	unsigned failed = 0;
	glob_t found;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char name[64];

		if (!plugin && strstr(found.gl_pathv[i], "/plugins/template/"))
			continue; /* newportal: a plugin of no portal, below */
		if (!plugin)
			name_of(found.gl_pathv[i], name);
		failed += !plays_alike(path, plugin ? plugin : name, found.gl_pathv[i], i);
	}
	print_message("%zu transcripts\n", found.gl_pathc);
	globfree(&found);
	return failed;
}

static void every_transcript_plays_in_this_process_and_in_a_child(void **state)
{
	(void)state;
	assert_int_equal(play_all(SOURCE_DIR "/plugins/*/tests/*.http", PLUGINS, NULL), 0);
}

static void plugins_of_portals_that_do_not_exist_play(void **state)
{
	static const char *const plugins[] = { "acme", "harbour", "lantern", "orchard" };
	unsigned failed = 0;
	char pattern[256];

	(void)state;
	for (size_t i = 0; i < sizeof plugins / sizeof plugins[0]; i++) {
		snprintf(
		    pattern, sizeof pattern, SOURCE_DIR "/tests/plugins/%s/*.http", plugins[i]);
		failed += play_all(pattern, BINARY_DIR "/tests/plugins", plugins[i]);
	}
	failed += play_all(
	    SOURCE_DIR "/plugins/template/tests/*.http", BINARY_DIR "/tests/plugins", "newportal");
	assert_int_equal(failed, 0);
}

static void plays_wrongly_with(
    const char *path_of_plugins, const char *plugin, const char *text, const char *sentence)
{
	char path[] = "/tmp/caseroute-transcript-XXXXXX";
	struct failure why = { 0 };
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	setenv("CASEROUTE_ISOLATION", "in-process", 1);
	if (transcript_play(path_of_plugins, plugin, path, &why) || !strstr(why.text, sentence))
		fail_msg("expected '%s', got '%s'", sentence, why.text);
	remove(path);
}

static void plays_wrongly(const char *text, const char *sentence)
{
	plays_wrongly_with(PLUGINS, "guided", text, sentence);
}

static void what_differs_in_an_exchange_is_told(void **state)
{
	static const char head[] =
	    "@ option origin = https://api.example\n@ option api_key = env:X\n"
	    "@ credential type = bearer-token\n@ credential token = env:X\n"
	    "@ contract {\"has_access_id\": true}\n@ request {\"title\": \"T\"}\n";
	static const struct {
		const char *exchange, *sentence;
	} cases[] = {
		{ "> POST /tickets/r-0001?version=1\n", ":7: method: expected POST, got PUT" },
		{ "> PUT /tickets/r-1?version=1\n",
		    ":7: address: expected /tickets/r-1?version=1, got "
		    "/tickets/r-0001?version=1" },
		{ "> PUT /tickets/r-0001?version=1\n> X-Trace: x\n",
		    "X-Trace: expected x, got r-0001" },
		{ "> PUT /tickets/r-0001?version=1\n> X-None: x\n",
		    "X-None: expected x, got nothing" },
		{ "> PUT /tickets/r-0001?version=1\n> ~ repeat safe\n",
		    "repeat: expected safe, got never" },
		{ "> PUT /tickets/r-0001?version=1\n> ~ auth - own all\n",
		    "auth: expected - own all, got - customer all" },
		{ "> PUT /tickets/r-0001?version=1\n> ~ mood good\n", "unknown trait 'mood'" },
		{ "> PUT /tickets/r-0001?version=1\n{\"title\":\"U\"}\n",
		    "body: expected {\"title\":\"U\"}, got "
		    "{\"title\":\"T\",\"contract\":\"{access_id}\"}" },
		{ "> PUT /tickets/r-0001?version=1\n", "body: expected nothing, got {" },
		{ "> PUT "
		  "/tickets/r-0001?version=1\n{\"title\":\"T\",\"contract\":\"{access_id}\"}\n< "
		  "x\n",
		    ":9: 'x' is no status" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[1024];

		snprintf(text, sizeof text, "%s%s", head, cases[i].exchange);
		plays_wrongly_with(BINARY_DIR "/tests/plugins", "acme", text, cases[i].sentence);
	}
}

static void what_differs_is_told_with_its_line(void **state)
{
	static const char head[] =
	    "@ option link = https://p.example/new\n@ request {\"title\": \"T\"}\n";
	char text[1024];

	(void)state;
	plays_wrongly("@ operation dance\n", ":1: 'dance' is no operation");
	plays_wrongly("@ request {\"titel\": \"T\"}\n", ":1: there is no member 'titel'");
	plays_wrongly("@ option lnk = x\n", "link");
	snprintf(text, sizeof text,
	    "%s? guide\n{\"link\": \"https://q.example/\"}\n! ticket number=1\n", head);
	plays_wrongly(
	    text, ":3: link: expected \"https://q.example/\", got \"https://p.example/new\"");
	snprintf(text, sizeof text, "%s? guide\n{\"link\": null}\n! ticket number=1\n", head);
	plays_wrongly(text, ":3: link: expected null, got \"https://p.example/new\"");
	snprintf(text, sizeof text, "%s> GET /x\n< 200\n", head);
	plays_wrongly(text, ":3: expected '>', but the step is ask");
	snprintf(
	    text, sizeof text, "%s? guide\n! ticket number=1\n= done {\"ticket\": \"2\"}\n", head);
	plays_wrongly(text, ":5: ticket: expected \"2\", got \"1\"");
	snprintf(text, sizeof text, "%s? guide\n! ticket number=1\n= failed contract\n", head);
	plays_wrongly(text, ":5:");
	snprintf(text, sizeof text, "%s? guide\n! ticket number=1\n= done\n? guide\n", head);
	plays_wrongly(text, ":6: the operation has ended before this");
	snprintf(text, sizeof text, "%s? guide\n! ticket number=1\n", head);
	plays_wrongly(text, "expected '$', but the step is done");
}

static void plays_well(const char *plugin, const char *text)
{
	char path[] = "/tmp/caseroute-transcript-XXXXXX";
	struct failure why = { 0 };
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	if (!transcript_play(PLUGINS, plugin, path, &why))
		fail_msg("%s", why.text);
	remove(path);
}

#define GUIDED "@ option link = https://p.example/new\n@ request {\"title\": \"T\"}\n"

/* As they are written from a request under way. */
static void a_transcript_holds_parts_of_several_operations(void **state)
{
	static const char first[] = "@ operation create\n" GUIDED "? guide\n= waiting\n";
	static const char of_others[] = "@ operation open\n@ plugin csp\n> GET /nowhere\n< 200\n";
	static const char rest[] =
	    "@ operation create\n@ plugin guided\n" GUIDED
	    "@ memory {\"stage\": 1, \"cursor\": [0, 0, 0], \"steps\": 1, \"note\": \"\"}\n"
	    "@ now 2026-11-25T06:00:00Z\n! {\"code\": \"ticket\", \"values\": {\"number\": "
	    "\"42\"}}\n= done {\"ticket\": \"%s\"}\n";
	char text[2000];

	(void)state;
	snprintf(text, sizeof text, "%s%s", first, of_others);
	plays_well("guided", text);
	plays_well("guided", of_others); /* nothing in it is this plugin's */
	snprintf(text + strlen(text), sizeof text - strlen(text), rest, "42");
	plays_well("guided", text);
	snprintf(text, sizeof text, rest, "43");
	plays_wrongly(text, "ticket: expected \"43\", got \"42\"");
	snprintf(text, sizeof text, "%s%s", first, "= done\n");
	plays_wrongly(text, "the operation has ended before this");
	plays_wrongly("@ memory {\n" GUIDED, "JSON");
}

static void a_file_of_remarks_holds_nothing_to_play(void **state)
{
	(void)state;
	plays_well("guided", "# 2026-11-24T06:00:00Z submitted\n# parked\n");
}

static void what_is_no_end_is_told(void **state)
{
	(void)state;
	plays_wrongly("@ operation create\n" GUIDED "? guide\n! ticket number=42\n= dune {}\n",
	    "unknown end 'dune': it is done, go, by_hand, failed or waiting");
}

#define SEEN "[{\"plan\":\"signature-cloud\",\"until\":null,\"remaining\":0,\"unit\":\"hours\"}]"

static void what_was_seen_in_a_failure_is_written_behind_the_sentence(void **state)
{
	struct step step = { .verdict = PORTAL_FAILED,
		.failure_class = PORTAL_E_CONTRACT,
		.failure_text = "the plan has ended" };
	char *written = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&written, &n);
	struct transcript *t = transcript_new(file);

	(void)state;
	step.extra = json_read(TEXT("{\"observations\":" SEEN "}"), "extra", 0, NULL);
	assert_non_null(step.extra);
	transcript_after(t, &step);
	transcript_free(t);
	fclose(file);
	assert_string_equal(
	    written, "= failed contract\nthe plan has ended\n{\"observations\":" SEEN "}\n");
	json_free(step.extra);
	free(written);
}

static void what_was_seen_in_a_failure_is_compared(void **state)
{
	static const char text[] =
	    "@ operation create\n@ contract {\"id\": \"c\", \"plan\": \"signature-cloud\"}\n"
	    "@ request {\"title\": \"T\"}\n? guide\n! plan_over end=2026-10-31\n"
	    "= failed contract\nthe plan has ended\n{\"observations\": []}\n";

	(void)state;
	plays_wrongly_with(
	    BINARY_DIR "/tests/plugins", "orchard", text, "observations: expected [], got [{");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_transcript_plays_in_this_process_and_in_a_child),
		cmocka_unit_test(plugins_of_portals_that_do_not_exist_play),
		cmocka_unit_test(what_differs_in_an_exchange_is_told),
		cmocka_unit_test(what_differs_is_told_with_its_line),
		cmocka_unit_test(a_transcript_holds_parts_of_several_operations),
		cmocka_unit_test(a_file_of_remarks_holds_nothing_to_play),
		cmocka_unit_test(what_is_no_end_is_told),
		cmocka_unit_test(what_was_seen_in_a_failure_is_written_behind_the_sentence),
		cmocka_unit_test(what_was_seen_in_a_failure_is_compared),
	};

	child_take_over(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
