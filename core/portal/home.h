/*
 * home.h - where a portal's plugin runs: in this process, or in a confined child
 *
 * The child is started at the first step and kept. One that dies fails its step, and is started
 * again, each time a little later; after three deaths in a minute the portal is closed for a
 * while, then tried once more.
 */
#ifndef PORTAL_HOME_H
#define PORTAL_HOME_H

#include "portal/result.h"

/* Of a portal that is not to run in this process. limit_ms: for one step. */
struct home *home_new(int64_t limit_ms);
void home_free(struct home *); /* NULL is fine */

/* step_run() in the child. What goes wrong there is a fault in the result. */
void home_step(struct portal *, const struct step_input *, const struct step_memory *,
    struct arena *, struct step_result *);

/* Ends the child; the next step starts another. A child dies with the thread that started it. */
void home_rest(struct home *);

#endif
