/*
 * policy_parts.h - the inside of struct policy, for this room only
 */
#ifndef DECIDE_POLICY_PARTS_H
#define DECIDE_POLICY_PARTS_H

#include "decide/routes.h"

struct policy {
	struct arena *arena;
	struct catalogue *catalogue;
	struct routes *routes;
	struct portal_entry *portals;
	size_t n_portals, portals_capacity;
	struct profile *profiles;
	size_t n_profiles, profiles_capacity;
	const char *own_profile;
	struct place own_profile_place;
};

void profiles_read(struct policy *, struct config *, struct problems *);
/* One word, folded, inner blanks single, a trailing " competency" dropped. */
size_t fold_name(struct text, char *out, size_t capacity);

#endif
