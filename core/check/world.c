/*
 * What a plugin is run with: sections of the INI file that it accepts, found out by its table,
 * and operations with much, with little and with awkward input; those of the transcripts too.
 */
#include "check/inside.h"
#include "check/transcript_input.h"
#include "check/transcript_inside.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* ---- values of options --------------------------------------------------------------- */

static const char *host_of(struct check *c, const char *name)
{
	char *host = arena_format(c->arena, "%s", name);

	for (char *at = host; *at; at++)
		*at = *at == '_' ? '-' : *at;
	return host;
}

static const char *text_value(struct check *c, const char *name, unsigned way)
{
	static const char *const ways[] = { "https://%s.check.example/", "word",
		"word = https://%s.check.example/", "word = 6b2e0f1c-2b3d-4e5f-8a9b-0c1d2e3f4a5b",
		"/%s" };

	return way < sizeof ways / sizeof ways[0]
	    ? arena_format(c->arena, ways[way], host_of(c, name))
	    : NULL;
}

static const char *first_word(struct check *c, const char *words)
{
	struct text rest = text_of(words), word = TEXT("");

	text_split(&rest, ' ', &word);
	return arena_copy(c->arena, word.p, word.n);
}

const char *check_value(struct check *c, const struct portal_option *o, unsigned way)
{
	if (o->fallback && way-- == 0)
		return o->fallback;
	if (o->type == PORTAL_TEXT)
		return text_value(c, o->name, way);
	if (way)
		return NULL;
	switch (o->type) {
	case PORTAL_INTEGER:
		return arena_format(c->arena, "%lld", (long long)(o->min || o->max ? o->min : 7));
	case PORTAL_BOOLEAN: return "yes";
	case PORTAL_DURATION:
		return arena_format(
		    c->arena, "%llds", (long long)(o->min ? (o->min + 999) / 1000 : 60));
	case PORTAL_CHOICE: return first_word(c, o->choices);
	case PORTAL_ORIGIN:
		return arena_format(c->arena, "https://%s.check.example", host_of(c, o->name));
	case PORTAL_SECRET: return "env:CASEROUTE_CHECK";
	case PORTAL_CREDENTIAL: return "test";
	default: return NULL;
	}
}

char *check_keys(struct check *c, const char *const *values)
{
	struct buffer keys = { 0 };
	char *copy;

	for (uint32_t i = 0; i < c->plugin->table.n_options; i++)
		if (values[i])
			buffer_format(&keys, "%s%s = %s\n", c->plugin->options[i].name,
			    c->plugin->options[i].flags & PORTAL_LIST ? ".1" : "", values[i]);
	copy = arena_copy(c->arena, keys.p ? keys.p : "", keys.n);
	buffer_free(&keys);
	return copy;
}

bool check_make(struct check *c, struct alone *alone, const char *keys, const char *credential,
    const char *isolation, struct failure *why)
{
	struct buffer all = { 0 };
	bool is_ok;

	buffer_format(&all, "%sisolation = %s\n", keys, isolation);
	is_ok = alone_make(alone, c->folder, c->plugin_name, buffer_as_text(&all),
	    text_of(credential), "section", why);
	buffer_free(&all);
	return is_ok;
}

/* ---- sections that the plugin accepts ------------------------------------------------ */

static bool is_accepted(struct check *c, const char *const *values, struct failure *why)
{
	struct alone alone;
	bool is_ok =
	    check_make(c, &alone, check_keys(c, values), CHECK_CREDENTIAL, "in-process", why);

	if (is_ok)
		alone_free(&alone);
	return is_ok;
}

static void keep(struct check *c, const char *const *values)
{
	const char *keys = check_keys(c, values);
	struct check_shared *s = c->shared;

	if (s->n_configs < CHECK_CONFIGS && strlen(keys) < CHECK_KEYS)
		memcpy(s->keys[s->n_configs++], keys, strlen(keys) + 1);
}

/* Only what must be there; texts in one way after the other. */
static bool make_least(struct check *c, const char **values, struct failure *why)
{
	for (unsigned way = 0; way < 6; way++) {
		for (uint32_t i = 0; i < c->plugin->table.n_options; i++) {
			const struct portal_option *o = &c->plugin->options[i];
			const char *value = check_value(c, o, way);

			if (o->flags & PORTAL_REQUIRED)
				values[i] = value ? value : check_value(c, o, 0);
		}
		if (is_accepted(c, values, why))
			return true;
	}
	return false;
}

/* One option after the other, where the plugin takes it beside the others. */
static void add_all(struct check *c, const char **values)
{
	for (uint32_t i = 0; i < c->plugin->table.n_options; i++) {
		if (values[i])
			continue;
		for (unsigned way = 0; (values[i] = check_value(c, &c->plugin->options[i], way));
		     way++) {
			struct failure ignored = { 0 };

			if (is_accepted(c, values, &ignored))
				break;
		}
	}
}

#define TURNS 4 /* of one option */

/* The other words of choices, and the other truth. */
static void add_turns(struct check *c, const char **values)
{
	for (uint32_t i = 0; i < c->plugin->table.n_options; i++) {
		const struct portal_option *o = &c->plugin->options[i];
		const char *before = values[i];
		struct text rest = o->type == PORTAL_CHOICE ? text_of(o->choices)
		    : o->type == PORTAL_BOOLEAN             ? TEXT("yes no")
							    : TEXT(""),
			    word;

		if (o->flags & PORTAL_LIST)
			continue;
		for (unsigned n = 0; n < TURNS && text_split(&rest, ' ', &word); n++) {
			struct failure ignored = { 0 };

			values[i] = arena_copy(c->arena, word.p, word.n);
			if (!text_same(values[i], before) && is_accepted(c, values, &ignored))
				keep(c, values);
		}
		values[i] = before;
	}
}

static void make_configs(struct check *c)
{
	const char **values =
	    arena_take(c->arena, (c->plugin->table.n_options + 1) * sizeof *values);
	struct failure why = { 0 };

	if (make_least(c, values, &why)) {
		keep(c, values);
		add_all(c, values);
		keep(c, values);
		add_turns(c, values);
	} else {
		snprintf(c->shared->refused, sizeof c->shared->refused, "%.*s", 560, why.text);
	}
}

/* ---- inputs -------------------------------------------------------------------------- */

static const char much[] =
    "{\"severity\":2,\"id\":\"0193a7c2-1111-7222-8333-444455556666\",\"reference\":\"PSA-4711\","
    "\"kind\":\"incident\",\"title\":\"Mail flow stops\",\"text\":\"After the update.\","
    "\"product\":\"Exchange Server\",\"release\":\"2019\",\"environment\":\"on-premises\","
    "\"workload\":\"exchange-server\",\"subscription\":\"6b2e0f1c-2b3d-4e5f-8a9b-0c1d2e3f4a5b\","
    "\"resource\":\"/subscriptions/6b2e0f1c-2b3d-4e5f-8a9b-0c1d2e3f4a5b/resourceGroups/g/providers/"
    "Microsoft.Compute/virtualMachines/v\",\"plan\":\"partner-support\","
    "\"plan_names\":[\"Partner Support\",\"Signature\"],\"problem_started\":1795000000,"
    "\"contact\":{\"around_the_clock\":2,\"first_name\":\"Anna\",\"last_name\":\"Berg\","
    "\"email\":\"anna@contoso.example\",\"phone\":\"+49 30 1\",\"method\":\"email\","
    "\"language\":\"en-us\",\"country\":\"DEU\",\"time_zone\":\"Europe/Berlin\"},"
    "\"files\":[{\"name\":\"log.txt\",\"media_type\":\"text/plain\",\"length\":5000000},"
    "{\"name\":\"empty\",\"length\":0}]}";
static const char little[] = "{\"title\":\"T\",\"kind\":\"incident\"}";
static const char contract[] =
    "{\"id\":\"c1\",\"plan\":\"partner-support\",\"plan_names\":[\"Partner Support\"],"
    "\"end\":1800000000,\"remaining\":3,\"has_access_id\":true,\"has_contract_id\":true}";
static const char customer[] =
    "{\"id\":\"fabrikam\",\"tenant\":\"0c1d2e3f-2b3d-4e5f-8a9b-6b2e0f1c4a5b\","
    "\"domain\":\"fabrikam.onmicrosoft.example\",\"name\":\"Fabrikam\"}";
static const char account[] = "{\"name\":\"anna@contoso.example\",\"type\":1,\"programs\":3,"
			      "\"roles\":7,\"knows_programs\":true,\"knows_roles\":true}";

static const struct making {
	const char *name, *request, *contract, *customer, *account;
} makings[] = {
	{ "much input", much, contract, customer, account },
	{ "no customer, no contract", much, NULL, NULL, account },
	{ "little input", little, contract, NULL, NULL },
};
#define N_MAKINGS (sizeof makings / sizeof makings[0])

static struct json *parsed(const char *text)
{
	return text ? json_read(text_of(text), "input", 0, NULL) : NULL;
}

/* The JSON's texts are copied; it is kept, as the process is short. */
static struct step_input input_of(struct check *c, const struct making *m, enum operation_kind kind)
{
	struct step_input input = { .kind = kind,
		.ticket = TEXT("2611230050001234"),
		.ticket_name = TEXT("caseroute-ticket"),
		.key = TEXT("caseroute-0193a7c2-1111-7222-8333-444455556666"),
		.input_json = TEXT("{\"subject\":\"S\",\"body\":\"B\",\"severity\":1,\"state\":"
				   "\"closed\"}"),
		.now = INT64_C(1795500000000),
		.answer = TEXT(""),
		.watch = &c->watch };

	if (kind != OPERATION_LOGIN)
		input.request = input_request(c->arena, parsed(m->request), NULL);
	if (m->contract)
		input.contract = input_contract(c->arena, parsed(m->contract), NULL);
	if (m->customer)
		input.customer = input_customer(c->arena, parsed(m->customer), NULL);
	if (m->account)
		input.account = input_account(c->arena, parsed(m->account), NULL);
	return input;
}

static void add_scene(struct check *c, struct scene scene)
{
	if (!portal_can(scene.portal, scene.input.kind))
		return;
	if (scene.input.kind == OPERATION_LINK && !scene.input.contract)
		return; /* without one there is nothing to link */
	c->scenes = memory_grow(c->scenes, c->n_scenes, &c->scenes_capacity, sizeof *c->scenes);
	c->scenes[c->n_scenes++] = scene;
}

static void add_scenes(struct check *c, size_t config, struct scene scene)
{
	scene.name = arena_format(c->arena, "section %zu, no request", config);
	scene.input = input_of(c, &makings[0], OPERATION_REMAINING);
	scene.input.request = NULL;
	add_scene(c, scene);
	for (unsigned kind = OPERATION_OPEN; kind <= OPERATION_LOGIN; kind++)
		for (size_t i = 0; i < N_MAKINGS; i++) {
			scene.name =
			    arena_format(c->arena, "section %zu, %s", config, makings[i].name);
			scene.input = input_of(c, &makings[i], (enum operation_kind)kind);
			add_scene(c, scene);
		}
}

/* ---- from transcripts ---------------------------------------------------------------- */

static void add_transcript(struct check *c, const char *file)
{
	struct failure ignored = { 0 };
	struct play *p = arena_take(c->arena, sizeof *p);

	*p = (struct play){
		.file = arena_format(c->arena, "%s", file),
		.arena = c->arena,
		.more = "isolation = in-process\n",
		.why = &ignored,
	};
	if (!play_read_file(p) || !play_set_up(p, c->folder, c->plugin_name) || !p->is_ours)
		return; /* the test `transcripts` tells */
	p->input.watch = &c->watch;
	add_scene(c,
	    (struct scene){ p->file, p->alone.portal, p->config.p ? p->config.p : "",
		p->credential.p ? p->credential.p : "", p->input });
}

static void each_transcript(struct check *c, void (*take)(struct check *, const char *file))
{
	glob_t found;

	if (!c->wish->transcripts ||
	    glob(arena_format(c->arena, "%s/*.http", c->wish->transcripts), 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		take(c, found.gl_pathv[i]);
	globfree(&found);
}

static visit_function *of_plays; /* what check_plays() was given */

static void visit_played(void *context, const struct play *p, const struct step *step)
{
	struct check *c = context;
	const struct scene scene = { p->file, p->alone.portal, "", "", p->input };
	struct visit v = { &scene, p->input, NULL, NULL, &p->memory, step, 0, p->arena };

	of_plays(c, &v);
}

/* Where it differs it ends: the test `transcripts` tells. */
static void play_one(struct check *c, const char *file)
{
	struct failure ignored = { 0 };
	struct play p = {
		.file = file,
		.arena = arena_new(),
		.more = "isolation = in-process\n",
		.why = &ignored,
		.seen = visit_played,
		.context = c,
	};

	if (play_read_file(&p))
		play_all(&p, c->folder, c->plugin_name);
	play_free(&p);
}

void check_plays(struct check *c, visit_function *visit)
{
	of_plays = visit;
	each_transcript(c, play_one);
}

/* ---- all ----------------------------------------------------------------------------- */

const struct portal_plugin *check_table(struct check *c)
{
	struct failure why = { 0 };
	const struct portal_plugin *table = plugin_table(c->wish->file, &why);

	if (!table)
		check_tell(c, CHECK_FAIL, "a file that can be loaded", "", "%s", why.text);
	return table;
}

/* The first, which has only what is required, without a credential if the plugin lets it. */
static void add_section(struct check *c, size_t i)
{
	struct alone *alone = arena_take(c->arena, sizeof *alone);
	const char *keys = arena_format(c->arena, "%s", c->shared->keys[i]);

	for (unsigned with = i > 0; with < 2; with++) {
		const char *credential = with ? CHECK_CREDENTIAL : "";
		struct failure ignored = { 0 };

		if (check_make(c, alone, keys, credential, "in-process", &ignored)) {
			add_scenes(
			    c, i, (struct scene){ "", alone->portal, keys, credential, { 0 } });
			return;
		}
	}
}

bool check_world(struct check *c)
{
	struct check_shared *s = c->shared;
	struct failure why = { 0 };

	c->plugin = plugin_load_file(c->wish->file, &why);
	if (!c->plugin)
		return check_tell(c, CHECK_SKIP, "", "", "%s", why.text);
	if (!s->n_configs && !*s->refused)
		make_configs(c);
	for (size_t i = 0; i < s->n_configs; i++)
		add_section(c, i);
	each_transcript(c, add_transcript);
	check_look_on(c);
	return c->n_scenes ||
	    check_tell(c, CHECK_SKIP, "", "",
		"no section was found that the plugin accepts; --transcripts may have one: %s",
		s->refused);
}
