/*
 * alone.h - one portal without a configuration: from the keys of its section
 */
#ifndef CHECK_ALONE_H
#define CHECK_ALONE_H

#include "portal/portals.h"

struct alone {
	struct portals *portals;
	struct portal *portal; /* named "test" */
};

/* keys: lines of the [portal test] section, its `plugin` apart; credential: lines of a
 * [credential test] that the portal then uses, or "". `what` names the lines in failures, which
 * hold all that is wrong. False: nothing was made. */
bool alone_make(struct alone *, const char *plugin_path, const char *plugin, struct text keys,
    struct text credential, const char *what, struct failure *);
void alone_free(struct alone *);

#endif
