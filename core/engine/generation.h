/*
 * generation.h - one loaded configuration: what `config check` proves is what runs
 *
 * The same loader serves every command and the service. Immutable once loaded.
 */
#ifndef ENGINE_GENERATION_H
#define ENGINE_GENERATION_H

#include "decide/policy.h"
#include "engine/budget.h"
#include "engine/caller.h"
#include "engine/issuer.h"
#include "engine/partner.h"
#include "engine/upkeep.h"
#include "engine/webhook.h"
#include "portal/portals.h"

#include <stdatomic.h>

struct generation {
	struct config *config;
	struct policy *policy;
	struct partner *partner;
	struct portals *portals;
	struct callers *callers;
	struct upkeep upkeep;
	struct webhooks *webhooks;
	struct budget_limits budget;
	struct issuers *issuers;
	struct arena *arena;
	char digest[17]; /* of the effective values: tells two generations apart */
	atomic_uint users;
};

/* Loads what the path (already found by config_find) names. Problems are added;
 * the result is usable only if there are no errors. Never NULL. */
struct generation *generation_load(const char *path, struct problems *);
/* One more user, from any thread. */
struct generation *generation_hold(struct generation *);
void generation_free(struct generation *); /* the last user's call frees it */
/* Folders for plugins, parted by ':': $CASEROUTE_PLUGINS, [caseroute] plugins,
 * beside the binary, the installed ones. */
const char *generation_plugin_path(struct config *, struct arena *, struct problems *);

#endif
