#include "engine/issuer.h"

#include <string.h>

#define SKEW_MOST_MS (60 * INSTANT_SECOND) /* conventions: more would keep ended tokens alive */

enum { ISSUER, AUDIENCE, JWKS, ALGORITHMS, SKEW, SUBJECT, CLAIM, ROLES, N_OPTIONS };

static const struct option options[N_OPTIONS] = {
	[ISSUER] = { .name = "issuer",
	    .type = OPTION_URL,
	    .flags = OPTION_REQUIRED,
	    .help = "the issuer's URL, exactly as its tokens have it in iss" },
	[AUDIENCE] = { .name = "audience",
	    .type = OPTION_WORDS,
	    .flags = OPTION_REQUIRED,
	    .help = "this service, as tokens for it have it in aud" },
	[JWKS] = { .name = "jwks",
	    .type = OPTION_URL,
	    .help =
		"where its keys are; default: as ISSUER/.well-known/openid-configuration says" },
	[ALGORITHMS] = { .name = "algorithms",
	    .type = OPTION_WORDS,
	    .fallback = "RS256",
	    .choices = ISSUER_ALGORITHMS,
	    .help = "signatures that are taken" },
	[SKEW] = { .name = "skew",
	    .type = OPTION_DURATION,
	    .fallback = "30s",
	    .max = SKEW_MOST_MS,
	    .help = "how far its clock may be from ours" },
	[SUBJECT] = { .name = "subject",
	    .type = OPTION_TEXT,
	    .fallback = "sub",
	    .help = "claim that tells callers apart for ever (Entra: oid)" },
	[CLAIM] = { .name = "claim",
	    .type = OPTION_TEXT,
	    .fallback = "roles",
	    .help = "claim that tells the roles; /a/b for one within another" },
	[ROLES] = { .name = "roles",
	    .type = OPTION_WORDS,
	    .flags = OPTION_OPEN,
	    .help = "values of the claim that give a role: roles.agent = Desk.Agent" },
};

static bool read_role(struct issuer *issuer, const struct option_item *item)
{
	struct text rest = text_of(CALLER_ROLES), role;

	for (size_t i = 0; text_split(&rest, ' ', &role); i++)
		if (text_is(role, item->suffix)) {
			issuer->values[i] = item->text;
			return true;
		}
	return false;
}

static void read_roles(struct issuer *issuer, const struct value *roles, struct place section,
    struct problems *problems)
{
	for (size_t i = 0; i < roles->n_items; i++)
		if (!read_role(issuer, &roles->items[i]))
			problem_add(problems, PROBLEM_ERROR, E_VALUE, roles->items[i].place,
			    "[issuer %s] roles.%s is no role; roles are: " CALLER_ROLES,
			    issuer->name, roles->items[i].suffix);
	if (!roles->n_items)
		problem_add(problems, PROBLEM_ERROR, E_MISSING_KEY, section,
		    "[issuer %s] needs roles, or its callers may do nothing: roles.agent = VALUE",
		    issuer->name);
}

static void read_issuer(struct config *config, struct config_section *section,
    struct issuer *issuer, struct problems *problems)
{
	struct value v[N_OPTIONS];

	option_read(config, section, options, N_OPTIONS, v, problems);
	*issuer = (struct issuer){ .name = section_name(section),
		.url = v[ISSUER].text.p,
		.jwks = v[JWKS].given ? v[JWKS].text.p : NULL,
		.audiences = v[AUDIENCE].text,
		.algorithms = (unsigned)v[ALGORITHMS].number,
		.skew_ms = v[SKEW].number,
		.subject = v[SUBJECT].text.p,
		.claim = v[CLAIM].text.p };
	if (!caller_name_ok(text_of(issuer->name)))
		problem_add(problems, PROBLEM_ERROR, E_NAME, section_place(section),
		    "[issuer] needs a name of letters, digits and . _ @ -: [issuer NAME]");
	if (!issuer->algorithms)
		problem_add(problems, PROBLEM_ERROR, E_VALUE, v[ALGORITHMS].place,
		    "[issuer %s] algorithms names none; allowed are: " ISSUER_ALGORITHMS,
		    issuer->name);
	read_roles(issuer, &v[ROLES], section_place(section), problems);
}

struct issuers *issuers_read(struct config *config, struct arena *arena, struct problems *problems)
{
	struct issuers *issuers = arena_take(arena, sizeof *issuers);
	size_t n = 0;

	for (struct config_section *s = NULL; (s = config_next(config, "issuer", s));)
		n++;
	issuers->list = arena_take(arena, (n + 1) * sizeof *issuers->list);
	for (struct config_section *s = NULL; (s = config_next(config, "issuer", s));) {
		struct issuer *issuer = &issuers->list[issuers->n];

		read_issuer(config, s, issuer, problems);
		if (*issuer->url && issuers_find(issuers, issuer->url))
			problem_add(problems, PROBLEM_ERROR, E_DUPLICATE, section_place(s),
			    "[issuer %s] has the URL of [issuer %s]", issuer->name,
			    issuers_find(issuers, issuer->url)->name);
		issuers->n++;
	}
	return issuers;
}

const struct issuer *issuers_find(const struct issuers *issuers, const char *url)
{
	for (size_t i = 0; i < issuers->n; i++)
		if (text_same(issuers->list[i].url, url))
			return &issuers->list[i];
	return NULL;
}
