/*
 * routes.h - routes compiled into bit sets, for this room only
 *
 * For each field: a bit for every route without a positive condition on it, and
 * for each exact value, prefix and suffix the routes that name it. Looking a
 * request up costs a few hash probes a field and one AND over the bits, so
 * 10,000 routes cost about what 10 do.
 */
#ifndef DECIDE_ROUTES_H
#define DECIDE_ROUTES_H

#include "decide/policy.h"

struct routes;

struct routes *routes_read(struct config *, struct problems *);
void routes_free(struct routes *);
size_t routes_count(const struct routes *);
const struct route *routes_at(const struct routes *, size_t);
/* The first that fits and may be taken; `may_take` NULL: each may. NULL if there is none. */
const struct route *routes_find(const struct routes *, const struct route_key *,
    bool (*may_take)(const void *, const struct route *), const void *context, struct arena *);
void routes_check(const struct routes *, struct problems *);
/* Every portal a route names must be among these. */
void routes_check_portals(const struct routes *, bool (*exists)(const void *, const char *),
    const void *, const char *const *names, size_t n, struct problems *);

#endif
