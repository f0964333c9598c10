#include "portal/home.h"
#include "portal/isolation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PLUGIN,
	CREDENTIAL,
	TIMEOUT,
	CONCURRENCY,
	RETRIES,
	RATE,
	RETRY_PERCENT,
	FAILURES,
	PAUSE,
	MAX_REPLY,
	ORIGINS,
	ISOLATION,
	N_KEYS
};

/* ---- reading ------------------------------------------------------------------------ */

static struct portal *make(
    struct portals *portals, struct config_section *section, const struct value *v)
{
	struct portal *portal = arena_take(portals->arena, sizeof *portal);
	const struct config_entry *title = section_entry(section, "title");
	const char *name = section_name(section);

	portal->name = arena_copy(portals->arena, name, strlen(name));
	portal->title =
	    title ? arena_copy(portals->arena, title->value, strlen(title->value)) : NULL;
	portal->timeout_ms = v[TIMEOUT].number;
	portal->limits = (struct portal_limits){ .concurrency = (unsigned)v[CONCURRENCY].number,
		.rate = (unsigned)v[RATE].number,
		.retry_percent = (unsigned)v[RETRY_PERCENT].number,
		.failures = (unsigned)v[FAILURES].number,
		.pause_ms = v[PAUSE].number };
	portal->retries = (uint32_t)v[RETRIES].number;
	portal->max_reply = (size_t)v[MAX_REPLY].number;
	pthread_mutex_init(&portal->lock, NULL);
	return portal;
}

static bool read_origins(struct portals *portals, struct portal *portal, const struct value *value,
    struct problems *problems)
{
	static const struct option one = { .name = "origins", .type = OPTION_ORIGIN, .help = "" };
	struct text rest = value->text, item;
	bool is_ok = true;

	while (text_split(&rest, ',', &item)) {
		char *origin = arena_copy(portals->arena, item.p, item.n);
		struct failure why = { 0 };
		struct value parsed;

		if (option_parse(&one, text_of(origin), &parsed, &why)) {
			portal_allow(portals, portal, origin);
			continue;
		}
		problem_add(problems, PROBLEM_ERROR, E_VALUE, value->place,
		    "[portal %s] origins: %s %s", portal->name, origin, why.text);
		is_ok = false;
	}
	return is_ok;
}

static bool read_credential(struct portals *portals, struct portal *portal,
    const struct value *value, struct problems *problems)
{
	const char *names[64], *nearest;
	size_t n = 0;

	if (!value->text.n)
		return true;
	portal->credential = credential_find(portals, value->text.p);
	if (portal->credential)
		return true;
	for (; n < portals->n_credentials && n < 64; n++)
		names[n] = portals->credentials[n]->name;
	nearest = text_nearest(value->text.p, names, n);
	problem_add(problems, PROBLEM_ERROR, E_REFERENCE, value->place,
	    "[portal %s] credential: there is no [credential %s]%s%s%s", portal->name,
	    value->text.p, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
	    nearest ? "\"?" : "");
	return false;
}

/* Asks the plugin whether its options are right together. */
static bool ask_plugin(struct portal *portal, struct place place, struct problems *problems)
{
	struct step_input input = { .kind = OPERATION_OPTIONS_OK,
		.ticket = TEXT(""),
		.ticket_name = TEXT(""),
		.key = TEXT(""),
		.input_json = TEXT(""),
		.answer = TEXT("") };
	struct step_memory memory = { 0 };
	struct arena *arena;
	struct step step;
	bool is_ok;

	if (!portal_can(portal, OPERATION_OPTIONS_OK))
		return true;
	arena = arena_new();
	portal_step(portal, &input, &memory, arena, &step);
	is_ok = step.verdict == PORTAL_DONE;
	if (!is_ok)
		problem_add(problems, PROBLEM_ERROR, E_PLUGIN, place, "[portal %s] %s",
		    portal->name,
		    step.verdict == PORTAL_FAILED ? step.failure_text
						  : "the plugin could not judge its options");
	step_free(&step);
	buffer_free(&memory.note);
	arena_free(arena);
	return is_ok;
}

/* The plugin that another portal of this reading has: it is loaded once. */
static const struct plugin *loaded(const struct portals *portals, const char *name)
{
	for (size_t i = 0; i < portals->n; i++)
		if (strcmp(portals->portals[i]->plugin->table.name, name) == 0)
			return portals->portals[i]->plugin;
	return NULL;
}

static const struct plugin *load(const struct portals *portals, const char *path,
    struct config_section *section, const struct value *v, struct problems *problems)
{
	const struct plugin *plugin = loaded(portals, v[PLUGIN].text.p);
	struct failure why = { 0 };

	if (!plugin)
		plugin = v[PLUGIN].text.n ? plugin_load(path, v[PLUGIN].text.p, &why) : NULL;
	if (plugin)
		return plugin;
	option_skip(section); /* nobody knows which keys it may hold */
	if (v[PLUGIN].text.n)
		problem_add(problems, PROBLEM_ERROR, E_PLUGIN, v[PLUGIN].place,
		    "[portal %s] plugin: %s", section_name(section), why.text);
	return NULL;
}

/* ---- its home ------------------------------------------------------------------------- */

/* Keys of [caseroute]: those of a portal share their names with options of plugins, and are
 * frozen with the ABI. */
enum { FOR_ALL, STEP_LIMIT, N_HOME_KEYS };
static const struct option home_keys[N_HOME_KEYS] = {
	[FOR_ALL] = { .name = "isolation",
	    .type = OPTION_CHOICE,
	    .fallback = "auto",
	    .choices = "auto in-process process",
	    .help = "where plugins run whose portals do not say so themselves" },
	[STEP_LIMIT] = { .name = "step_limit",
	    .type = OPTION_DURATION,
	    .fallback = "1s",
	    .min = 50,
	    .max = 60000,
	    .help = "of computing for one step of a plugin in a child; then the child is ended" },
};

enum { AUTO, IN_PROCESS, PROCESS };

struct homes {
	const char *path; /* of plugins */
	int64_t by_default, limit_ms;
};

/* CASEROUTE_ISOLATION is for tests: it stands for the key of [caseroute]. */
static struct homes homes_read(struct config *config, const char *path, struct problems *problems)
{
	struct config_section *section = config_find_section(config, "caseroute", "");
	const char *environment = getenv("CASEROUTE_ISOLATION");
	struct value v[N_HOME_KEYS] = { { .number = AUTO }, { .number = 1000 } };
	struct failure why = { 0 };

	if (section)
		option_read(config, section, home_keys, N_HOME_KEYS, v, problems);
	if (environment)
		option_parse(&home_keys[FOR_ALL], text_of(environment), &v[FOR_ALL], &why);
	return (struct homes){ path, v[FOR_ALL].number, v[STEP_LIMIT].number };
}

static void choose_home(struct portals *portals, struct portal *portal, const struct homes *homes,
    const struct value *v)
{
	bool is_told = v[ISOLATION].number != AUTO;
	int64_t wish = is_told ? v[ISOLATION].number : homes->by_default;
	struct buffer file = { 0 };

	portal->home_reason = is_told ? "its section says so" : "[caseroute] says so";
	if (wish == AUTO && plugin_find(homes->path, v[PLUGIN].text.p, &file)) {
		const char *stranger = isolation_stranger(file.p, portals->arena);

		wish = stranger ? PROCESS : IN_PROCESS;
		portal->home_reason = stranger ? stranger : "its plugin came with caseroute";
	}
	buffer_free(&file);
	if (wish == PROCESS)
		portal->home = home_new(homes->limit_ms);
}

static struct portal *read_one(struct portals *portals, struct config *config,
    struct config_section *section, const struct homes *homes, struct problems *problems)
{
	struct value values[N_KEYS];
	bool is_ok = option_read(config, section, portal_keys, n_portal_keys, values, problems);
	struct portal *portal = make(portals, section, values);

	portal->plugin = load(portals, homes->path, section, values, problems);
	is_ok = read_origins(portals, portal, &values[ORIGINS], problems) && is_ok;
	is_ok = read_credential(portals, portal, &values[CREDENTIAL], problems) && is_ok;
	if (!portal->plugin || !portal_read_options(portals, portal, config, section, problems))
		is_ok = false;
	if (is_ok)
		choose_home(portals, portal, homes, values);
	is_ok = is_ok && ask_plugin(portal, section_place(section), problems);
	if (portal->home && gettid() != getpid()) /* only the first thread is sure to last */
		home_rest(portal->home);
	if (is_ok)
		return portal;
	home_free(portal->home);
	pthread_mutex_destroy(&portal->lock);
	return NULL;
}

struct portals *portals_read(
    struct config *config, const char *plugin_path, struct problems *problems)
{
	struct portals *portals = memory_new(sizeof *portals);
	struct config_section *section = NULL;
	struct homes homes = homes_read(config, plugin_path, problems);

	portals->arena = arena_new();
	credentials_read(portals, config, problems);
	while ((section = config_next(config, "portal", section))) {
		struct portal *portal = read_one(portals, config, section, &homes, problems);

		if (!portal)
			continue;
		portals->portals = memory_grow(
		    portals->portals, portals->n, &portals->capacity, sizeof(struct portal *));
		portals->portals[portals->n++] = portal;
	}
	return portals;
}

void portals_free(struct portals *portals)
{
	if (!portals)
		return;
	for (size_t i = 0; i < portals->n; i++) {
		cache_free(portals->portals[i]);
		session_drop(portals->portals[i]);
		home_free(portals->portals[i]->home);
		pthread_mutex_destroy(&portals->portals[i]->lock);
	}
	for (size_t i = 0; i < portals->n_credentials; i++)
		credential_free(portals->credentials[i]);
	free(portals->portals);
	free(portals->credentials);
	arena_free(portals->arena);
	free(portals);
}

/* ---- looking up ----------------------------------------------------------------------- */

size_t portals_count(const struct portals *portals)
{
	return portals->n;
}

struct portal *portals_at(const struct portals *portals, size_t index)
{
	return index < portals->n ? portals->portals[index] : NULL;
}

struct portal *portals_find(const struct portals *portals, const char *name)
{
	for (size_t i = 0; i < portals->n; i++)
		if (text_same(portals->portals[i]->name, name))
			return portals->portals[i];
	return NULL;
}

const char *portal_name(const struct portal *portal)
{
	return portal->name;
}

const char *portal_title(const struct portal *portal)
{
	return portal->title ? portal->title : portal->plugin->table.title;
}

const char *portal_plugin_name(const struct portal *portal)
{
	return portal->plugin->table.name;
}

const char *portal_plugin_version(const struct portal *portal)
{
	return portal->plugin->table.version;
}

uint32_t portal_memory_version(const struct portal *portal)
{
	return portal->plugin->table.memory;
}

const struct portal_limits *portal_limits(const struct portal *portal)
{
	return &portal->limits;
}

uint32_t portal_retries(const struct portal *portal)
{
	return portal->retries;
}
