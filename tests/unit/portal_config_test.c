/* [portal] and [credential] sections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "portal/inside.h"
#include "support/fixture.h"
#include "portal/child_run.h"

#define PLUGINS BINARY_DIR "/plugins:" BINARY_DIR "/tests/plugins"

struct world {
	struct problems *problems;
	struct config *config;
	struct portals *portals;
	char *printed;
};

static void read_ini(struct world *w, const char *ini)
{
	size_t n = 0;
	FILE *out;

	*w = (struct world){ .problems = problems_new() };
	w->config = config_read_text("test.ini", text_of(ini), w->problems);
	w->portals = portals_read(w->config, PLUGINS, w->problems);
	config_finish(w->config, w->problems);
	out = open_memstream(&w->printed, &n);
	assert_non_null(out);
	problems_print(w->problems, out, false);
	fclose(out);
}

static void close_ini(struct world *w)
{
	portals_free(w->portals);
	config_free(w->config);
	problems_free(w->problems);
	free(w->printed);
}

static void a_portal_is_read_with_its_plugin(void **state)
{
	struct world w;
	struct portal *p;

	(void)state;
	read_ini(&w,
	    "[portal admin]\nplugin = guided\nlink = https://admin.example/\nstep.1 = Go\ntimeout "
	    "= 5s\nretries = 2\n");
	assert_int_equal(problems_count(w.problems, PROBLEM_ERROR), 0);
	assert_int_equal(portals_count(w.portals), 1);
	p = portals_find(w.portals, "admin");
	assert_ptr_equal(p, portals_at(w.portals, 0));
	assert_null(portals_at(w.portals, 1));
	assert_null(portals_find(w.portals, "other"));
	assert_string_equal(portal_name(p), "admin");
	assert_string_equal(portal_title(p), "Guided hand-off");
	assert_string_equal(portal_plugin_name(p), "guided");
	assert_int_equal(portal_memory_version(p), 1);
	assert_int_equal(portal_retries(p), 2);
	assert_true(portal_can(p, OPERATION_CREATE));
	assert_true(portal_can(p, OPERATION_LINK));
	assert_false(portal_can(p, OPERATION_STATUS));
	close_ini(&w);
}

static void the_configuration_may_end_before_its_portals(void **state)
{
	struct world w;
	struct portals *portals;

	(void)state;
	read_ini(&w,
	    "[portal admin]\nplugin = guided\nlink = https://admin.example/\ntitle = Admin "
	    "centre\n");
	portals = w.portals;
	w.portals = NULL;
	close_ini(&w);
	assert_string_equal(portal_title(portals_at(portals, 0)), "Admin centre");
	assert_string_equal(portals_at(portals, 0)->values[0].text.p, "https://admin.example/");
	portals_free(portals);
}

static void each_mistake_is_told_with_its_place(void **state)
{
	static const struct {
		const char *ini, *sentence;
	} cases[] = {
		{ "[portal a]\nlink = https://x.example\n",
		    "test.ini:1:1: error: [portal a] plugin is missing" },
		{ "[portal a]\nplugin = nosuch\nlnk = x\n",
		    "test.ini:2:10: error: [portal a] plugin: there is no nosuch.so in" },
		{ "[portal a]\nplugin = ../guided\n", "a plugin's name is [a-z][a-z0-9-]*" },
		{ "[portal a]\nplugin = guided\n", "[portal a] link is missing (address to open" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\nlnk = y\n",
		    "test.ini:4:1: error: " },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\nlnk = y\n",
		    "did you mean \"link\"" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\nfield.1 = titel\n",
		    "did you mean \"title\"" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\nstep.31 = y\n",
		    "must end in a number from 1 to 30" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\nlink_step.1 = y\n",
		    "accepts_contract is no" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\ncredential = "
		  "mian\n[credential main]\ntype = bearer-token\ntoken = env:T\n",
		    "there is no [credential mian]; did you mean \"main\"?" },
		{ "[portal a]\nplugin = guided\nlink = http://x.example\n",
		    "'http://x.example' is no https address" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example/{who}\n",
		    "there is no value for '{who}'" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\norigins = "
		  "https://a.example, ftp://b\n",
		    "origins: ftp://b is" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\ntimeout = soon\n",
		    "not a duration" },
		{ "[portal a]\nplugin = guided\nlink = https://x.example\nisolation = jail\n",
		    "allowed are: auto in-process process" },
		{ "[credential c]\ntype = client-secret\ntenant = t\n",
		    "[credential c] client_id is missing" },
		{ "[credential c]\ntype = client-secret\ntenant = t\n",
		    "[credential c] secret is missing" },
		{ "[credential c]\ntype = bearer-token\ntoken = eyJ0\n",
		    "must name a secret, not hold it" },
		{ "[credential c]\ntype = cert\n", "did you mean \"certificate\"" },
		{ "[portal a]\nplugin = wrong-major\n", "it is built for plugin ABI 9.0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct world w;

		read_ini(&w, cases[i].ini);
		assert_has(w.printed, cases[i].sentence);
		assert_int_not_equal(problems_count(w.problems, PROBLEM_ERROR), 0);
		close_ini(&w);
	}
}

static void keys_of_a_plugin_that_cannot_be_loaded_are_left_alone(void **state)
{
	struct world w;

	(void)state;
	read_ini(&w, "[portal a]\nplugin = nosuch\nwhatever = x\n");
	assert_int_equal(problems_count(w.problems, PROBLEM_ERROR), 1);
	assert_null(strstr(w.printed, "whatever"));
	close_ini(&w);
}

static void a_secret_that_others_may_read_is_a_warning(void **state)
{
	char path[] = "/tmp/caseroute-secret-XXXXXX";
	struct buffer ini = { 0 };
	struct world w;

	(void)state;
	close(mkstemp(path));
	buffer_format(&ini, "[credential c]\ntype = bearer-token\ntoken = file:%s\n", path);
	assert_int_equal(chmod(path, 0644), 0);
	read_ini(&w, ini.p);
	assert_int_equal(problems_count(w.problems, PROBLEM_ERROR), 0);
	assert_int_equal(problems_count(w.problems, PROBLEM_WARNING), 1);
	assert_has(w.printed, "chmod 600");
	close_ini(&w);
	assert_int_equal(chmod(path, 0600), 0);
	read_ini(&w, ini.p);
	assert_int_equal(problems_count(w.problems, PROBLEM_WARNING), 0);
	close_ini(&w);
	unlink(path);
	buffer_free(&ini);
}

static void a_plugin_describes_itself_as_a_section_that_loads(void **state)
{
	struct failure why = { 0 };
	char *printed = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&printed, &n);
	struct world w;
	char *end;

	(void)state;
	assert_true(portal_describe(PLUGINS, "guided", out, &why));
	fclose(out);
	assert_has(printed, "[portal guided]\nplugin = guided\n");
	assert_has(printed, "Steps: link create remaining");
	end = strstr(printed, "\n\n");
	assert_non_null(end);
	*end = 0;
	read_ini(&w, printed);
	if (problems_count(w.problems, PROBLEM_ERROR) > 1) /* `link` is the user's to fill in */
		fail_msg("%s\n%s", printed, w.printed);
	close_ini(&w);
	free(printed);
	assert_false(portal_describe(PLUGINS, "nosuch", stdout, &why));
}

/* An option of a plugin that is out there must not become a key of the host's. */
static void the_names_that_plugins_may_not_use_are_frozen(void **state)
{
	static const char frozen[] =
	    "plugin credential timeout concurrency retries rate retry_percent failures pause "
	    "max_reply origins isolation";

	(void)state;
	for (size_t i = 0; i < n_portal_keys; i++)
		if (!text_has_item(text_of(frozen), ' ', portal_keys[i].name))
			fail_msg(
			    "a plugin of ABI 1.0 may have an option '%s'", portal_keys[i].name);
}

static void operations_have_names(void **state)
{
	enum operation_kind kind;

	(void)state;
	assert_true(operation_read(TEXT("remaining"), &kind));
	assert_int_equal(kind, OPERATION_REMAINING);
	assert_string_equal(operation_name(OPERATION_OPEN), "open");
	assert_false(operation_read(TEXT("login"), &kind));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_portal_is_read_with_its_plugin),
		cmocka_unit_test(the_configuration_may_end_before_its_portals),
		cmocka_unit_test(each_mistake_is_told_with_its_place),
		cmocka_unit_test(keys_of_a_plugin_that_cannot_be_loaded_are_left_alone),
		cmocka_unit_test(a_secret_that_others_may_read_is_a_warning),
		cmocka_unit_test(a_plugin_describes_itself_as_a_section_that_loads),
		cmocka_unit_test(the_names_that_plugins_may_not_use_are_frozen),
		cmocka_unit_test(operations_have_names),
	};

	child_take_over(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
