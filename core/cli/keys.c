/* API keys of callers: shown once, kept as a hash. */
#include "cli/cli.h"
#include "base/file.h"
#include "engine/caller.h"

#include <stdio.h>
#include <string.h>

static int check_roles(const struct cli *cli, const char *roles)
{
	struct option option = { .name = "--role", .type = OPTION_WORDS, .choices = CALLER_ROLES };
	struct failure why = { 0 };
	struct value value;

	if (option_parse(&option, text_of(roles), &value, &why) && value.number)
		return 0;
	return cli_usage(cli, "--role %s", why.kind ? why.text : "names none");
}

static int check(const struct cli *cli, const char *name, const char *roles, const char *until)
{
	instant at;

	if (!caller_name_ok(text_of(name)))
		return cli_usage(
		    cli, "a caller's name has letters, digits and . _ @ -, at most 64 of them");
	if (until && !instant_read_end(text_of(until), &at))
		return cli_usage(cli, "--until is a date, such as 2026-11-24");
	return check_roles(cli, roles);
}

static void write_section(
    struct buffer *out, const char *name, const char *roles, const char *until, const char *hash)
{
	buffer_format(out, "[caller %s]\nkey = %s\nroles = %s\n", name, hash, roles);
	if (until)
		buffer_format(out, "until = %s\n", until);
}

static void show(const struct cli *cli, const char *name, const char *key, const char *section)
{
	struct json *o;

	if (!cli->json) {
		puts(key);
		return;
	}
	o = json_new_object();
	json_set(o, "schema", json_new_string("caseroute.key/1"));
	json_set(o, "name", json_new_string(name));
	json_set(o, "key", json_new_string(key));
	json_set(o, "section", json_new_string(section));
	cli_json(o);
}

/* The section first: a key that nobody could use is not shown. */
static bool make(const struct cli *cli, const char *name, const char *roles, const char *until,
    const char *path, struct failure *why)
{
	char key[CALLER_KEY_TEXT], hash[CALLER_HASH_TEXT];
	struct buffer section = { 0 };
	bool is_ok = true;

	caller_new_key(key, hash);
	write_section(&section, name, roles, until, hash);
	if (path)
		is_ok = file_write(path, buffer_as_text(&section), 0600, false, why);
	else if (!cli->json)
		fprintf(stderr, "%s", section.p);
	if (is_ok)
		show(cli, name, key, section.p);
	if (is_ok && !cli->quiet)
		fputs("; The key is shown this once. Add the section to the configuration, then "
		      "`caseroute reload`.\n",
		    stderr);
	explicit_bzero(key, sizeof key);
	buffer_free(&section);
	return is_ok;
}

int keys_new(struct cli *cli, int argc, char **argv)
{
	const char *roles = NULL, *until = NULL, *path = NULL;
	const struct cli_option options[] = {
		{ "role", "ROLE...", &roles, NULL,
		    "agent, admin-agent, operator, auditor, integrator; default integrator" },
		{ "until", "DATE", &until, NULL, "last day on which the key is good" },
		{ "output", "FILE", &path, NULL, "a new file for the section, instead of stderr" },
	};
	struct failure why = { 0 };
	int status;

	if (cli_options(cli, argc, argv, options, 3, 1, 1, &status) < 0)
		return status;
	roles = roles ? roles : "integrator";
	status = check(cli, argv[0], roles, until);
	if (status)
		return status;
	return make(cli, argv[0], roles, until, path, &why) ? 0 : cli_fail(&why);
}
