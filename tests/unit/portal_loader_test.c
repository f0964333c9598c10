#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "portal/elf.h"
#include "portal/loader.h"

#define PLUGINS BINARY_DIR "/tests/plugins"
#define SYMBOL "caseroute_portal_1"

static bool prove(struct text bytes, struct failure *why)
{
	return elf_prove(
	    (const unsigned char *)bytes.p, bytes.n, SYMBOL, (size_t)sysconf(_SC_PAGESIZE), why);
}

static void read_plugin(const char *name, struct buffer *bytes)
{
	struct failure why = { 0 };
	char path[1024];

	snprintf(path, sizeof path, PLUGINS "/%s.so", name);
	if (!file_read(path, (size_t)16 << 20, bytes, &why))
		fail_msg("%s", why.text);
}

static void a_plugin_that_keeps_the_rules_is_proven(void **state)
{
	struct buffer bytes = { 0 };
	struct failure why = { 0 };

	(void)state;
	read_plugin("good", &bytes);
	if (!prove(buffer_as_text(&bytes), &why))
		fail_msg("%s", why.text);
	buffer_free(&bytes);
}

static void what_breaks_a_rule_is_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *plugin, *sentence;
	} cases[] = {
		{ "constructor", "it has a constructor (INIT_ARRAY)" },
		{ "writable", "it has writable data" },
		{ "socket", "it imports 'socket'" },
		{ "later-major",
		    "it is for a later plugin ABI (it exports 'caseroute_portal_2'); use a newer "
		    "caseroute" },
		{ "no-symbol", "it does not export caseroute_portal_1" },
		{ "two-symbols", "it exports 'create'" },
		{ "thread-local", "it has thread-local variables" },
		{ "indirect", "it has an indirect function" },
		{ "linked", "it " },
		{ "executable-stack", "it asks for an executable stack" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buffer bytes = { 0 };
		struct failure why = { 0 };

		read_plugin(cases[i].plugin, &bytes);
		if (prove(buffer_as_text(&bytes), &why) ||
		    strncmp(why.text, cases[i].sentence, strlen(cases[i].sentence)) != 0)
			fail_msg("%s: expected '%s', got '%s'", cases[i].plugin, cases[i].sentence,
			    why.text);
		buffer_free(&bytes);
	}
}

static void refuses_bytes(struct text bytes, const char *sentence)
{
	struct failure why = { 0 };

	if (prove(bytes, &why) || strncmp(why.text, sentence, strlen(sentence)) != 0)
		fail_msg("expected '%s', got '%s'", sentence, why.text);
}

static void what_is_no_plugin_of_this_machine_is_refused(void **state)
{
	static const struct {
		unsigned char class, order;
		uint16_t machine;
		const char *sentence;
	} cases[] = {
		{ ELFCLASS64, ELFDATA2LSB, EM_RISCV, "it is built for RISC-V; build it for this" },
		{ ELFCLASS32, ELFDATA2LSB, EM_ARM, "it is built for 32-bit ARM; build it for" },
		{ ELFCLASS32, ELFDATA2LSB, EM_386, "it is built for 32-bit x86; build it for" },
		{ ELFCLASS64, ELFDATA2MSB, 0x1600, "it is built for IBM Z; build it for this" },
		{ ELFCLASS64, ELFDATA2LSB, 4711, "it is built for another kind of machine" },
		{ ELFCLASS32, ELFDATA2LSB, 0, "it is built for another kind of machine (another" },
	};
	struct buffer bytes = { 0 };
	Elf64_Ehdr h;

	(void)state;
	read_plugin("good", &bytes);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memcpy(&h, bytes.p, sizeof h);
		h.e_ident[EI_CLASS] = cases[i].class;
		h.e_ident[EI_DATA] = cases[i].order;
		h.e_machine = cases[i].machine ? cases[i].machine : h.e_machine;
		refuses_bytes((struct text){ (char *)&h, sizeof h }, cases[i].sentence);
	}
	refuses_bytes(TEXT(""), "it is empty; copy or build it again");
	refuses_bytes(TEXT("#!/bin/sh"), "it is not an ELF file; a plugin is a shared object");
	refuses_bytes((struct text){ bytes.p, 30 }, "it is cut off in its header; copy or build");
	refuses_bytes(
	    (struct text){ bytes.p, 100 }, "it is cut off in its table of segments; copy");
	refuses_bytes((struct text){ bytes.p, bytes.n / 2 },
	    "it is cut off: a segment lies beyond its end; copy or build it again");
	buffer_free(&bytes);
}

/* The copy is exact in size, so that the sanitizers see a read beyond it. */
static void a_file_cut_anywhere_is_refused(void **state)
{
	struct buffer bytes = { 0 };

	(void)state;
	read_plugin("good", &bytes);
	for (size_t n = 0; n < 0x2f00 && n < bytes.n; n += n < 600 ? 1 : 61) {
		unsigned char *copy = malloc(n + 1);
		struct failure why = { 0 };

		assert_non_null(copy);
		memcpy(copy, bytes.p, n);
		copy = realloc(copy, n ? n : 1);
		assert_false(elf_prove(copy, n, SYMBOL, 4096, &why));
		assert_int_not_equal(why.kind, FAILURE_NONE);
		free(copy);
	}
	buffer_free(&bytes);
}

static void changed_bytes_never_make_it_read_beyond(void **state)
{
	struct buffer bytes = { 0 };
	unsigned seed = 1;

	(void)state;
	read_plugin("good", &bytes);
	for (int i = 0; i < 20000; i++) {
		size_t at = (size_t)rand_r(&seed) % (i % 2 ? 0x400 : bytes.n);
		char old = bytes.p[at];

		bytes.p[at] = (char)rand_r(&seed);
		prove(buffer_as_text(&bytes), NULL);
		bytes.p[at] = old;
	}
	buffer_free(&bytes);
}

static void refuses_to_load(const char *name, const char *sentence)
{
	struct failure why = { 0 };

	if (plugin_load(PLUGINS, name, &why) || !strstr(why.text, sentence))
		fail_msg("%s: expected '%s', got '%s'", name, sentence, why.text);
}

static void tables_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	refuses_to_load("wrong-major",
	    "it is built for plugin ABI 9.0, this caseroute speaks 1.0: use a newer caseroute");
	refuses_to_load("needs-more",
	    "it is built for plugin ABI 1.1, this caseroute speaks 1.0: it needs what this one "
	    "does "
	    "not have (0x4); use a newer caseroute");
	refuses_to_load("short-table", "its table is cut off");
	refuses_to_load("wild-pointers", "its table points at options that are not there");
	refuses_to_load("other-name", "it calls itself 'another'");
	refuses_to_load("missing", "there is no missing.so in " PLUGINS);
	refuses_to_load("godo", "did you mean \"good\"?");
	refuses_to_load("../good", "a plugin's name is");
}

static void one_of_a_later_minor_version_loads_and_runs(void **state)
{
	struct failure why = { 0 };
	const struct plugin *plugin = plugin_load(PLUGINS, "later-minor", &why);
	struct portal_value values[] = { { PORTAL_STR("a"), 0 }, { PORTAL_STR("b"), 0 } };
	struct {
		struct portal_outcome out;
		uint64_t beyond;
	} given = { .out = { .size = sizeof given.out }, .beyond = 4711 };
	struct portal_op op = { .size = sizeof op, .options = values, .out = &given.out };

	(void)state;
	if (!plugin)
		fail_msg("%s", why.text);
	assert_int_equal(plugin->table.abi_minor, 1);
	assert_string_equal(plugin->options[1].name, "second");
	assert_int_equal(plugin->errors[0].failure, PORTAL_E_SPENT);
	assert_int_equal(plugin->table.create(&op), PORTAL_DONE);
	assert_string_equal(given.out.ticket.p, "b");
	assert_int_equal(given.beyond, 4711);
}

static void a_bad_file_is_refused_before_it_is_opened(void **state)
{
	(void)state;
#ifdef CASEROUTE_INSTRUMENTED
	skip();
#endif
	refuses_to_load("constructor", "plugin " PLUGINS "/constructor.so: it has a constructor");
	refuses_to_load(
	    "later-major", "plugin " PLUGINS "/later-major.so: it is for a later plugin ABI");
}

static void equal_files_are_opened_once_and_others_anew(void **state)
{
	const struct plugin *first, *again, *copied;
	struct buffer bytes = { 0 };
	struct failure why = { 0 };
	char path[] = "/tmp/caseroute-plugin-XXXXXX";

	(void)state;
	first = plugin_load(PLUGINS, "good", &why);
	again = plugin_load("/nowhere:" PLUGINS, "good", &why);
	assert_non_null(first);
	assert_ptr_equal(first, again);
	assert_string_equal(first->table.name, "good");
	read_plugin("good", &bytes);
	buffer_char(&bytes, 0); /* another file that does the same */
	close(mkstemp(path));
	assert_true(file_write(path, buffer_as_text(&bytes), 0600, true, &why));
	copied = plugin_load_file(path, &why);
	assert_non_null(copied);
	assert_ptr_not_equal(first, copied);
	unlink(path);
	buffer_free(&bytes);
}

static void a_file_that_anybody_may_write_is_refused(void **state)
{
	struct buffer bytes = { 0 };
	struct failure why = { 0 };
	char path[] = "/tmp/caseroute-plugin-XXXXXX";

	(void)state;
	read_plugin("good", &bytes);
	close(mkstemp(path));
	assert_true(file_write(path, buffer_as_text(&bytes), 0600, true, &why));
	assert_int_equal(chmod(path, 0666), 0);
	assert_null(plugin_load_file(path, &why));
	assert_non_null(strstr(why.text, "anybody may write"));
	unlink(path);
	buffer_free(&bytes);
}

/* ---- the table's rules ------------------------------------------------------------------ */

static uint32_t do_nothing(struct portal_op *op)
{
	(void)op;
	return PORTAL_FAILED;
}

static struct portal_plugin table_with(const struct portal_option *options, uint32_t n)
{
	return (struct portal_plugin){ .size = sizeof(struct portal_plugin),
		.abi_major = PORTAL_ABI_MAJOR,
		.abi_minor = PORTAL_ABI_MINOR,
		.option_size = sizeof *options,
		.options = options,
		.n_options = n,
		.name = "x",
		.title = "X",
		.version = "1",
		.create = do_nothing };
}

static void wrong_options_are_refused(void **state)
{
	static const struct {
		struct portal_option option;
		const char *sentence;
	} cases[] = {
		{ { .name = "Upper", .type = PORTAL_TEXT, .help = "h" }, "the name of option 1" },
		{ { .name = NULL, .type = PORTAL_TEXT, .help = "h" }, "the name of option 1" },
		{ { .name = "a", .type = PORTAL_TEXT }, "option a has no help" },
		{ { .name = "a", .type = 99, .help = "h" },
		    "option a has a type that this one does not know" },
		{ { .name = "a", .type = PORTAL_TEXT, .flags = 64, .help = "h" },
		    "option a has flags" },
		{ { .name = "a", .type = PORTAL_CHOICE, .help = "h" }, "option a has no choices" },
		{ { .name = "a", .type = PORTAL_SECRET, .flags = PORTAL_LIST, .help = "h" },
		    "a secret cannot be a list" },
		{ { .name = "a", .type = PORTAL_INTEGER, .fallback = "many", .help = "h" },
		    "the fallback of option a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct portal_plugin table = table_with(&cases[i].option, 1);
		struct failure why = { 0 };
		struct plugin plugin;

		if (plugin_read_table(&table, &plugin, &why) ||
		    !strstr(why.text, cases[i].sentence))
			fail_msg("expected '%s', got '%s'", cases[i].sentence, why.text);
	}
}

static void wrong_tables_are_refused(void **state)
{
	static const struct portal_option twice[] = {
		{ .name = "a", .type = PORTAL_TEXT, .help = "h" },
		{ .name = "a", .type = PORTAL_TEXT, .help = "h" }
	};
	struct portal_plugin table = table_with(twice, 2);
	struct failure why = { 0 };
	struct plugin plugin;

	(void)state;
	assert_false(plugin_read_table(&table, &plugin, &why));
	assert_string_equal(why.text, "option a is there twice");
	table = table_with(twice, 1);
	table.create = NULL;
	why = (struct failure){ 0 };
	assert_false(plugin_read_table(&table, &plugin, &why));
	table = table_with(twice, 1);
	table.size = 16;
	assert_false(plugin_read_table(&table, &plugin, NULL));
	table = table_with(twice, 1);
	table.name = "Bad Name";
	assert_false(plugin_read_table(&table, &plugin, NULL));
	table = table_with(twice, 1);
	table.option_size = 8;
	assert_false(plugin_read_table(&table, &plugin, NULL));
	table = table_with(twice, 1);
	table.abi_major = 0;
	why = (struct failure){ 0 };
	assert_false(plugin_read_table(&table, &plugin, &why));
	assert_non_null(
	    strstr(why.text, "built for plugin ABI 0.0, this caseroute speaks 1.0: build it"));
	table = table_with(twice, 1);
	table.needs = 1;
	why = (struct failure){ 0 };
	assert_false(plugin_read_table(&table, &plugin, &why));
	assert_non_null(strstr(why.text, "needs is 0 in this version"));
}

static void pointers_of_errors_begin_with_a_slash(void **state)
{
	static const struct portal_option one[] = {
		{ .name = "a", .type = PORTAL_TEXT, .help = "h" }
	};
	static const struct {
		const char *code, *text, *sentence; /* NULL: it is right */
	} cases[] = {
		{ "code", NULL, "error_code: 'code' is no JSON pointer; write" },
		{ "/code error/code", NULL, "error_code: 'error/code' is no JSON pointer" },
		{ "/code,\t/error", NULL, "error_code: '/code,\t/error' is no JSON pointer" },
		{ "/code", "text", "error_text: 'text' is no JSON pointer" },
		{ "/code /error/code", " /text  /a", NULL },
		{ "", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct portal_plugin table = table_with(one, 1);
		struct failure why = { 0 };
		struct plugin plugin;
		bool is_ok;

		table.error_code = cases[i].code;
		table.error_text = cases[i].text;
		is_ok = plugin_read_table(&table, &plugin, &why);
		if (is_ok != !cases[i].sentence || (!is_ok && !strstr(why.text, cases[i].sentence)))
			fail_msg("case %zu: got '%s'", i, why.text);
		if (is_ok) {
			free(plugin.options);
			free(plugin.keys);
			free(plugin.errors);
		}
	}
}

/* A plugin of a later minor version: its rows are longer than ours. */
static void longer_rows_are_read_by_their_stride(void **state)
{
	static const struct {
		struct portal_option option;
		int64_t later[3];
	} rows[] = {
		{ { .name = "first", .type = PORTAL_TEXT, .help = "h" }, { 7, 7, 7 } },
		{ { .name = "second", .type = PORTAL_TEXT, .help = "h" }, { 7, 7, 7 } },
	};
	struct portal_plugin table = table_with(&rows[0].option, 2);
	struct failure why = { 0 };
	struct plugin plugin;

	(void)state;
	table.option_size = sizeof rows[0];
	assert_true(plugin_read_table(&table, &plugin, &why));
	assert_string_equal(plugin.options[1].name, "second");
	assert_string_equal(plugin.keys[1].name, "second");
	free(plugin.options);
	free(plugin.keys);
	free(plugin.errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plugin_that_keeps_the_rules_is_proven),
		cmocka_unit_test(what_breaks_a_rule_is_refused_with_a_sentence),
		cmocka_unit_test(what_is_no_plugin_of_this_machine_is_refused),
		cmocka_unit_test(a_file_cut_anywhere_is_refused),
		cmocka_unit_test(changed_bytes_never_make_it_read_beyond),
		cmocka_unit_test(tables_that_do_not_fit_are_refused),
		cmocka_unit_test(one_of_a_later_minor_version_loads_and_runs),
		cmocka_unit_test(a_bad_file_is_refused_before_it_is_opened),
		cmocka_unit_test(equal_files_are_opened_once_and_others_anew),
		cmocka_unit_test(a_file_that_anybody_may_write_is_refused),
		cmocka_unit_test(wrong_options_are_refused),
		cmocka_unit_test(wrong_tables_are_refused),
		cmocka_unit_test(pointers_of_errors_begin_with_a_slash),
		cmocka_unit_test(longer_rows_are_read_by_their_stride),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
