/* Log lines: one each, in three forms, with nothing in them that could pass for another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/instant.h"
#include "base/log.h"

#define ID "0193a7c2-0000-7000-8000-0000deadbeef"

static char said[4096];
static int kept, ends[2];

/* From here to heard() stderr is a pipe. */
static void listen_to_stderr(void)
{
	fflush(stderr);
	kept = dup(STDERR_FILENO);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
}

static const char *heard(void)
{
	ssize_t n;

	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	n = read(ends[0], said, sizeof said - 1);
	said[n > 0 ? n : 0] = 0;
	close(ends[0]);
	return said;
}

static const struct log_field fields[] = { { "state", "handed-off" }, { "portal", NULL },
	{ "who", "anna \"a\" = b" } };

static void text_is_as_it_was(void **state)
{
	(void)state;
	listen_to_stderr();
	log_set_format(LOG_TEXT);
	log_line(LOG_WARNING, "%d requests", 3);
	log_request(LOG_WARNING, ID, fields, 3, "submitted");
	log_tell("listens at %s", "unix:/x");
	assert_string_equal(heard(),
	    "caseroute: warning: 3 requests\n"
	    "caseroute: warning: request deadbeef: submitted state=handed-off who=\"anna \\\"a\\\" "
	    "= b\"\n"
	    "caseroute: listens at unix:/x\n");
}

static void logfmt_quotes_what_needs_it(void **state)
{
	(void)state;
	listen_to_stderr();
	instant_pin(TEXT("2026-11-24T05:56:14.007Z"));
	log_set_format(LOG_LOGFMT);
	log_request(LOG_ERROR, ID, fields, 3, "to C:\\temp");
	log_line(LOG_ERROR, "%s", "");
	assert_string_equal(heard(),
	    "time=2026-11-24T05:56:14.007Z level=error request=" ID " message=\"to C:\\\\temp\" "
	    "state=handed-off who=\"anna \\\"a\\\" = b\"\n"
	    "time=2026-11-24T05:56:14.007Z level=error message=\"\"\n");
	instant_pin(TEXT(""));
}

static void json_is_an_object_a_line(void **state)
{
	struct json *o;

	(void)state;
	listen_to_stderr();
	log_set_format(LOG_JSON);
	log_request(LOG_WARNING, ID, fields, 3, "a \"b\"\n\xff");
	o = json_read(text_of(heard()), "line", 0, NULL);
	assert_non_null(o);
	assert_int_equal(strlen(said) - 1, strcspn(said, "\n"));
	assert_string_equal(json_get_chars(o, "level"), "warning");
	assert_string_equal(json_get_chars(o, "request"), ID);
	assert_string_equal(json_get_chars(o, "message"), "a \"b\"\n\xef\xbf\xbd");
	assert_string_equal(json_get_chars(o, "who"), "anna \"a\" = b");
	assert_null(json_get(o, "portal"));
	assert_int_equal(strlen(json_get_chars(o, "time")), strlen("2026-11-24T05:56:14.007Z"));
	json_free(o);
}

static void a_line_break_begins_no_line(void **state)
{
	(void)state;
	for (int format = LOG_TEXT; format <= LOG_JSON; format++) {
		listen_to_stderr();
		log_set_format((enum log_format)format);
		log_line(LOG_ERROR, "one\ncaseroute: error: two\x1b[31m");
		heard();
		assert_int_equal(strlen(said) - 1, strcspn(said, "\n"));
		assert_null(strchr(said, 27));
	}
}

static void the_level_holds(void **state)
{
	(void)state;
	listen_to_stderr();
	log_set_format(LOG_TEXT);
	log_line(LOG_NOTICE, "not told");
	assert_false(log_has(LOG_NOTICE));
	log_set_level(LOG_ERROR);
	log_line(LOG_WARNING, "not told");
	log_tell("not told");
	log_set_level(LOG_DETAIL);
	log_line(LOG_DETAIL, "told");
	log_set_level(LOG_WARNING);
	assert_string_equal(heard(), "caseroute: detail: told\n");
}

static void the_journal_gets_priorities(void **state)
{
	char name[64];
	struct stat info;

	(void)state;
	listen_to_stderr();
	assert_int_equal(fstat(STDERR_FILENO, &info), 0);
	snprintf(name, sizeof name, "%llu:%llu", (unsigned long long)info.st_dev,
	    (unsigned long long)info.st_ino);
	setenv("JOURNAL_STREAM", name, 1);
	log_set_format(LOG_TEXT);
	log_line(LOG_ERROR, "bad");
	log_tell("listens");
	setenv("JOURNAL_STREAM", "1:1", 1); /* somebody else's */
	log_set_format(LOG_TEXT);
	log_line(LOG_WARNING, "plain");
	assert_string_equal(heard(),
	    "<3>caseroute: error: bad\n<5>caseroute: listens\ncaseroute: warning: plain\n");
	unsetenv("JOURNAL_STREAM");
	log_set_format(LOG_TEXT);
}

static void formats_have_names(void **state)
{
	enum log_format format = LOG_TEXT;

	(void)state;
	assert_true(log_read_format("logfmt", &format));
	assert_int_equal(format, LOG_LOGFMT);
	assert_false(log_read_format("xml", &format));
	assert_false(log_read_format(NULL, &format));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_it_was),
		cmocka_unit_test(logfmt_quotes_what_needs_it),
		cmocka_unit_test(json_is_an_object_a_line),
		cmocka_unit_test(a_line_break_begins_no_line),
		cmocka_unit_test(the_level_holds),
		cmocka_unit_test(the_journal_gets_priorities),
		cmocka_unit_test(formats_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
