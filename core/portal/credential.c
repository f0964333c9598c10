#include "portal/inside.h"
#include "portal/token.h"

#include <stdlib.h>
#include <string.h>

enum {
	TYPE,
	TENANT,
	CLIENT_ID,
	SECRET,
	CERTIFICATE,
	KEY,
	TOKEN,
	ALGORITHM,
	AUTHORITY,
	SCOPE,
	RESOURCE
};

static const struct option keys[] = {
	[TYPE] = { .name = "type",
	    .type = OPTION_CHOICE,
	    .flags = OPTION_REQUIRED,
	    .choices = "client-secret certificate refresh-token bearer-token",
	    .help = "how a token is got" },
	[TENANT] = { .name = "tenant",
	    .type = OPTION_TEXT,
	    .help = "the partner's tenant: a GUID or a domain" },
	[CLIENT_ID] = { .name = "client_id",
	    .type = OPTION_TEXT,
	    .help = "the application's id, a GUID" },
	[SECRET] = { .name = "secret", .type = OPTION_SECRET, .help = "the application's secret" },
	[CERTIFICATE] = { .name = "certificate",
	    .type = OPTION_PATH,
	    .help = "the application's certificate, PEM" },
	[KEY] = { .name = "key",
	    .type = OPTION_SECRET,
	    .help = "the certificate's private key, PEM" },
	[TOKEN] = { .name = "token",
	    .type = OPTION_SECRET,
	    .help =
		"bearer-token: the token; refresh-token: the first one, until a newer is kept" },
	[ALGORITHM] = { .name = "algorithm",
	    .type = OPTION_CHOICE,
	    .fallback = "PS256",
	    .choices = "PS256 RS256",
	    .help = "signature of the certificate's assertion" },
	[AUTHORITY] = { .name = "authority",
	    .type = OPTION_ORIGIN,
	    .fallback = "https://login.microsoftonline.com",
	    .help = "where tokens are issued" },
	[SCOPE] = { .name = "scope",
	    .type = OPTION_TEXT,
	    .help = "what tokens are for, where a portal does not say; "
		    "https://management.azure.com/.default" },
	[RESOURCE] = { .name = "resource",
	    .type = OPTION_TEXT,
	    .help = "the same for the older token address" },
};

#define N_KEYS (sizeof keys / sizeof keys[0])

/* What each type cannot do without. */
static const struct {
	unsigned type, key;
} needed[] = {
	{ CREDENTIAL_CLIENT_SECRET, TENANT },
	{ CREDENTIAL_CLIENT_SECRET, CLIENT_ID },
	{ CREDENTIAL_CLIENT_SECRET, SECRET },
	{ CREDENTIAL_CERTIFICATE, TENANT },
	{ CREDENTIAL_CERTIFICATE, CLIENT_ID },
	{ CREDENTIAL_CERTIFICATE, CERTIFICATE },
	{ CREDENTIAL_CERTIFICATE, KEY },
	{ CREDENTIAL_REFRESH_TOKEN, TENANT },
	{ CREDENTIAL_REFRESH_TOKEN, CLIENT_ID },
	{ CREDENTIAL_BEARER_TOKEN, TOKEN },
};

struct credential *credential_find(const struct portals *portals, const char *name)
{
	for (size_t i = 0; i < portals->n_credentials; i++)
		if (text_same(portals->credentials[i]->name, name))
			return portals->credentials[i];
	return NULL;
}

static const char *keep(struct portals *portals, const struct value *value)
{
	return value->text.n ? arena_copy(portals->arena, value->text.p, value->text.n) : NULL;
}

static struct secret_place place_of(struct portals *portals, const struct value *value)
{
	const char *file = value->place.file;

	if (!value->text.n)
		return (struct secret_place){ 0 };
	return (struct secret_place){ keep(portals, value),
		file ? arena_copy(portals->arena, file, strlen(file)) : NULL };
}

static bool check(
    const char *name, const struct value *values, struct place place, struct problems *problems)
{
	bool is_ok = true;

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		const struct option *key = &keys[needed[i].key];

		if ((unsigned)values[TYPE].number != needed[i].type || values[needed[i].key].text.n)
			continue;
		problem_add(problems, PROBLEM_ERROR, E_MISSING_KEY, place,
		    "[credential %s] %s is missing (%s)", name, key->name, key->help);
		is_ok = false;
	}
	return is_ok;
}

static struct credential *make(struct portals *portals, const char *name, const struct value *v)
{
	struct credential *c = arena_take(portals->arena, sizeof *c);

	c->name = arena_copy(portals->arena, name, strlen(name));
	c->type = (enum credential_type)v[TYPE].number;
	c->tenant = keep(portals, &v[TENANT]);
	c->client_id = keep(portals, &v[CLIENT_ID]);
	c->authority = keep(portals, &v[AUTHORITY]);
	c->scope = keep(portals, &v[SCOPE]);
	c->resource = keep(portals, &v[RESOURCE]);
	c->certificate = keep(portals, &v[CERTIFICATE]);
	c->is_rs256 = v[ALGORITHM].number == 1;
	c->secret = place_of(portals, &v[SECRET]);
	c->key = place_of(portals, &v[KEY]);
	c->token = place_of(portals, &v[TOKEN]);
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void credentials_read(struct portals *portals, struct config *config, struct problems *problems)
{
	struct config_section *section = NULL;

	while ((section = config_next(config, "credential", section))) {
		struct value values[N_KEYS];
		const char *name = section_name(section);

		if (!option_read(config, section, keys, N_KEYS, values, problems) ||
		    !check(name, values, section_place(section), problems))
			continue;
		secret_warn_mode(problems, &values[SECRET], "secret");
		secret_warn_mode(problems, &values[KEY], "key");
		secret_warn_mode(problems, &values[TOKEN], "token");
		portals->credentials = memory_grow(portals->credentials, portals->n_credentials,
		    &portals->credentials_capacity, sizeof(struct credential *));
		portals->credentials[portals->n_credentials++] = make(portals, name, values);
	}
}

void credential_free(struct credential *credential)
{
	tokens_free(credential);
	pthread_mutex_destroy(&credential->lock);
}
