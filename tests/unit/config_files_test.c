/* Files, folders and what they include. */
#include "config_fixture.h"

#include <sys/stat.h>

static void put_folder(const char *folder, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void includes_stand_where_they_are_written(void **state)
{
	static const char *const order[] = { "z", "A", "b", "c", "deep", "deeper", "own" };
	char *folder = new_folder();
	struct read_ini ini;

	(void)state;
	put_folder(folder, "parts");
	put_folder(folder, "sub");
	put_file(folder, "caseroute.ini",
	    "; first\ninclude = z.ini, parts/*.ini , none/*.ini\ninclude = sub/deep.ini\n"
	    "[route own]\nk = own\n");
	put_file(folder, "z.ini", "[route z]\nk = z\n");
	put_file(folder, "parts/b.ini", "[route b]\nk = b\n");
	put_file(folder, "parts/A.ini", "[route A]\nk = A\n");
	put_file(folder, "parts/c.ini", "[route c]\nk = c\n");
	put_file(folder, "parts/c.txt", "[route c]\n");
	/* Relative to the file that includes, not to the first one. */
	put_file(folder, "sub/deep.ini", "include = first.ini\n[route deeper]\nk = deeper\n");
	put_file(folder, "sub/first.ini", "[route deep]\nk = deep\n");
	ini = read_path(folder);
	assert_string_equal(ini.said, "");
	assert_int_equal(config_count(ini.config), sizeof order / sizeof order[0]);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		const struct config_section *section = config_at(ini.config, i);

		assert_string_equal(section_name(section), order[i]);
		assert_string_equal(section_entry(section, "k")->value, order[i]);
	}
	assert_non_null(strstr(section_place(config_at(ini.config, 2)).file, "parts/b.ini"));
	free_ini(&ini);
	remove_folder(folder);
}

static void what_cannot_be_included_is_told(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "include = missing.ini\n", "/a.ini:1:11: error: " },
		{ "include = a.ini\n", "/a.ini includes itself" },
		{ "include = b.ini\n", "/a.ini includes itself" },
		{ "include = ./a.ini\n", "includes itself" },
		{ "include = link.ini\n", "/link.ini includes itself" },
		{ "include = folder\n", "is a folder" },
		{ "include = c.ini, c.ini\n",
		    "c.ini:1:1: error: section [route c] stands already" },
		{ "include = c.ini\n[route C]\n", "/a.ini:2:1: error: section [route C] stands" },
		{ "[route x]\ninclude = c.ini\n", "" },
	};
	char *folder = new_folder(), link_path[512];
	struct read_ini ini;

	(void)state;
	put_folder(folder, "folder");
	put_file(folder, "b.ini", "include = a.ini\n");
	put_file(folder, "c.ini", "[route c]\n");
	snprintf(link_path, sizeof link_path, "%s/link.ini", folder);
	assert_int_equal(symlink("a.ini", link_path), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ini = read_path(put_file(folder, "a.ini", cases[i].text));
		if (*cases[i].said)
			must_say(&ini, cases[i].said);
		else
			assert_string_equal(ini.said, "");
		assert_true(problems_count(ini.problems, PROBLEM_ERROR) <= 1);
		free_ini(&ini);
	}
	remove_folder(folder);
}

static void a_folder_s_name_is_no_pattern(void **state)
{
	char *folder = new_folder();
	struct read_ini ini;
	char path[512];

	(void)state;
	put_folder(folder, "de[s]k *");
	put_file(folder, "de[s]k */caseroute.ini", "include = one.ini, t*.ini\n[route own]\n");
	put_file(folder, "de[s]k */one.ini", "[route one]\n");
	put_file(folder, "de[s]k */two.ini", "[route two]\n");
	snprintf(path, sizeof path, "%s/de[s]k *", folder);
	ini = read_path(path);
	assert_string_equal(ini.said, "");
	assert_int_equal(config_count(ini.config), 3);
	free_ini(&ini);
	remove_folder(folder);
}

static void what_is_no_file_is_no_empty_configuration(void **state)
{
	char *folder = new_folder(), path[512];
	struct read_ini ini;

	(void)state;
	ini = read_path(folder); /* without a caseroute.ini */
	must_say(&ini, "caseroute.ini: cannot open: No such file");
	free_ini(&ini);
	snprintf(path, sizeof path, "%s/caseroute.ini", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	ini = read_path(path); /* a folder of that name, which has no caseroute.ini in it */
	assert_int_equal(problems_count(ini.problems, PROBLEM_ERROR), 1);
	free_ini(&ini);
	remove_folder(folder);
}

static void faults_of_several_files_are_told_in_one_run(void **state)
{
	char *folder = new_folder();
	struct read_ini ini;
	const char *first, *second, *third;

	(void)state;
	put_file(folder, "caseroute.ini", "include = b.ini, a.ini, c.ini\n[x]\nk = 1\nk = 2\n");
	put_bytes(folder, "a.ini", TEXT("\xef\xbb\xbf[a]\n"));
	put_bytes(folder, "b.ini", TEXT("[b]\nk = a\0b\n"));
	put_file(folder, "c.ini", "[c]\nk = x#y\n");
	ini = read_path(folder);
	assert_int_equal(problems_count(ini.problems, PROBLEM_ERROR), 4);
	first = strstr(ini.said, "a.ini:1:1: error: the file begins");
	second = strstr(ini.said, "b.ini:2:1: error: this line holds");
	third = strstr(ini.said, "caseroute.ini:4:1: error: [x] key");
	assert_true(first && second && third);
	/* By file, line and column, however they were found. */
	assert_true(first < second && second < strstr(ini.said, "c.ini:2:6"));
	free_ini(&ini);
	remove_folder(folder);
}

static void the_configuration_is_looked_for_in_order(void **state)
{
	char *folder = new_folder(), *found, wanted[512];

	(void)state;
	put_folder(folder, "caseroute");
	put_file(folder, "caseroute/caseroute.ini", "");
	put_file(folder, "other.ini", "");
	unsetenv("CASEROUTE_CONFIG");
	setenv("XDG_CONFIG_HOME", folder, 1);
	found = config_find(NULL);
	snprintf(wanted, sizeof wanted, "%s/caseroute/caseroute.ini", folder);
	assert_string_equal(found, wanted);
	free(found);
	snprintf(wanted, sizeof wanted, "%s/other.ini", folder);
	setenv("CASEROUTE_CONFIG", wanted, 1);
	found = config_find(NULL);
	assert_string_equal(found, wanted);
	free(found);
	snprintf(wanted, sizeof wanted, "%s/caseroute", folder);
	found = config_find(wanted); /* --config goes before; a folder means its file */
	strncat(wanted, "/caseroute.ini", sizeof wanted - strlen(wanted) - 1);
	assert_string_equal(found, wanted);
	free(found);
	unsetenv("CASEROUTE_CONFIG");
	unsetenv("XDG_CONFIG_HOME");
	remove_folder(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(includes_stand_where_they_are_written),
		cmocka_unit_test(what_cannot_be_included_is_told),
		cmocka_unit_test(a_folder_s_name_is_no_pattern),
		cmocka_unit_test(what_is_no_file_is_no_empty_configuration),
		cmocka_unit_test(faults_of_several_files_are_told_in_one_run),
		cmocka_unit_test(the_configuration_is_looked_for_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
