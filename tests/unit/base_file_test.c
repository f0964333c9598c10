/* Whole files, and failures. */
#include "config_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void a_file_is_read_whole_and_ends_in_nul(void **state)
{
	char *folder = new_folder();
	struct buffer big = { 0 }, read = { 0 };
	struct failure why = { 0 };

	(void)state;
	for (unsigned i = 0; i < 50000; i++)
		buffer_format(&big, "%u;", i);
	buffer_append(&big, "\0x", 2);
	assert_true(file_read(put_bytes(folder, "big", buffer_as_text(&big)), big.n, &read, &why));
	assert_true(text_equal(buffer_as_text(&read), buffer_as_text(&big)));
	assert_int_equal(read.p[read.n], 0);
	buffer_free(&read);
	assert_false(
	    file_read(put_bytes(folder, "big", buffer_as_text(&big)), big.n - 1, &read, &why));
	assert_int_equal(why.kind, FAILURE_DATA);
	buffer_free(&read);
	assert_true(file_read(put_file(folder, "empty", ""), 0, &read, &why));
	assert_string_equal(read.p, "");
	buffer_free(&read);
	buffer_free(&big);
	remove_folder(folder);
}

static void what_cannot_be_read_is_told(void **state)
{
	char *folder = new_folder(), path[512];
	struct buffer read = { 0 };
	struct failure why = { 0 };

	(void)state;
	snprintf(path, sizeof path, "%s/missing", folder);
	assert_false(file_read(path, 100, &read, &why));
	assert_int_equal(why.kind, FAILURE_NO_INPUT);
	assert_non_null(strstr(why.text, "/missing: cannot open: No such file"));
	why = (struct failure){ 0 };
	assert_false(file_read(folder, 100, &read, &why));
	assert_int_equal(why.kind, FAILURE_NO_INPUT);
	assert_non_null(strstr(why.text, "is a folder"));
	buffer_free(&read);
	remove_folder(folder);
}

static void standard_input_is_read_from_a_pipe(void **state)
{
	int ends[2];
	pid_t child;
	int status = -1;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct buffer read = { 0 };

		dup2(ends[0], STDIN_FILENO);
		close(ends[1]);
		_exit(!file_read("-", 100, &read, NULL) ||
		    !text_is(buffer_as_text(&read), "one two"));
	}
	close(ends[0]);
	assert_int_equal(write(ends[1], "one ", 4), 4);
	assert_int_equal(write(ends[1], "two", 3), 3);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static unsigned mode_of(const char *path)
{
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	return info.st_mode & 0777;
}

static unsigned files_in(const char *folder)
{
	char command[600];
	FILE *list;
	unsigned n = 0;

	snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder);
	list = popen(command, "r");
	assert_int_equal(fscanf(list, "%u", &n), 1);
	pclose(list);
	return n;
}

static void a_file_is_written_whole_or_not_at_all(void **state)
{
	char *folder = new_folder(), path[512];
	struct buffer read = { 0 };
	struct failure why = { 0 };

	(void)state;
	snprintf(path, sizeof path, "%s/new", folder);
	umask(0077);
	assert_true(file_write(path, TEXT("one"), 0644, false, &why));
	assert_int_equal(mode_of(path), 0644); /* as wished, whatever the umask */
	assert_false(file_write(path, TEXT("two"), 0600, false, &why));
	assert_int_equal(why.kind, FAILURE_CANNOT_CREATE);
	assert_non_null(strstr(why.text, "File exists"));
	assert_true(file_read(path, 100, &read, NULL) && text_is(buffer_as_text(&read), "one"));
	buffer_free(&read);
	assert_true(file_write(path, TEXT("two"), 0600, true, NULL));
	assert_int_equal(mode_of(path), 0600);
	assert_true(file_read(path, 100, &read, NULL) && text_is(buffer_as_text(&read), "two"));
	buffer_free(&read);
	assert_int_equal(files_in(folder), 1); /* no temporary is left */
	snprintf(path, sizeof path, "%s/none/new", folder);
	assert_false(file_write(path, TEXT("x"), 0600, true, &why));
	remove_folder(folder);
}

static void folders_are_made_with_their_parents(void **state)
{
	char *folder = new_folder(), path[512];
	struct failure why = { 0 };

	(void)state;
	snprintf(path, sizeof path, "%s/a/b/c", folder);
	assert_true(file_make_directory(path, &why));
	assert_true(file_make_directory(path, &why));
	assert_int_equal(mode_of(path), 0700);
	snprintf(path, sizeof path, "%s/", put_file(folder, "file", ""));
	assert_false(file_make_directory(strcat(path, "x"), &why));
	assert_int_equal(why.kind, FAILURE_CANNOT_CREATE);
	remove_folder(folder);
}

/* ---- failures ------------------------------------------------------------------------ */

static void the_first_failure_stands(void **state)
{
	struct failure why = { 0 };

	(void)state;
	assert_false(failure_context(&why, "nothing"));
	assert_int_equal(why.kind, FAILURE_NONE);
	assert_false(failure_set(&why, FAILURE_DATA, "line %d", 3));
	assert_false(failure_set(&why, FAILURE_IO, "later"));
	assert_false(failure_context(&why, "%s", "x.json"));
	assert_int_equal(why.kind, FAILURE_DATA);
	assert_string_equal(why.text, "x.json: line 3");
	assert_false(failure_set(NULL, FAILURE_IO, "nobody asks"));
	assert_false(failure_context(NULL, "nobody asks"));
}

static void a_long_failure_is_cut_at_its_end(void **state)
{
	struct failure why = { 0 };
	char big[3000];

	(void)state;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	failure_set(&why, FAILURE_DATA, "start %s", big);
	assert_int_equal(strlen(why.text), sizeof why.text - 1);
	failure_context(&why, "here");
	assert_memory_equal(why.text, "here: start xxx", 15);
	assert_true(strlen(why.text) < sizeof why.text);
	failure_context(&why, "%s", big);
	assert_true(strlen(why.text) < sizeof why.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole_and_ends_in_nul),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(standard_input_is_read_from_a_pipe),
		cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
		cmocka_unit_test(folders_are_made_with_their_parents),
		cmocka_unit_test(the_first_failure_stands),
		cmocka_unit_test(a_long_failure_is_cut_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
