/*
 * portals.h - configured portals and the plugins that serve them
 *
 * Reads the [portal NAME] and [credential NAME] sections, loads each plugin
 * (loader.c proves the file first) and checks the options. portal_step() (home.h)
 * runs a step, which is pure: it does no I/O. What it wants (an exchange, a
 * guide, a hop) comes back in a struct step; portal_send() makes an exchange
 * with the portal's tokens and secrets placed. Who calls decides what is
 * written down in between. The JSON of exchanges and guides: exchange.h.
 *
 * Threads: after portals_read() everything may be called from any thread.
 */
#ifndef PORTAL_PORTALS_H
#define PORTAL_PORTALS_H

#include <stdio.h>
#include "config/config.h"
#include "portal/home.h"
#include "portal/limits.h"
#include "portal/secret_source.h"

struct portals;

/* `plugin_path`: folders parted by ':' where NAME.so is looked for. Never NULL.
 * A portal with errors is left out. Keeps no pointer into the config. */
struct portals *portals_read(struct config *, const char *plugin_path, struct problems *);
void portals_free(struct portals *);
size_t portals_count(const struct portals *);
struct portal *portals_at(const struct portals *, size_t);
struct portal *portals_find(const struct portals *, const char *name); /* NULL */

const char *portal_name(const struct portal *);
const char *portal_title(const struct portal *);
const char *portal_plugin_name(const struct portal *);
const char *portal_plugin_version(const struct portal *);
uint32_t portal_memory_version(const struct portal *);
const struct portal_limits *portal_limits(const struct portal *);
uint32_t portal_retries(const struct portal *); /* sends of one exchange after the first */
bool portal_can(const struct portal *, enum operation_kind);
const char *portal_origin(const struct portal *); /* the first that it may speak to; NULL */
/* Nothing is left of what it keeps between operations: session, cache. */
void portal_forget(struct portal *);
/* Is it a key of a [portal] section that caseroute reads itself? */
bool portal_key_is_own(const char *name);

/* The keys that would make its section again: the options that were given (of a list NAME.1 and
 * so on), then `origins`, of which `option` is NULL. Of secrets and credentials "". section.c */
typedef void portal_key_told(
    void *context, const char *name, const struct portal_option *option, struct text value);
void portal_tell_keys(const struct portal *, void *context, portal_key_told *);
bool portal_uses_credential(const struct portal *); /* its own, or an option's */

/* Where the secrets are that the sections of portals and credentials name; section.c. kind:
 * "portal" or "credential". is_spare: it may be out of date, a newer one is kept. */
struct secret_told {
	const char *kind, *name, *key;
	const char *reference, *file; /* as secret_read() has them */
	bool is_spare;
};
typedef void portal_secret_told(void *context, const struct secret_told *);
void portals_tell_secrets(const struct portals *, void *context, portal_secret_told *);

/* ---- sending --------------------------------------------------------------- */

/* Places secrets and files, attaches tokens (fetched, cached, renewed), runs the
 * plugin's login if it has one, sends once. A 401 renews token and session once
 * and sends again: nothing was done by a 401. False: there was no whole reply;
 * reply->may_have_arrived tells whether the exchange may have happened, and the
 * failure's kind: CONFIG and NO_PERMISSION (a person must act), UNAVAILABLE. */
bool portal_send(struct portal *, struct http *, const struct json *exchange,
    const char *customer_tenant, const struct secret_source *, instant now, struct http_reply *,
    struct failure *);
/* Does an exchange go to where the portal's configuration lets it? One of an earlier
 * configuration may not. */
bool portal_reaches(const struct portal *, const struct json *exchange);

/* ---- for people ------------------------------------------------------------ */

/* Prints the INI section with comments and the manual text of a plugin by name. */
bool portal_describe(const char *plugin_path, const char *plugin, FILE *, struct failure *);

#endif
