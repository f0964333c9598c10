/* What iniparser would bend without a word is refused, with its place; the rest is read. */
#include "config_fixture.h"

#include "config/scan.h"

#define BYTES(text) (text), sizeof(text) - 1

static void what_would_be_bent_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *said;
	} cases[] = {
		/* a comment that cuts a value */
		{ BYTES("[a]\nurl = https://h/p#frag\n"), "test.ini:2:18: error: '#' would cut" },
		{ BYTES("[a]\npassword = ab;cd\n"), "test.ini:2:14: error: ';' would cut" },
		/* quotes */
		{ BYTES("[a]\ne = \"a\\\"b\"\n"), "test.ini:2:8: error: \\\" inside quotes" },
		{ BYTES("[a]\ne = \"open\n"), "test.ini:2:5: error: this value has no closing \"" },
		{ BYTES("[a]\ne = 'open\n"), "no closing '" },
		{ BYTES("[a]\ne = \"a\" b\n"), "test.ini:2:9: error: text stands behind" },
		/* colons join section and key */
		{ BYTES("[route:cloud]\nk = 1\n"), "test.ini:1:1: error: a section name cannot" },
		{ BYTES("[route]\ncloud:k = 1\n"), "test.ini:2:1: error: a key cannot hold ':'" },
		/* continuation, also before blanks and in comments */
		{ BYTES("[a]\nw = C:\\dir\\\nk = 1\n"), "test.ini:2:11: error: a '\\'" },
		{ BYTES("[a]\nw = C:\\dir\\ \t\nk = 1\n"), "test.ini:2:11: error: a '\\'" },
		{ BYTES("[a]\n; a comment \\\nk = 1\n"), "test.ini:2:13: error: a '\\'" },
		{ BYTES("[a]\r\nw = x\\\r\nk = 1\r\n"), "test.ini:2:6: error: a '\\'" },
		/* bytes */
		{ BYTES("\xef\xbb\xbf[a]\nk = 1\n"),
		    "test.ini:1:1: error: the file begins with a byte" },
		{ BYTES("[a]\nk = a\0b\n"), "test.ini:2:1: error: this line holds a NUL byte" },
		{ BYTES("[a]\nk = caf\xe9\n"), "test.ini:2:8: error: byte 8 of this line is not" },
		{ BYTES("[a]\nk = \xc0\xaf\n"), "byte 5 of this line is not UTF-8" },
		/* duplicates, whatever the case */
		{ BYTES("[a]\nk = 1\nK = 2\n"),
		    "test.ini:3:1: error: [a] key \"k\" stands already in line 2" },
		{ BYTES("[A b]\nk = 1\n[a B]\n"),
		    "test.ini:3:1: error: section [a B] stands already in test.ini:1" },
		{ BYTES("[a b]\n[a  b]\n"), "test.ini:2:1: error: section [a  b] stands already" },
		{ BYTES("[a b]\n[a\tb]\n"), "stands already" },
		/* grammar */
		{ BYTES("[a\nk = 1\n"), "test.ini:1:1: error: this section header has no closing" },
		{ BYTES("[]\n"), "this section has no name" },
		{ BYTES("[a] k = 1\n"), "test.ini:1:5: error: nothing may stand behind" },
		{ BYTES("[a] ; note\n"), "test.ini:1:5: error: nothing may stand behind" },
		{ BYTES("[a] ; b = c\nk = 1\n"), "a comment on a line of its own" },
		{ BYTES("[a]\njust words\n"), "test.ini:2:1: error: this is neither" },
		{ BYTES("[a]\n = 1\n"), "test.ini:2:2: error: a key is missing" },
		{ BYTES("[a]\nk;x = 1\n"), "a key cannot hold" },
		{ BYTES("k = 1\n[a]\n"), "test.ini:1:1: error: key \"k\" stands before the first" },
		{ BYTES("include = x.ini\n[a]\n"), "test.ini:1:11: error: include: only a file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct read_ini ini = read_bytes(cases[i].bytes, cases[i].n);

		must_say(&ini, cases[i].said);
		free_ini(&ini);
	}
}

static void what_is_plain_is_read_as_it_looks(void **state)
{
	static const struct {
		const char *line, *value;
	} cases[] = {
		{ "k = v", "v" },
		{ "k=v", "v" },
		{ "  \tk\t=\tv\t", "v" },
		{ "K = Mixed Case", "Mixed Case" },
		{ "k = a b  c", "a b  c" },
		{ "k =", "" },
		{ "k = ; nothing", "" },
		{ "k = # nothing", "" },
		{ "k = v ; note", "v" },
		{ "k = v # note", "v" },
		{ "k = \"v ; # '\" ; note", "v ; # '" },
		{ "k = 'say \"hi\"'", "say \"hi\"" },
		{ "k = \"\"", "" },
		{ "k = ''", "" },
		{ "k = \" v \"", " v " },
		{ "k = a = b", "a = b" },
		{ "k = 010", "010" },
		{ "k = 99999999999", "99999999999" },
		{ "k = nope", "nope" },
		{ "k = C:\\dir\\file", "C:\\dir\\file" },
		{ "k = \xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac" },
		{ "k = [x]", "[x]" },
		{ "k = a\"b", "a\"b" },
		{ "k = v\r", "v" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[256];
		struct read_ini ini;

		snprintf(text, sizeof text, "[a]\n%s\nlast = 1\n", cases[i].line);
		ini = read_ini(text);
		assert_string_equal(ini.said, "");
		assert_string_equal(value_of(&ini, "a", "k"), cases[i].value);
		assert_string_equal(value_of(&ini, "a", "last"), "1");
		free_ini(&ini);
	}
}

/* A line of n bytes, with the ending. */
static struct read_ini long_line(size_t n, const char *ending)
{
	struct buffer text = { 0 };
	struct read_ini ini;

	buffer_text(&text, "[a]\nk = ");
	for (size_t i = 4; i < n; i++)
		buffer_char(&text, 'x');
	buffer_format(&text, "%slast = 1\n", ending);
	ini = read_bytes(text.p, text.n);
	buffer_free(&text);
	return ini;
}

static void a_line_of_1022_bytes_is_the_longest(void **state)
{
	static const struct {
		size_t n;
		const char *ending;
		bool is_ok;
	} cases[] = { { 1022, "\n", true }, { 1023, "\n", false }, { 1021, "\r\n", true },
		{ 1022, "\r\n", false }, { 100000, "\n", false } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct read_ini ini = long_line(cases[i].n, cases[i].ending);

		if (cases[i].is_ok)
			assert_string_equal(ini.said, "");
		else
			must_say(&ini, "test.ini:2:1: error: this line has ");
		if (cases[i].is_ok)
			assert_int_equal(strlen(value_of(&ini, "a", "k")), cases[i].n - 4);
		free_ini(&ini);
	}
}

static void columns_count_characters(void **state)
{
	static const struct {
		const char *line;
		uint32_t key, value;
	} cases[] = {
		{ "k = v", 1, 5 },
		{ "\tk = v", 2, 6 },
		{ "\xc3\xa9k = v", 1, 6 },
		{ "k\t=\t\"v\"", 1, 5 },
		{ "  k=v", 3, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[128];
		struct read_ini ini;
		const struct config_entry *entry;

		snprintf(text, sizeof text, "; one\n\n[a]\n%s\n", cases[i].line);
		ini = read_ini(text);
		entry = section_at(config_at(ini.config, 0), 0);
		assert_non_null(entry);
		assert_int_equal(entry->place.line, 4);
		assert_int_equal(entry->place.column, cases[i].key);
		assert_int_equal(entry->value_place.column, cases[i].value);
		assert_string_equal(entry->place.file, "test.ini");
		free_ini(&ini);
	}
}

static void a_section_is_found_by_kind_and_name(void **state)
{
	struct read_ini ini = read_ini("[Portal  Azure Gov]\nk = 1\n[ledger]\nk = 2\n"
				       "[portal\tlcs]\nk = 3\n[portal x]\n");
	const struct config_section *section =
	    config_find_section(ini.config, "portal", "azure gov");

	(void)state;
	assert_string_equal(ini.said, "");
	assert_non_null(section);
	assert_string_equal(section_kind(section), "portal");
	assert_string_equal(section_name(section), "Azure Gov");
	assert_string_equal(section_entry(section, "k")->value, "1");
	section = config_next(ini.config, "portal", section);
	assert_string_equal(section_name(section), "lcs");
	assert_string_equal(section_entry(section, "k")->value, "3");
	assert_string_equal(section_name(config_next(ini.config, "portal", section)), "x");
	assert_string_equal(section_name(config_find_section(ini.config, "ledger", "")), "");
	assert_null(config_find_section(ini.config, "portal", "nowhere"));
	assert_null(config_next(ini.config, "route", NULL));
	assert_int_equal(config_count(ini.config), 4);
	assert_null(config_at(ini.config, 4));
	free_ini(&ini);
}

static void all_that_is_wrong_is_told_in_the_order_of_the_file(void **state)
{
	struct read_ini ini = read_ini("[a]\nu = x#y\nnonsense\n[b:c]\nk = 1\nk = 2\n[a]\n");
	static const char *const order[] = { ":2:6:", ":3:1:", ":4:1:", ":6:1:", ":7:1:" };
	const char *at = ini.said;

	(void)state;
	assert_int_equal(problems_count(ini.problems, PROBLEM_ERROR), 5);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		at = strstr(at, order[i]);
		if (!at)
			fail_msg("%s is not told in its turn:\n%s", order[i], ini.said);
	}
	free_ini(&ini);
}

static void ten_thousand_routes_are_read_whole(void **state)
{
	struct buffer text = { 0 };
	struct read_ini ini;
	char name[32], value[32];

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		buffer_format(&text,
		    "[route r%u]\nmatch.customer = c%u\nplan = contract\nnote = \"n%u;\"\n", i, i,
		    i);
	ini = read_bytes(text.p, text.n);
	assert_string_equal(ini.said, "");
	assert_int_equal(config_count(ini.config), 10000);
	for (unsigned i = 0; i < 10000; i += 7) {
		const struct config_section *section;

		snprintf(name, sizeof name, "r%u", i);
		snprintf(value, sizeof value, "n%u;", i);
		section = config_find_section(ini.config, "route", name);
		assert_string_equal(section_entry(section, "note")->value, value);
		assert_int_equal(section_place(section).line, i * 4 + 1);
	}
	buffer_free(&text);
	free_ini(&ini);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_be_bent_is_refused_with_its_place),
		cmocka_unit_test(what_is_plain_is_read_as_it_looks),
		cmocka_unit_test(a_line_of_1022_bytes_is_the_longest),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(a_section_is_found_by_kind_and_name),
		cmocka_unit_test(all_that_is_wrong_is_told_in_the_order_of_the_file),
		cmocka_unit_test(ten_thousand_routes_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
