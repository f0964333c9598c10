/*
 * inside.h - the inside of struct portal and struct credential, for this room
 */
#ifndef PORTAL_INSIDE_H
#define PORTAL_INSIDE_H

#include <pthread.h>
#include "base/memory.h"
#include "config/option.h"
#include "portal/loader.h"
#include "portal/portals.h"

enum credential_type {
	CREDENTIAL_CLIENT_SECRET,
	CREDENTIAL_CERTIFICATE,
	CREDENTIAL_REFRESH_TOKEN,
	CREDENTIAL_BEARER_TOKEN
};

struct token;

struct secret_place {          /* where a secret is, not what it is */
	const char *reference; /* NULL: none is configured */
	const char *base_file;
};

struct credential {
	const char *name;
	enum credential_type type;
	const char *tenant, *client_id, *authority, *scope, *resource;
	const char *certificate; /* path of a PEM file */
	bool is_rs256;
	struct secret_place secret, key, token;
	pthread_mutex_t lock; /* over tokens */
	struct token *tokens;
	struct http_door door; /* of a refresh token, which one at a time may use */
};

struct option_state { /* beside the plugin's own portal_value */
	bool is_given;
	const struct portal_value *items; /* of a list */
	uint32_t n_items;
	struct secret_place secret;
	struct credential *credential;
};

struct cached { /* a list that the portal keeps */
	struct cached *next;
	char *name, *value;
	size_t n;
	int64_t until; /* seconds */
};

struct portal {
	const char *name, *title;
	const struct plugin *plugin;
	struct portal_value *values;
	struct option_state *options;
	struct credential *credential; /* NULL: none */
	const char **origins;
	size_t n_origins, origins_capacity;
	int64_t timeout_ms;
	size_t max_reply;
	uint32_t retries;
	struct portal_limits limits;
	struct home *home; /* NULL: its plugin runs in this process */
	const char *home_reason;

	pthread_mutex_t lock; /* over the rest */
	struct cached *cache;
	size_t cache_bytes;
	struct secret session;
	bool has_session;
	int64_t session_until; /* seconds; 0: the portal did not say */
};

struct portals {
	struct arena *arena;
	struct portal **portals;
	size_t n, capacity;
	struct credential **credentials;
	size_t n_credentials, credentials_capacity;
};

/* credential.c */
void credentials_read(struct portals *, struct config *, struct problems *);
struct credential *credential_find(const struct portals *, const char *name);
void credential_free(struct credential *); /* its tokens; the rest is the arena's */

/* options.c: the plugin's own keys of a [portal] section. False: reported. */
bool portal_read_options(
    struct portals *, struct portal *, struct config *, struct config_section *, struct problems *);
void portal_allow(struct portals *, struct portal *, const char *origin);
/* Does the address lie on the portal's allow-list? exchange.c of http asks again. */
bool portal_allows(const struct portal *, const char *address);
extern const struct option portal_keys[];
extern const size_t n_portal_keys;

/* cache.c */
bool cache_get(struct portal *, const char *name, int64_t now, struct buffer *out);
void cache_put(struct portal *, const char *name, struct text value, int64_t until);
void cache_free(struct portal *);

/* login.c: afterwards the portal has a good session, or there is a failure. */
bool portal_login(
    struct portal *, struct http *, const struct secret_source *, instant now, struct failure *);

/* A member by pointer, exactly or else with ASCII case ignored; lent. pointer.c */
struct json *point_loosely(struct json *, const char *pointer);
/* Puts BLANK in every place that point_loosely() might find a text or number in, null
 * where it is anything else. */
void blank_loosely(struct json *, const char *pointer);
#define BLANK "********"
/* A reply's body without the mark that some portals begin with (U+FEFF). */
struct text body_of(const struct http_reply *);

/* ---- the session (session.c) --------------------------------------------------- */

void session_keep(struct portal *, struct text value, int64_t until);
void session_drop(struct portal *);
bool session_is_good(struct portal *, int64_t now);

/* What one reply to a login held in the places that the plugin declared. */
struct session_secrets {
	struct secret values[SESSION_PLACES]; /* in their order; empty: not in the reply */
};
/* Which of the plugin's places it is; SESSION_PLACES: none. */
size_t session_place(const struct plugin *, struct text place);
/* Takes the secrets out of a reply: a step reads BLANK in their places, and wherever else
 * the same bytes stand. Of a body that is not JSON nothing is left. Free what was taken. */
void session_take(const struct portal *, struct http_reply *, struct session_secrets *);
/* What the step that saw the reply wished to keep, if anything. */
void session_keep_wished(struct portal *, const struct session_secrets *, const struct step *);
void session_secrets_free(struct session_secrets *);

/* Overwrites the secret wherever it stands in a reply; blank.c. */
void secret_blank(struct buffer *in, struct text secret);

#endif
