#include "engine/webhook.h"
#include "config/secret.h"
#include "engine/caller.h"
#include "http/http.h"

#include <fnmatch.h>
#include <string.h>

#define MOST_RETRIES 30

enum { URL, SECRET, EVENTS, DETAILS, ALLOW, TIMEOUT, RETRIES, N_OPTIONS };

static const struct option options[N_OPTIONS] = {
	[URL] = { .name = "url",
	    .type = OPTION_URL,
	    .flags = OPTION_REQUIRED | OPTION_HIDDEN,
	    .help = "where events are posted to; https, or http on this machine" },
	[SECRET] = { .name = "secret",
	    .type = OPTION_SECRET,
	    .flags = OPTION_REQUIRED | OPTION_NUMBERED | OPTION_BARE,
	    .help = "what signs: whsec_ and the base64 of 24 to 64 bytes; secret.2 beside it while "
		    "secrets change" },
	[EVENTS] = { .name = "events",
	    .type = OPTION_WORDS,
	    .fallback = "*",
	    .help = "types of events, such as request.*, contract.ends_soon; budget.* for what "
		    "needs care before a request does" },
	[DETAILS] = { .name = "details",
	    .type = OPTION_BOOLEAN,
	    .fallback = "no",
	    .help = "also who did it and why: names and words of persons" },
	[ALLOW] = { .name = "allow",
	    .type = OPTION_WORDS,
	    .choices = "private",
	    .help = "private: this machine and private networks may be reached" },
	[TIMEOUT] = { .name = "timeout",
	    .type = OPTION_DURATION,
	    .fallback = "10s",
	    .min = 100,
	    .max = 60000,
	    .help = "how long the receiver has for its answer" },
	[RETRIES] = { .name = "retries",
	    .type = OPTION_WORDS,
	    .fallback = "5s, 30s, 2m, 10m, 1h, 3h, 8h, 12h",
	    .help = "the longest wait before each new try; after the last one it is a dead "
		    "letter" },
};

/* What the types of events begin with. */
static const char *const nouns[] = { "request", "contract", "benefit", "link", "handoff", "webhook",
	"ledger", "ids", "budget" };

/* ---- reading --------------------------------------------------------------------- */

struct reading {
	struct webhook *webhook;
	struct arena *arena;
	struct problems *problems;
};

static void wrong(struct reading *r, struct place place, const char *text)
{
	problem_add(
	    r->problems, PROBLEM_ERROR, E_VALUE, place, "[webhook %s] %s", r->webhook->name, text);
}

static void read_secret(struct reading *r, const struct value *value)
{
	struct webhook *w = r->webhook;

	secret_warn_mode(r->problems, value, "secret");
	w->secrets[w->n_secrets++] = (struct webhook_secret){ value->text.p, value->place.file };
}

static void read_secrets(struct reading *r, const struct value *value, bool has_bare)
{
	r->webhook->secrets =
	    arena_take(r->arena, (value->n_items + 1) * sizeof *r->webhook->secrets);
	if (has_bare)
		read_secret(r, value);
	for (size_t i = 0; i < value->n_items; i++)
		read_secret(r,
		    &(struct value){
			.text = value->items[i].text, .place = value->items[i].place });
}

static bool is_noun(const char *word)
{
	for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
		if (text_same(nouns[i], word))
			return true;
	return false;
}

/* "requests.*" would never fit. */
static void check_pattern(struct reading *r, struct text pattern, struct place place)
{
	size_t n = strcspn(pattern.p, ".*?[,");
	char *noun = arena_copy(r->arena, pattern.p, n < pattern.n ? n : pattern.n);
	const char *nearest = text_nearest(noun, nouns, sizeof nouns / sizeof nouns[0]);
	bool is_open = n < pattern.n && pattern.p[n] != '.';

	if (!is_open && !is_noun(noun))
		wrong(r, place,
		    arena_format(r->arena, "events: no event is called %.*s%s%s%s",
			TEXT_ARGS(pattern), nearest ? "; did you mean " : "",
			nearest ? nearest : "", nearest ? ".* ?" : ""));
}

static void read_events(struct reading *r, const struct value *value)
{
	struct text rest = value->text, pattern;
	size_t n = 0;

	for (; text_split(&rest, ',', &pattern); n++)
		check_pattern(r, pattern, value->place);
	if (!n)
		wrong(r, value->place, "events names none; leave it out for all of them");
	r->webhook->events = value->text;
}

static void read_retries(struct reading *r, const struct value *value)
{
	int64_t *all = arena_take(r->arena, MOST_RETRIES * sizeof *all);
	struct text rest = value->text, one;
	size_t n = 0;

	while (n < MOST_RETRIES && text_split(&rest, ',', &one))
		if (!duration_read(one, &all[n++]))
			wrong(r, value->place,
			    "retries are durations parted by commas, such as 5s, 2m, 1h");
	if (text_split(&rest, ',', &one))
		wrong(r, value->place, "retries: 30 are the most");
	r->webhook->retries = all;
	r->webhook->n_retries = n;
}

static void read_url(struct reading *r, const struct value *value)
{
	struct buffer origin = { 0 };

	r->webhook->url = value->text.p;
	if (value->text.n && http_origin(value->text.p, &origin))
		r->webhook->origin = arena_copy(r->arena, origin.p, origin.n);
	if (origin.p && text_starts(buffer_as_text(&origin), "http:") &&
	    !r->webhook->allows_private)
		wrong(r, value->place,
		    "url is on this machine: that needs allow = private; else write https");
	buffer_free(&origin);
}

static void read_webhook(struct config *config, struct config_section *section, struct reading *r)
{
	struct webhook *w = r->webhook;
	struct value v[N_OPTIONS];

	option_read(config, section, options, N_OPTIONS, v, r->problems);
	w->name = section_name(section);
	w->allows_private = v[ALLOW].number & 1;
	w->tells_all = v[DETAILS].number == 1;
	w->timeout_ms = v[TIMEOUT].number;
	if (!caller_name_ok(text_of(w->name)))
		problem_add(r->problems, PROBLEM_ERROR, E_NAME, section_place(section),
		    "[webhook] needs a name of letters, digits and . _ @ -: [webhook NAME]");
	read_url(r, &v[URL]);
	read_secrets(r, &v[SECRET], section_entry(section, "secret") != NULL);
	read_events(r, &v[EVENTS]);
	read_retries(r, &v[RETRIES]);
}

struct webhooks *webhooks_read(
    struct config *config, struct arena *arena, struct problems *problems)
{
	struct webhooks *webhooks = arena_take(arena, sizeof *webhooks);
	size_t n = 0;

	for (struct config_section *s = NULL; (s = config_next(config, "webhook", s));)
		n++;
	webhooks->list = arena_take(arena, (n + 1) * sizeof *webhooks->list);
	for (struct config_section *s = NULL; (s = config_next(config, "webhook", s));) {
		struct reading r = { &webhooks->list[webhooks->n++], arena, problems };

		read_webhook(config, s, &r);
	}
	return webhooks;
}

/* ---- asking ------------------------------------------------------------------------ */

const struct webhook *webhooks_find(const struct webhooks *webhooks, const char *name)
{
	for (size_t i = 0; i < webhooks->n; i++)
		if (text_same_fold(webhooks->list[i].name, name))
			return &webhooks->list[i];
	return NULL;
}

static bool fits(struct text pattern, const char *type)
{
	char chars[128];

	if (pattern.n >= sizeof chars)
		return false;
	memcpy(chars, pattern.p, pattern.n);
	chars[pattern.n] = 0;
	return fnmatch(chars, type, 0) == 0;
}

bool webhook_wants(const struct webhook *w, const char *type, bool is_of_budget)
{
	struct text rest = w->events, pattern;

	while (text_split(&rest, ',', &pattern))
		if (fits(pattern, type) || (is_of_budget && text_starts(pattern, "budget")))
			return true;
	return false;
}
