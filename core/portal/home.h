/*
 * home.h - where a portal's plugin runs: in this process, or in a confined child
 *
 * The child is started at the first step and kept. One that dies fails its step, and is started
 * again, each time a little later; after three deaths in a minute the portal is closed for a
 * while, then tried once more.
 */
#ifndef PORTAL_HOME_H
#define PORTAL_HOME_H

#include "base/memory.h"
#include "portal/step.h"

struct portal;

/* Runs one step where the portal's plugin is at home; memory is read and, unless it failed,
 * written. */
void portal_step(struct portal *, const struct step_input *, struct step_memory *, struct arena *,
    struct step *out);

/* Where its plugin runs: in this process, or in a confined child of its own. */
struct portal_home {
	bool is_process;
	const char *reason; /* why there */
	const char
	    *unconfined;   /* a child without a filter for system calls: why; NULL: it has one */
	int64_t closed_ms; /* its child died too often: no step for so long; 0: it is open */
	unsigned long long starts, deaths; /* of children */
};
void portal_home(const struct portal *, struct portal_home *);
int64_t portal_closed_ms(const struct portal *); /* that of it alone */

/* Of a portal that is not to run in this process. limit_ms: for one step. */
struct home *home_new(int64_t limit_ms);
void home_free(struct home *); /* NULL is fine */

/* Ends the child; the next step starts another. A child dies with the thread that started it. */
void home_rest(struct home *);

#endif
