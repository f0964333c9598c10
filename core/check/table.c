/* Tests of the table: version, names, options, which steps there are. */
#include "check/inside.h"

#include <stdlib.h>
#include <string.h>

void check_layout(struct check *c)
{
	const struct portal_plugin *table = check_table(c);
	struct failure why = { 0 };

	if (!table)
		return;
	if (!plugin_layout_ok(table, &why))
		check_tell(c, CHECK_FAIL,
		    "a table as PORTAL_PLUGIN() of this caseroute's portal.h "
		    "makes it",
		    "build it anew with the header of this caseroute", "%s", why.text);
	else if (!plugin_errors_ok(table, &why))
		check_tell(c, CHECK_FAIL, "pointers parted by blanks, each with a slash before it",
		    "without it no row of the table of errors is ever found", "%s", why.text);
}

/* ---- names --------------------------------------------------------------------------- */

void check_names(struct check *c)
{
	const struct portal_plugin *table = check_table(c);
	struct plugin plugin;
	struct failure why = { 0 }, other = { 0 };
	const char *expected = "names as portal.h describes them";

	if (!table)
		return;
	if (!plugin_read_table(table, &plugin, &why)) {
		if (plugin_steps_ok(table, &other) && plugin_login_ok(table, &other) &&
		    plugin_errors_ok(table, &other))
			check_tell(c, CHECK_FAIL, expected, "see struct portal_option in portal.h",
			    "%s", why.text);
		return;
	}
	if (strcmp(table->name, c->plugin_name) != 0)
		check_tell(c, CHECK_FAIL, "a file that has the plugin's name",
		    "call the file NAME.so and the plugin NAME", "the file %s.so holds '%s'",
		    c->plugin_name, table->name);
	for (uint32_t i = 0; i < table->n_options; i++)
		if (portal_key_is_own(plugin.options[i].name))
			check_tell(c, CHECK_FAIL, expected, "give the option another name",
			    "option %s is a key of caseroute's own", plugin.options[i].name);
}

/* ---- operations ---------------------------------------------------------------------- */

/* Does the step do anything with any input: ask for an exchange, a person or more of the
 * request, hop, or succeed? */
static bool is_alive(struct check *c, enum operation_kind kind, char sentence[300])
{
	bool is_alive = false;

	for (size_t i = 0; i < c->n_scenes && !is_alive; i++) {
		struct step_memory memory = { 0 };
		struct arena *arena = arena_new();
		struct step step;

		if (c->scenes[i].input.kind == kind) {
			check_step(c, &c->scenes[i], &c->scenes[i].input, &memory, arena, &step);
			is_alive = step.verdict != PORTAL_FAILED || step.missing ||
			    step.failure_class == PORTAL_E_REQUEST;
			if (!is_alive)
				snprintf(sentence, 300, "%s", step.failure_text);
			step_free(&step);
		}
		buffer_free(&memory.note);
		arena_free(arena);
	}
	return is_alive;
}

static void look_for_link(struct check *c, const struct portal_plugin *table)
{
	if (table->link)
		return;
	c->shared->at = (struct check_place){ .stage = 0 };
	check_tell(c, CHECK_WARN, "a step link",
	    "add a step link; where nothing is to be linked at this portal, one that returns "
	    "PORTAL_DONE says so",
	    "there is no step link: the first request with a contract parks at it");
}

void check_operations_declared(struct check *c)
{
	const struct portal_plugin *table = check_table(c);
	struct failure why = { 0 };
	char sentence[300] = "";

	if (!table)
		return;
	if (!plugin_steps_ok(table, &why)) {
		check_tell(c, CHECK_FAIL, "a step create",
		    "name it in PORTAL_PLUGIN(.create = ...)", "%s", why.text);
		return;
	}
	if (!check_world(c))
		return;
	for (unsigned kind = OPERATION_OPEN; kind <= OPERATION_LOGIN; kind++)
		if (portal_can(c->scenes[0].portal, (enum operation_kind)kind) &&
		    !is_alive(c, (enum operation_kind)kind, sentence))
			check_tell(c, CHECK_WARN,
			    "a step that asks for an exchange, a person or more of the request",
			    "leave out a step that cannot do anything; else give --transcripts "
			    "with "
			    "a section in which it does",
			    "%s always fails at once: %s",
			    operation_name((enum operation_kind)kind), sentence);
	look_for_link(c, table);
}

void check_login_declares_secrets(struct check *c)
{
	const struct portal_plugin *table = check_table(c);
	struct failure why = { 0 };

	if (table && !plugin_login_ok(table, &why))
		check_tell(c, CHECK_FAIL, "session_secrets = \"/access_token\" or the like",
		    "name all places of the replies to login that hold a secret: the host takes "
		    "them out before the step sees the reply",
		    "%s", why.text);
}

/* ---- the section --------------------------------------------------------------------- */

static bool is_key(struct text line, const char *name)
{
	size_t n = strlen(name);

	return line.n > n && memcmp(line.p, name, n) == 0 && strchr(" .=", line.p[n]);
}

/* One line of the sample, as an operator would take it: what must be there is filled in by
 * keys[0], a fallback stands as it is shown. */
static void take_line(struct check *c, struct text line, struct buffer *out)
{
	bool is_comment = text_starts(line, "; ");
	struct text bare = is_comment ? (struct text){ line.p + 2, line.n - 2 } : line;

	for (uint32_t i = 0; i < c->plugin->table.n_options; i++) {
		const struct portal_option *o = &c->plugin->options[i];

		if (!is_key(bare, o->name))
			continue;
		if (o->fallback && *o->fallback && !(o->flags & PORTAL_REQUIRED))
			buffer_format(out, "%.*s\n", TEXT_ARGS(bare));
		return;
	}
	buffer_format(out, "%.*s\n", TEXT_ARGS(line));
}

/* What `portals describe` prints, as a section. */
static char *sample(struct check *c)
{
	char *printed = NULL, *copy;
	struct buffer filled = { 0 };
	struct text rest, line;
	size_t n = 0;
	FILE *out = open_memstream(&printed, &n);

	if (!out)
		abort();
	option_print_sample(out, c->plugin->keys, c->plugin->table.n_options);
	fclose(out);
	rest = (struct text){ printed, n };
	while (text_split(&rest, '\n', &line))
		take_line(c, line, &filled);
	copy = arena_format(c->arena, "%s%s", filled.p ? filled.p : "", c->shared->keys[0]);
	buffer_free(&filled);
	free(printed);
	return copy;
}

void check_sample_section(struct check *c)
{
	struct alone alone;
	struct failure why = { 0 };

	if (!check_world(c))
		return;
	if (!c->shared->n_configs) {
		check_tell(c, CHECK_WARN, "a section with what is required, and no more",
		    "mark options that must be there PORTAL_REQUIRED, or give them a fallback",
		    "%s", c->shared->refused);
		return;
	}
	if (!check_make(c, &alone, sample(c), CHECK_CREDENTIAL, "in-process", &why))
		check_tell(c, CHECK_FAIL, "a sample that is an INI section",
		    "help and fallback are one line each", "%s", why.text);
}

/* ---- wrong and right values ---------------------------------------------------------- */

static const char *wrong_value(const struct portal_option *o)
{
	switch (o->type) {
	case PORTAL_INTEGER: return "seven";
	case PORTAL_BOOLEAN: return "perhaps";
	case PORTAL_DURATION: return "a while";
	case PORTAL_CHOICE: return "none-of-these";
	case PORTAL_ORIGIN: return "ftp://x";
	case PORTAL_SECRET: return "the secret itself";
	case PORTAL_CREDENTIAL: return "not-there";
	default: return NULL; /* any text is one */
	}
}

/* One key more than the least section, or instead of what it has there. */
static const char *section_with(struct check *c, uint32_t option, const char *value)
{
	const struct portal_option *o = &c->plugin->options[option];
	struct buffer keys = { 0 };
	struct text rest = text_of(c->shared->keys[0]), line;
	const char *name =
	    arena_format(c->arena, "%s%s", o->name, o->flags & PORTAL_LIST ? ".1" : "");
	size_t n = strlen(name);
	char *copy;

	while (text_split(&rest, '\n', &line))
		if (line.n < n || memcmp(line.p, name, n) != 0 || line.p[n] != ' ')
			buffer_format(&keys, "%.*s\n", TEXT_ARGS(line));
	buffer_format(&keys, "%s = %s\n", name, value);
	copy = arena_copy(c->arena, keys.p, keys.n);
	buffer_free(&keys);
	return copy;
}

static bool is_refused(struct check *c, uint32_t option, const char *value, struct failure *why)
{
	struct alone alone;
	bool is_ok = check_make(
	    c, &alone, section_with(c, option, value), CHECK_CREDENTIAL, "in-process", why);

	if (is_ok)
		alone_free(&alone);
	return !is_ok;
}

/* options_ok may refuse a right value with a sentence; it may not fall over it. */
static void try_right(struct check *c, uint32_t option, const char *value)
{
	const char *const faults[] = { "the plugin could not judge", "which is no verdict",
		"did not say why", "it wants a", "it wants to" };
	struct failure why = { 0 };

	snprintf(c->shared->at.scene, sizeof c->shared->at.scene, "%s = %s",
	    c->plugin->options[option].name, value);
	snprintf(c->shared->at.operation, sizeof c->shared->at.operation, "options_ok");
	if (!is_refused(c, option, value, &why))
		return;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (strstr(why.text, faults[i]))
			check_tell(c, CHECK_FAIL, "options_ok ends with PORTAL_DONE or fail()",
			    "options_ok judges; it asks nobody", "%s", why.text);
}

static void try_all_right(struct check *c, uint32_t option)
{
	const struct portal_option *o = &c->plugin->options[option];
	struct text rest = o->type == PORTAL_CHOICE ? text_of(o->choices)
	    : o->type == PORTAL_BOOLEAN             ? TEXT("yes no")
						    : TEXT(""),
		    word;
	const char *value;

	while (text_split(&rest, ' ', &word))
		try_right(c, option, arena_copy(c->arena, word.p, word.n));
	if (o->type == PORTAL_INTEGER && (o->min || o->max)) {
		try_right(c, option, arena_format(c->arena, "%lld", (long long)o->min));
		try_right(c, option, arena_format(c->arena, "%lld", (long long)o->max));
	}
	for (unsigned way = 0; (value = check_value(c, o, way)); way++)
		try_right(c, option, value);
}

void check_options_wrong(struct check *c)
{
	if (!check_world(c) || !c->shared->n_configs)
		return;
	for (uint32_t i = 0; i < c->plugin->table.n_options; i++) {
		const struct portal_option *o = &c->plugin->options[i];
		struct failure why = { 0 };

		if (wrong_value(o) && !is_refused(c, i, wrong_value(o), &why))
			check_tell(c, CHECK_FAIL, "a refusal of a wrong value",
			    "give the option its type", "%s = %s is taken", o->name,
			    wrong_value(o));
		try_all_right(c, i);
	}
}
