/*
 * session.h - the session that a login got
 */
#ifndef PORTAL_SESSION_H
#define PORTAL_SESSION_H

#include "config/secret.h"
#include "portal/loader.h"
#include "portal/step.h"

struct portal;

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

#endif
