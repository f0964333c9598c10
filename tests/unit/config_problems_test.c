/* How what is wrong is told: places, caret, JSON, nearest words; and dumps. */
#include "config_fixture.h"

#include "base/json.h"

static void the_caret_stands_below_the_place(void **state)
{
	static const struct {
		const char *line, *said;
	} cases[] = {
		{ "k = x#y",
		    ":2:6: error: '#' would cut this value; put the whole value in double "
		    "quotes [E005]\n    k = x#y\n         ^\n" },
		{ "\tk\t= x#y", "    \tk\t= x#y\n    \t \t   ^\n" },
		{ "\xc3\xa9\xe2\x82\xac = x#y", "    \xc3\xa9\xe2\x82\xac = x#y\n          ^\n" },
		{ "\xc3\xa9\t= x#y", "    \xc3\xa9\t= x#y\n     \t   ^\n" },
	};
	char *folder = new_folder();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[128];
		struct read_ini ini;

		snprintf(text, sizeof text, "[a]\n%s\n", cases[i].line);
		ini = read_path(put_file(folder, "a.ini", text));
		must_say(&ini, cases[i].said);
		free_ini(&ini);
	}
	remove_folder(folder);
}

static void a_line_with_a_secret_in_the_open_is_not_shown(void **state)
{
	static const struct option key = { .name = "key", .type = OPTION_SECRET, .help = "" };
	char *folder = new_folder();
	struct read_ini ini =
	    read_path(put_file(folder, "a.ini", "[credential x]\nkey = hunter2\n"));
	struct value value;

	(void)state;
	option_read(ini.config, config_at(ini.config, 0), &key, 1, &value, ini.problems);
	said_of(&ini, false);
	must_say(&ini, "a.ini:2:7: error: [credential x] key must name a secret");
	assert_null(strstr(ini.said, "hunter2"));
	assert_null(strstr(said_of(&ini, true), "hunter2"));
	free_ini(&ini);
	remove_folder(folder);
}

static void problems_are_json_for_programs(void **state)
{
	struct read_ini ini = read_ini("[a]\nk = x#y\nk\n");
	struct json *list = json_read(text_of(said_of(&ini, true)), "problems", 0, NULL);
	const struct json *one = json_at(list, 0);

	(void)state;
	assert_int_equal(json_length(list), 2);
	assert_string_equal(json_get_chars(one, "severity"), "error");
	assert_string_equal(json_get_chars(one, "code"), "E005");
	assert_string_equal(json_get_chars(one, "file"), "test.ini");
	assert_int_equal(json_number(json_get(one, "line"), 0), 2);
	assert_int_equal(json_number(json_get(one, "column"), 0), 6);
	assert_non_null(strstr(json_get_chars(one, "message"), "would cut this value"));
	assert_int_equal(json_length(one), 6);
	json_free(list);
	free_ini(&ini);
}

static void problems_are_sorted_counted_and_helped(void **state)
{
	static const struct {
		enum severity severity;
		struct place place;
		const char *text;
	} added[] = {
		{ PROBLEM_WARNING, { "b.ini", 1, 1 }, "fourth" },
		{ PROBLEM_ERROR, { "a.ini", 10, 1 }, "third" },
		{ PROBLEM_NOTE, { "a.ini", 9, 2 }, "second" },
		{ PROBLEM_ERROR, { "a.ini", 9, 1 }, "first" },
		{ PROBLEM_ERROR, { "b.ini", 1, 1 }, "fifth" },
		{ PROBLEM_ERROR, { NULL, 0, 0 }, "zeroth" },
	};
	static const char *const order[] = { "caseroute: error: zeroth", "a.ini:9:1: error: first",
		"a.ini:9:2: note: second", "a.ini:10:1: error: third", "b.ini:1:1: warning: fourth",
		"b.ini:1:1: error: fifth" };
	struct read_ini ini = { .problems = problems_new() };
	const char *at;

	(void)state;
	for (size_t i = 0; i < sizeof added / sizeof added[0]; i++)
		problem_add(
		    ini.problems, added[i].severity, E_VALUE, added[i].place, "%s", added[i].text);
	at = said_of(&ini, false);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		at = strstr(at, order[i]);
		if (!at)
			fail_msg("%s is not told in its turn:\n%s", order[i], ini.said);
	}
	assert_int_equal(problems_count(ini.problems, PROBLEM_ERROR), 4);
	assert_int_equal(problems_count(ini.problems, PROBLEM_WARNING), 1);
	assert_int_equal(problems_count(ini.problems, PROBLEM_NOTE), 1);
	free_ini(&ini);
	for (int code = 1; code <= E_SECRET_MODE; code++)
		if (code != 10 && code != 19 && code != 20) /* never given */
			assert_non_null(problem_help((enum problem_code)code));
	assert_null(problem_help((enum problem_code)99));
}

static void unknown_sections_and_keys_bring_the_nearest_word(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "[protal x]\nk = 1\n",
		    "test.ini:1:1: error: unknown section [protal]; did you mean [portal]?" },
		{ "[zzz]\n", "unknown section [zzz]; sections are caseroute, partner," },
		{ "[portals]\n", "did you mean [portal]?" },
		{ "[ledger]\nanything = 1\n", "" }, /* nobody has read it yet */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct read_ini ini = read_ini(cases[i].text);

		config_finish(ini.config, ini.problems);
		said_of(&ini, false);
		if (*cases[i].said)
			must_say(&ini, cases[i].said);
		else
			assert_string_equal(ini.said, "");
		free_ini(&ini);
	}
}

static void a_section_of_a_plugin_that_is_missing_is_let_be(void **state)
{
	static const struct option one = { .name = "one", .type = OPTION_TEXT, .help = "" };
	struct read_ini ini = read_ini("[portal x]\none = 1\ntwo = 2\n");
	struct value value;

	(void)state;
	option_read(ini.config, config_at(ini.config, 0), &one, 1, &value, ini.problems);
	option_skip(config_at(ini.config, 0));
	config_finish(ini.config, ini.problems);
	assert_string_equal(said_of(&ini, false), "");
	free_ini(&ini);
}

/* ---- dumps ------------------------------------------------------------------------ */

static const struct option dumped[] = {
	{ .name = "way",
	    .type = OPTION_CHOICE,
	    .choices = "best sum",
	    .fallback = "best",
	    .help = "" },
	{ .name = "key", .type = OPTION_SECRET, .help = "" },
	{ .name = "spare", .type = OPTION_SECRET, .fallback = "cred:spare-key", .help = "" },
	{ .name = "pin", .type = OPTION_TEXT, .flags = OPTION_HIDDEN, .help = "" },
	{ .name = "note", .type = OPTION_TEXT, .flags = OPTION_OPEN, .help = "" },
};

static char *dump_of(struct read_ini *ini, bool as_json)
{
	struct value values[sizeof dumped / sizeof dumped[0]];
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	option_read(ini->config, config_at(ini->config, 0), dumped,
	    sizeof dumped / sizeof dumped[0], values, ini->problems);
	config_dump(ini->config, to, as_json);
	fclose(to);
	return text;
}

static const char dumped_ini[] = "[portal x]\nkey = file:/run/hunter1\npin = hunter2\n"
				 "note.a = 'say \"a;b\"'\nstray = hunter3\n";

static void a_dump_names_origins_and_hides_secrets(void **state)
{
	struct read_ini ini = read_ini(dumped_ini), again;
	char *text = dump_of(&ini, false);

	(void)state;
	assert_string_equal(text,
	    "[portal x]\n"
	    "key = \"file:********\" ; test.ini:2\n"
	    "pin = \"********\" ; test.ini:3\n"
	    "note.a = 'say \"a;b\"' ; test.ini:4\n"
	    "stray = \"********\" ; test.ini:5\n"
	    "way = \"best\" ; default\n"
	    "spare = \"cred:********\" ; default\n");
	again = read_ini(text);
	assert_string_equal(again.said, "");
	assert_string_equal(value_of(&again, "portal", "note.a"), "say \"a;b\"");
	free_ini(&again);
	free(text);
	free_ini(&ini);
}

static void a_dump_is_json_for_programs(void **state)
{
	struct read_ini ini = read_ini(dumped_ini);
	char *text = dump_of(&ini, true);
	struct json *list = json_read(text_of(text), "dump", 0, NULL);

	(void)state;
	assert_string_equal(json_chars(json_point(list, "/0/section")), "portal");
	assert_string_equal(json_chars(json_point(list, "/0/name")), "x");
	assert_string_equal(json_chars(json_point(list, "/0/keys/way/origin")), "default");
	assert_string_equal(json_chars(json_point(list, "/0/keys/pin/value")), "********");
	assert_int_equal(json_number(json_point(list, "/0/keys/note.a/line"), 0), 4);
	assert_null(strstr(text, "hunter"));
	json_free(list);
	free(text);
	free_ini(&ini);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_caret_stands_below_the_place),
		cmocka_unit_test(a_line_with_a_secret_in_the_open_is_not_shown),
		cmocka_unit_test(problems_are_json_for_programs),
		cmocka_unit_test(problems_are_sorted_counted_and_helped),
		cmocka_unit_test(unknown_sections_and_keys_bring_the_nearest_word),
		cmocka_unit_test(a_section_of_a_plugin_that_is_missing_is_let_be),
		cmocka_unit_test(a_dump_names_origins_and_hides_secrets),
		cmocka_unit_test(a_dump_is_json_for_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
