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
#include "portal/transcript.h"

#define PLUGINS BINARY_DIR "/plugins"

/* "…/plugins/NAME/tests/x.http" */
static void name_of(const char *file, char out[64])
{
	const char *tests = strstr(file, "/tests/"), *name = tests;

	while (name > file && name[-1] != '/')
		name--;
	snprintf(out, 64, "%.*s", (int)(tests - name), name);
}

static void every_transcript_plays(void **state)
{
	unsigned failed = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/plugins/*/tests/*.http", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct failure why = { 0 };
		char name[64];

		name_of(found.gl_pathv[i], name);
		if (transcript_play(PLUGINS, name, found.gl_pathv[i], &why))
			continue;
		failed++;
		print_error("%s\n", why.text);
	}
	print_message("%zu transcripts\n", found.gl_pathc);
	globfree(&found);
	assert_int_equal(failed, 0);
}

static void plays_wrongly(const char *text, const char *sentence)
{
	char path[] = "/tmp/caseroute-transcript-XXXXXX";
	struct failure why = { 0 };
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	if (transcript_play(PLUGINS, "guided", path, &why) || !strstr(why.text, sentence))
		fail_msg("expected '%s', got '%s'", sentence, why.text);
	remove(path);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_transcript_plays),
		cmocka_unit_test(what_differs_is_told_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
