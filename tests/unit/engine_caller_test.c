#include "config_fixture.h"
#include "engine/caller.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NOW ((instant)1796000000000)

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct callers *read_callers(struct read_ini *ini, const char *text)
{
	const struct callers *callers;

	*ini = read_ini(text);
	callers = callers_read(ini->config, arena, ini->problems);
	config_finish(ini->config, ini->problems);
	said_of(ini, false);
	return callers;
}

static void says(const char *text, const char *part)
{
	struct read_ini ini;

	read_callers(&ini, text);
	must_say(&ini, part);
	free_ini(&ini);
}

static void a_new_key_is_found_by_its_hash_and_two_differ(void **state)
{
	char keys[2][CALLER_KEY_TEXT], hashes[2][CALLER_HASH_TEXT];
	struct buffer text = { 0 };
	const struct callers *callers;
	struct read_ini ini;

	(void)state;
	for (int i = 0; i < 2; i++) {
		caller_new_key(keys[i], hashes[i]);
		assert_int_equal(strlen(keys[i]), strlen(CALLER_KEY_PREFIX) + 43);
		assert_int_equal(strlen(hashes[i]), CALLER_HASH_TEXT - 1);
	}
	assert_string_not_equal(keys[0], keys[1]);
	buffer_format(&text, "[caller psa]\nkey = %s\nkey.2 = %s\nroles = integrator, auditor\n",
	    hashes[0], hashes[1]);
	callers = read_callers(&ini, text.p);
	assert_int_equal(problems_count(ini.problems, PROBLEM_ERROR), 0);
	for (int i = 0; i < 2; i++) {
		const struct caller *found = callers_find(callers, text_of(keys[i]), NOW);

		assert_non_null(found);
		assert_string_equal(found->name, "psa");
		assert_int_equal(found->roles, CALLER_INTEGRATOR | CALLER_AUDITOR);
	}
	buffer_free(&text);
	free_ini(&ini);
}

static void a_wrong_key_is_nobody(void **state)
{
	char key[CALLER_KEY_TEXT], hash[CALLER_HASH_TEXT];
	struct buffer text = { 0 };
	const struct callers *callers;
	struct read_ini ini;
	struct text right;

	(void)state;
	caller_new_key(key, hash);
	buffer_format(&text, "[caller psa]\nkey = %s\nroles = agent\n", hash);
	callers = read_callers(&ini, text.p);
	right = text_of(key);
	assert_non_null(callers_find(callers, right, NOW));
	assert_null(callers_find(callers, (struct text){ right.p, right.n - 1 }, NOW));
	assert_null(callers_find(callers, (struct text){ right.p, right.n + 1 }, NOW));
	assert_null(callers_find(callers, text_of(hash), NOW));
	assert_null(callers_find(callers, TEXT(""), NOW));
	key[20] ^= 1;
	assert_null(callers_find(callers, right, NOW));
	buffer_free(&text);
	free_ini(&ini);
}

static void a_key_ends_with_its_day(void **state)
{
	char key[CALLER_KEY_TEXT], hash[CALLER_HASH_TEXT];
	struct buffer text = { 0 };
	const struct callers *callers;
	struct read_ini ini;
	instant end;

	(void)state;
	caller_new_key(key, hash);
	buffer_format(&text, "[caller psa]\nkey.1 = %s\nroles = agent\nuntil = 2026-11-24\n", hash);
	callers = read_callers(&ini, text.p);
	assert_true(instant_read_end(TEXT("2026-11-24"), &end));
	assert_non_null(callers_find(callers, text_of(key), end));
	assert_null(callers_find(callers, text_of(key), end + 1));
	buffer_free(&text);
	free_ini(&ini);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	(void)state;
	says("[caller psa]\nroles = agent\n", "test.ini:1:1: error: [caller psa] key is missing");
	says("[caller psa]\nkey = sha256:" HEX "\n", "[caller psa] roles is missing");
	says("[caller psa]\nkey = sha256:" HEX "\nroles = agnet\n",
	    "test.ini:3:9: error: [caller psa] roles is \"agnet\"; did you mean \"agent\"?");
	says("[caller psa]\nkey = sha256:" HEX "\nroles =\n", "[caller psa] roles names none");
	says("[caller psa]\nkey = sha256:" HEX "\nroles = agent\nuntil = soon\n",
	    "test.ini:4:9: error:");
	says("[caller psa]\nkey = sha256:" HEX "0\nroles = agent\n", "test.ini:2:7: error:");
	says("[caller psa]\nkey = sha256:0x" HEX "\nroles = agent\n", "64 hexadecimal digits");
	says("[caller psa]\nkey =\nroles = agent\n", "64 hexadecimal digits");
	says("[caller psa]\nkey.31 = sha256:" HEX "\nroles = agent\n", "must end in a number");
	says("[caller psa]\nkeys = sha256:" HEX "\nroles = agent\n", "did you mean \"key\"?");
	says("[caller]\nkey = sha256:" HEX "\nroles = agent\n", "[caller] needs a name");
	says("[caller a b]\nkey = sha256:" HEX "\nroles = agent\n", "[caller] needs a name");
	says("[callre psa]\nroles = agent\n", "did you mean [caller]?");
	says("[caller a]\nkey = sha256:" HEX "\nroles = agent\n[caller b]\nkey.7 = sha256:" HEX
	     "\nroles = agent\n",
	    "test.ini:4:1: error: [caller b] has a key that [caller a] has already");
	says("[caller a]\nkey = sha256:" HEX "\nkey.2 = sha256:" HEX "\nroles = agent\n",
	    "[caller a] has a key that [caller a] has already");
}

static void a_key_in_the_open_is_refused_and_not_repeated(void **state)
{
	char key[CALLER_KEY_TEXT], hash[CALLER_HASH_TEXT];
	struct buffer text = { 0 };
	struct read_ini ini;

	(void)state;
	caller_new_key(key, hash);
	buffer_format(&text, "[caller psa]\nkey = %s\nroles = agent\n", key);
	read_callers(&ini, text.p);
	must_say(&ini, "never the key itself");
	assert_null(strstr(ini.said, key + strlen(CALLER_KEY_PREFIX)));
	buffer_free(&text);
	free_ini(&ini);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_key_is_found_by_its_hash_and_two_differ),
		TEST(a_wrong_key_is_nobody),
		TEST(a_key_ends_with_its_day),
		TEST(what_is_wrong_is_told_with_its_place),
		TEST(a_key_in_the_open_is_refused_and_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
