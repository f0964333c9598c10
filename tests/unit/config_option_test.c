/* Typed tables: what each type takes, what it says to anything else, families of keys. */
#include "config_fixture.h"

static void each_type_takes_its_own_values(void **state)
{
	static const struct {
		struct option option;
		const char *text;
		int64_t number;
		const char *said; /* NULL: it is taken */
	} cases[] = {
		{ { .type = OPTION_INTEGER }, "10", 10, NULL },
		{ { .type = OPTION_INTEGER }, "-7", -7, NULL },
		{ { .type = OPTION_INTEGER }, "010", 10, NULL },
		{ { .type = OPTION_INTEGER }, "99999999999", 99999999999, NULL },
		{ { .type = OPTION_INTEGER }, "10abc", 0, "not a whole number" },
		{ { .type = OPTION_INTEGER }, "abc", 0, "not a whole number" },
		{ { .type = OPTION_INTEGER }, "1.5", 0, "not a whole number" },
		{ { .type = OPTION_INTEGER }, "9223372036854775808", 0, "not a whole number" },
		{ { .type = OPTION_INTEGER, .min = 1, .max = 9 }, "9", 9, NULL },
		{ { .type = OPTION_INTEGER, .min = 1, .max = 9 }, "0", 0, "must be 1 to 9" },
		{ { .type = OPTION_INTEGER, .min = 1, .max = 9 }, "10", 0, "must be 1 to 9" },
		{ { .type = OPTION_INTEGER, .min = -5, .max = 0 }, "1", 0, "must be -5 to 0" },
		{ { .type = OPTION_BOOLEAN }, "yes", 1, NULL },
		{ { .type = OPTION_BOOLEAN }, "ON", 1, NULL },
		{ { .type = OPTION_BOOLEAN }, "True", 1, NULL },
		{ { .type = OPTION_BOOLEAN }, "1", 1, NULL },
		{ { .type = OPTION_BOOLEAN }, "no", 0, NULL },
		{ { .type = OPTION_BOOLEAN }, "off", 0, NULL },
		{ { .type = OPTION_BOOLEAN }, "false", 0, NULL },
		{ { .type = OPTION_BOOLEAN }, "0", 0, NULL },
		{ { .type = OPTION_BOOLEAN }, "nope", 0, "write yes or no" },
		{ { .type = OPTION_BOOLEAN }, "y", 0, "write yes or no" },
		{ { .type = OPTION_BOOLEAN }, "2", 0, "write yes or no" },
		{ { .type = OPTION_DURATION }, "90s", 90000, NULL },
		{ { .type = OPTION_DURATION }, "250ms", 250, NULL },
		{ { .type = OPTION_DURATION }, "3d", 259200000, NULL },
		{ { .type = OPTION_DURATION }, "90", 0, "not a duration" },
		{ { .type = OPTION_DURATION }, "-1s", 0, "not a duration" },
		{ { .type = OPTION_DURATION }, "1 s", 0, "not a duration" },
		{ { .type = OPTION_DURATION }, "9999999999999999d", 0, "not a duration" },
		{ { .type = OPTION_DURATION, .min = 1000, .max = 60000 }, "2m", 0, "60000 ms" },
		{ { .type = OPTION_CHOICE, .choices = "best sum" }, "sum", 1, NULL },
		{ { .type = OPTION_CHOICE, .choices = "best sum" }, "Best", 0, NULL },
		{ { .type = OPTION_CHOICE, .choices = "best sum" }, "bst", 0,
		    "did you mean \"best\"? Allowed are: best sum" },
		{ { .type = OPTION_CHOICE, .choices = "best sum" }, "worst case", 0,
		    "allowed are: best sum" },
		{ { .type = OPTION_WORDS, .choices = "csp contract" }, "contract , CSP", 3, NULL },
		{ { .type = OPTION_WORDS, .choices = "csp contract" }, "", 0, NULL },
		{ { .type = OPTION_WORDS, .choices = "csp contract" }, "csp, contrct", 0,
		    "did you mean \"contract\"" },
		{ { .type = OPTION_WORDS }, "any, thing", 0, NULL },
		{ { .type = OPTION_DATE }, "2026-11-24", 1795478400000, NULL },
		{ { .type = OPTION_END }, "2026-11-24", 1795564799999, NULL },
		{ { .type = OPTION_END }, "2026-11-24T00:00:00Z", 1795478400000, NULL },
		{ { .type = OPTION_DATE }, "24.11.2026", 0, "not a date" },
		{ { .type = OPTION_DATE }, "2026-02-29", 0, "not a date" },
		{ { .type = OPTION_SECRET }, "file:key", 0, NULL },
		{ { .type = OPTION_SECRET }, "env:KEY", 0, NULL },
		{ { .type = OPTION_SECRET }, "cred:key", 0, NULL },
		{ { .type = OPTION_SECRET }, "cred:", 0, "must name a secret, not hold it" },
		{ { .type = OPTION_SECRET }, "hunter2", 0, "must name a secret, not hold it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct failure why = { 0 };
		struct value value;
		bool is_ok = option_parse(&cases[i].option, text_of(cases[i].text), &value, &why);

		if (is_ok != !cases[i].said || (cases[i].said && !strstr(why.text, cases[i].said)))
			fail_msg("\"%s\": %s", cases[i].text, is_ok ? "is taken" : why.text);
		if (is_ok)
			assert_int_equal(value.number, cases[i].number);
		assert_null(strstr(why.text, "hunter2"));
	}
}

static void plain_http_goes_to_this_machine_only(void **state)
{
	static const struct {
		const char *text;
		bool is_origin, is_url;
	} cases[] = {
		{ "https://portal.example", true, true },
		{ "https://portal.example:8443", true, true },
		{ "https://PORTAL.example", true, true },
		{ "https://portal.example/", false, true },
		{ "https://portal.example/a?b=c", false, true },
		{ "https://portal.example?b=c", false, true },
		{ "https://portal.example#f", false, true },
		{ "https://[2001:db8::1]:8443", true, true },
		{ "http://127.0.0.1", true, true },
		{ "http://127.0.0.1:8080", true, true },
		{ "http://127.255.3.4:1", true, true },
		{ "http://localhost:8080", true, true },
		{ "http://[::1]:8080", true, true },
		/* names that only begin so */
		{ "http://127.evil.example", false, false },
		{ "http://127.0.0.1.evil.example", false, false },
		{ "http://127.0.0.1evil.example", false, false },
		{ "http://127.0.0.1.", false, false },
		{ "http://127.0.0..1", false, false },
		{ "http://127.0.0.256", false, false },
		{ "http://127.1", false, false },
		{ "http://1270.0.0.1", false, false },
		{ "http://128.0.0.1", false, false },
		{ "http://localhost.evil.example", false, false },
		{ "http://[::1]evil.example", false, false },
		{ "http://[::1].evil.example", false, false },
		{ "http://[::2]", false, false },
		{ "http://portal.example", false, false },
		/* no clean host, port or rest */
		{ "https://", false, false },
		{ "https://:443", false, false },
		{ "https:///path", false, false },
		{ "https://user@portal.example", false, false },
		{ "https://portal.example:", false, false },
		{ "https://portal.example:0", false, false },
		{ "https://portal.example:65536", false, false },
		{ "https://portal.example:+443", false, false },
		{ "https://portal.example:8a", false, false },
		{ "https://portal example", false, false },
		{ "https://portal.example/a b", false, false },
		{ "https://portal.example/a\tb", false, false },
		{ "https://127.0.0.1\\@portal.example", false, false },
		{ "https://[2001:db8::1", false, false },
		{ "https://[]", false, false },
		{ "https://[evil.example]", false, false },
		{ "https://port_al.example", false, false },
		{ "https://-portal.example", false, false },
		{ "HTTPS://portal.example", false, false },
		{ "ftp://portal.example", false, false },
		{ "portal.example", false, false },
	};
	static const struct option origin = { .type = OPTION_ORIGIN }, url = { .type = OPTION_URL };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text text = text_of(cases[i].text);
		struct value value;

		if (option_parse(&origin, text, &value, NULL) != cases[i].is_origin)
			fail_msg("%s as an origin", cases[i].text);
		if (option_parse(&url, text, &value, NULL) != cases[i].is_url)
			fail_msg("%s as a URL", cases[i].text);
	}
}

enum { WAY, COUNT_OF, STEP, MATCH, KEY, PLACE_OF, N };

static const struct option table[N] = {
	[WAY] = { .name = "way",
	    .type = OPTION_CHOICE,
	    .choices = "best sum",
	    .fallback = "sum",
	    .help = "which way" },
	[COUNT_OF] = { .name = "count",
	    .type = OPTION_INTEGER,
	    .flags = OPTION_REQUIRED,
	    .min = 1,
	    .max = 9,
	    .help = "how many" },
	[STEP] = { .name = "step",
	    .type = OPTION_TEXT,
	    .flags = OPTION_NUMBERED,
	    .help = "what to do" },
	[MATCH] = { .name = "match",
	    .type = OPTION_TEXT,
	    .flags = OPTION_OPEN,
	    .help = "what fits" },
	[KEY] = { .name = "key", .type = OPTION_SECRET, .help = "the key" },
	[PLACE_OF] = { .name = "place", .type = OPTION_PATH, .help = "where" },
};

static void read_table(struct read_ini *ini, const char *text, struct value values[N])
{
	*ini = read_ini(text);
	option_read(ini->config, config_at(ini->config, 0), table, N, values, ini->problems);
	config_finish(ini->config, ini->problems);
	said_of(ini, false);
}

static void a_section_is_read_through_its_table(void **state)
{
	struct value v[N];
	struct read_ini ini;

	(void)state;
	read_table(&ini,
	    "[portal x]\ncount = 3\nstep.10 = ten\nstep.2 = two\nstep.1 = one\nmatch.b = 1\n"
	    "match.a.not = 2\nplace = sub/x\n",
	    v);
	assert_string_equal(ini.said, "");
	assert_int_equal(v[WAY].number, 1);
	assert_false(v[WAY].given);
	assert_true(v[COUNT_OF].given);
	assert_int_equal(v[COUNT_OF].place.line, 2);
	assert_int_equal(v[COUNT_OF].place.column, 9);
	assert_int_equal(v[STEP].n_items, 3);
	assert_string_equal(v[STEP].items[0].suffix, "1");
	assert_string_equal(v[STEP].items[1].text.p, "two");
	assert_string_equal(v[STEP].items[2].text.p, "ten");
	assert_int_equal(v[MATCH].n_items, 2); /* in the order of the file */
	assert_string_equal(v[MATCH].items[0].suffix, "b");
	assert_string_equal(v[MATCH].items[1].suffix, "a.not");
	assert_string_equal(v[PLACE_OF].text.p, "./sub/x");
	assert_int_equal(v[KEY].text.n, 0);
	free_ini(&ini);
}

static void what_does_not_fit_a_table_is_told_and_falls_back(void **state)
{
	static const struct {
		const char *keys, *said;
	} cases[] = {
		{ "", "test.ini:1:1: error: [portal x] count is missing (how many) [E013]" },
		{ "count =\n", "test.ini:2:1: error: [portal x] count has no value [E014]" },
		{ "count = 12\n",
		    "test.ini:2:9: error: [portal x] count is 12; it must be 1 to 9" },
		{ "count = 1\nway = smm\n", "test.ini:3:7: error: [portal x] way is \"smm\"; did" },
		{ "count = 1\ncuont = 2\n",
		    "test.ini:3:1: error: [portal x] unknown key \"cuont\"; did you mean "
		    "\"count\"?" },
		{ "count = 1\nzzzzz = 2\n", "unknown key \"zzzzz\" [E012]" },
		{ "count = 1\nstep = a\n", "step must be written step.1 to .30 [E012]" },
		{ "count = 1\nmatch = a\n", "match must be written match.NAME [E012]" },
		{ "count = 1\nstep.0 = a\n", "step.0 must end in a number from 1 to 30" },
		{ "count = 1\nstep.31 = a\n", "step.31 must end in a number from 1 to 30" },
		{ "count = 1\nstep.01 = a\n", "step.01 must end in a number from 1 to 30" },
		{ "count = 1\nstep.x = a\n", "step.x must end in a number from 1 to 30" },
		{ "count = 1\nkey = hunter2\n",
		    "test.ini:3:7: error: [portal x] key must name a secret, not hold it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[256];
		struct value v[N];
		struct read_ini ini;

		snprintf(text, sizeof text, "[portal x]\n%s", cases[i].keys);
		read_table(&ini, text, v);
		must_say(&ini, cases[i].said);
		assert_int_equal(problems_count(ini.problems, PROBLEM_ERROR), 1);
		assert_int_equal(v[WAY].number, 1);
		assert_null(strstr(ini.said, "hunter2"));
		free_ini(&ini);
	}
}

static void all_faults_of_a_section_are_told_at_once(void **state)
{
	struct value v[N];
	struct read_ini ini;

	(void)state;
	read_table(&ini, "[portal x]\ncount = 12\nway = no\nkye = env:A\nstep.99 = a\n", v);
	assert_int_equal(problems_count(ini.problems, PROBLEM_ERROR), 4);
	free_ini(&ini);
}

static char *sample_of(const struct option *options, size_t n)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);

	fputs("[portal x]\n", to);
	option_print_sample(to, options, n);
	fclose(to);
	return text;
}

static void a_sample_loads_again(void **state)
{
	static const struct option options[] = {
		{ .name = "way",
		    .type = OPTION_CHOICE,
		    .flags = OPTION_REQUIRED,
		    .choices = "best sum",
		    .fallback = "sum",
		    .help = "which way" },
		{ .name = "note",
		    .type = OPTION_TEXT,
		    .flags = OPTION_REQUIRED,
		    .fallback = "see #1; or ask",
		    .help = "what to say" },
		{ .name = "said",
		    .type = OPTION_TEXT,
		    .flags = OPTION_REQUIRED,
		    .fallback = "say \"yes\"; # no",
		    .help = "what was said" },
		{ .name = "wait", .type = OPTION_DURATION, .fallback = "90s", .help = "how long" },
		{ .name = "step", .type = OPTION_TEXT, .flags = OPTION_NUMBERED, .help = "what" },
	};
	char *sample = sample_of(options, 5);
	struct read_ini ini = read_ini(sample);
	struct value v[5];

	(void)state;
	assert_string_equal(ini.said, "");
	assert_true(option_read(ini.config, config_at(ini.config, 0), options, 5, v, ini.problems));
	assert_true(v[0].given && v[1].given && v[2].given && !v[3].given);
	assert_int_equal(v[0].number, 1);
	assert_string_equal(v[1].text.p, "see #1; or ask");
	assert_string_equal(v[2].text.p, "say \"yes\"; # no");
	assert_int_equal(v[3].number, 90000);
	assert_non_null(strstr(sample, "; step.1 ="));
	assert_non_null(strstr(sample, "best sum"));
	free(sample);
	free_ini(&ini);
}

static void the_manual_names_type_default_and_bounds(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	(void)state;
	option_print_manual(to, table, N);
	fclose(to);
	assert_non_null(strstr(text, "count (whole number, required)\n      how many"));
	assert_non_null(strstr(text, "Bounds: 1 to 9"));
	assert_non_null(strstr(text, "way (one of: best sum)"));
	assert_non_null(strstr(text, "Default: sum"));
	assert_non_null(strstr(text, "step.1 to .30"));
	assert_non_null(strstr(text, "match.NAME"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_takes_its_own_values),
		cmocka_unit_test(plain_http_goes_to_this_machine_only),
		cmocka_unit_test(a_section_is_read_through_its_table),
		cmocka_unit_test(what_does_not_fit_a_table_is_told_and_falls_back),
		cmocka_unit_test(all_faults_of_a_section_are_told_at_once),
		cmocka_unit_test(a_sample_loads_again),
		cmocka_unit_test(the_manual_names_type_default_and_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
