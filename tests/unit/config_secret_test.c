/* Secrets by reference: where they come from, and that nobody repeats them. */
#include "config_fixture.h"

#include "config/secret.h"

#include <sys/stat.h>

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	folder = new_folder();
	setenv("CASEROUTE_TEST_KEY", "hunter2", 1);
	setenv("CASEROUTE_TEST_EMPTY", "", 1);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	put_file(folder, "key", "hunter2\n");
	put_file(folder, "windows", "hunter2\r\n");
	put_file(folder, "inner", "hunter2\nand more");
	put_file(folder, "empty", "\n");
	return 0;
}

static int drop_folder(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static void a_secret_comes_from_file_environment_or_credential(void **state)
{
	static const struct {
		const char *reference, *text;
	} cases[] = {
		{ "file:key", "hunter2" },
		{ "file:windows", "hunter2" },
		{ "file:inner", "hunter2\nand more" },
		{ "env:CASEROUTE_TEST_KEY", "hunter2" },
		{ "cred:key", "hunter2" },
	};
	char base[512];

	(void)state;
	snprintf(base, sizeof base, "%s/caseroute.ini", folder);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct secret secret;
		struct failure why = { 0 };

		if (!secret_read(cases[i].reference, base, &secret, &why))
			fail_msg("%s: %s", cases[i].reference, why.text);
		assert_int_equal(secret.bytes.n, strlen(cases[i].text));
		assert_string_equal(secret.bytes.p, cases[i].text);
		secret_free(&secret);
		assert_null(secret.bytes.p);
	}
}

static void a_secret_that_is_not_there_is_told_without_it(void **state)
{
	static const struct {
		const char *reference, *said;
	} cases[] = {
		{ "file:missing", "/missing: cannot open" },
		{ "file:empty", "secret file:empty is empty" },
		{ "file:.", "is a folder" },
		{ "env:CASEROUTE_TEST_NOT_SET", "the variable is not set or empty" },
		{ "env:CASEROUTE_TEST_EMPTY", "the variable is not set or empty" },
		{ "cred:missing", "/missing: cannot open" },
		{ "cred:../key", "a credential's name holds no '/'" },
		{ "hunter2", "a secret is named by file:PATH, env:NAME or cred:NAME" },
		{ "", "a secret is named by" },
	};
	char base[512];

	(void)state;
	snprintf(base, sizeof base, "%s/caseroute.ini", folder);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct secret secret;
		struct failure why = { 0 };

		assert_false(secret_read(cases[i].reference, base, &secret, &why));
		if (!strstr(why.text, cases[i].said))
			fail_msg("%s: %s", cases[i].reference, why.text);
		assert_null(strstr(why.text, "hunter2"));
		assert_null(secret.bytes.p);
	}
}

static void credentials_need_their_folder(void **state)
{
	struct secret secret;
	struct failure why = { 0 };

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_false(secret_read("cred:key", NULL, &secret, &why));
	assert_non_null(strstr(why.text, "$CREDENTIALS_DIRECTORY is not set"));
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
}

static void a_secret_has_64_kib_at_most(void **state)
{
	struct buffer big = { 0 };
	struct secret secret;
	struct failure why = { 0 };
	char base[512];

	(void)state;
	snprintf(base, sizeof base, "%s/caseroute.ini", folder);
	for (size_t i = 0; i < 64 * 1024; i++)
		buffer_char(&big, 'x');
	put_bytes(folder, "big", buffer_as_text(&big));
	assert_true(secret_read("file:big", base, &secret, &why));
	assert_int_equal(secret.bytes.n, 64 * 1024);
	secret_free(&secret);
	buffer_char(&big, 'x');
	put_bytes(folder, "big", buffer_as_text(&big));
	assert_false(secret_read("file:big", base, &secret, &why));
	assert_non_null(strstr(why.text, "longer than 65536 bytes"));
	assert_null(strstr(why.text, "xxx"));
	buffer_free(&big);
}

static void a_reference_is_known_by_its_form(void **state)
{
	static const struct {
		const char *text;
		bool is_ok;
	} cases[] = { { "file:a", true }, { "env:A", true }, { "cred:a", true }, { "file:", false },
		{ "env:", false }, { "FILE:a", false }, { "files:a", false }, { "", false },
		{ " file:a", false } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(secret_reference_ok(text_of(cases[i].text)), cases[i].is_ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_comes_from_file_environment_or_credential),
		cmocka_unit_test(a_secret_that_is_not_there_is_told_without_it),
		cmocka_unit_test(credentials_need_their_folder),
		cmocka_unit_test(a_secret_has_64_kib_at_most),
		cmocka_unit_test(a_reference_is_known_by_its_form),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
