#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "support/fixture.h"

#include <stdlib.h>
#include <string.h>

struct portal_plugin fixture_table(const struct portal_option *options, uint32_t n)
{
	return (struct portal_plugin){ .size = sizeof(struct portal_plugin),
		.abi_major = PORTAL_ABI_MAJOR,
		.abi_minor = PORTAL_ABI_MINOR,
		.option_size = sizeof *options,
		.options = options,
		.n_options = n,
		.name = "test",
		.title = "Test",
		.version = "1" };
}

void fixture_inputs(struct fixture *f)
{
	const portal_str none = PORTAL_STR("");

	f->contact = (struct portal_contact){ sizeof f->contact, 0, none, none, none, none, none,
		none, none, none };
	f->request = (struct portal_request){ .size = sizeof f->request,
		.id = none,
		.reference = none,
		.kind = none,
		.title = PORTAL_STR("A title"),
		.text = none,
		.product = none,
		.release = none,
		.environment = none,
		.workload = none,
		.subscription = none,
		.resource = none,
		.plan = none,
		.contact = &f->contact,
		.files = fixture_files(),
		.n_files = 2 };
	f->contract = (struct portal_contract){ .size = sizeof f->contract,
		.id = PORTAL_STR("c1"),
		.plan = PORTAL_STR("partner-support"),
		.flags = PORTAL_HAS_ACCESS_ID | PORTAL_HAS_CONTRACT_ID };
	f->account = (struct portal_account){ .size = sizeof f->account,
		.name = PORTAL_STR("anna@contoso.example"),
		.visible = none };
	f->input = (struct step_input){ .request = &f->request,
		.contract = &f->contract,
		.account = &f->account,
		.ticket = TEXT(""),
		.ticket_name = TEXT(""),
		.key = TEXT("r-0001"),
		.input_json = TEXT(""),
		.answer = TEXT(""),
		.now = 1795500000000 };
}

void fixture_open(struct fixture *f, const struct portal_plugin *table, const char *ini)
{
	struct failure why = { 0 };
	struct config_section *section;
	const struct config_entry *credential;

	*f = (struct fixture){ .arena = arena_new(), .problems = problems_new() };
	if (!plugin_read_table(table, &f->plugin, &why))
		fail_msg("%s", why.text);
	f->config = config_read_text("test.ini", text_of(ini), f->problems);
	f->portals = memory_new(sizeof *f->portals);
	f->portals->arena = arena_new();
	credentials_read(f->portals, f->config, f->problems);
	f->portal = arena_take(f->portals->arena, sizeof *f->portal);
	*f->portal = (struct portal){ .name = "test",
		.plugin = &f->plugin,
		.timeout_ms = 5000,
		.max_reply = 1 << 20,
		.retries = 3,
		.limits = { .concurrency = 4 } };
	pthread_mutex_init(&f->portal->lock, NULL);
	section = config_find_section(f->config, "portal", "test");
	assert_non_null(section);
	credential = section_entry(section, "credential");
	if (credential)
		f->portal->credential = credential_find(f->portals, credential->value);
	portal_read_options(f->portals, f->portal, f->config, section, f->problems);
	f->portals->portals = memory_grow(NULL, 0, &f->portals->capacity, sizeof(struct portal *));
	f->portals->portals[f->portals->n++] = f->portal;
	if (problems_count(f->problems, PROBLEM_ERROR)) {
		problems_print(f->problems, stderr, false);
		fail();
	}
	fixture_inputs(f);
}

void fixture_close(struct fixture *f)
{
	step_free(&f->step);
	buffer_free(&f->memory.note);
	portals_free(f->portals);
	config_free(f->config);
	problems_free(f->problems);
	arena_free(f->arena);
	free(f->plugin.options);
	free(f->plugin.keys);
	free(f->plugin.errors);
}

struct step *fixture_step(struct fixture *f, enum operation_kind kind)
{
	step_free(&f->step);
	f->input.kind = kind;
	portal_step(f->portal, &f->input, &f->memory, f->arena, &f->step);
	return &f->step;
}

const struct portal_file *const *fixture_files(void)
{
	static const struct portal_file a = { sizeof a, 0, { "a.txt", 5 }, { "text/plain", 10 },
		5 };
	static const struct portal_file b = { sizeof b, 0, { "b.bin", 5 }, { "", 0 }, 9 };
	static const struct portal_file *const files[] = { &a, &b, NULL };

	return files;
}

void assert_json(const struct json *value, const char *text)
{
	struct buffer written = { 0 };

	if (value)
		json_write(value, JSON_LINE, &written);
	if (!text_is(buffer_as_text(&written), text))
		fail_msg("expected %s\n     got %s", text, written.p ? written.p : "nothing");
	buffer_free(&written);
}

void assert_has(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text ? text : "nothing");
}
