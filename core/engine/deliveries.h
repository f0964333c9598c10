/*
 * deliveries.h - what an operator sees of webhooks and does with what they did not take
 */
#ifndef ENGINE_DELIVERIES_H
#define ENGINE_DELIVERIES_H

#include "base/json.h"
#include "engine/engine.h"

/* The webhook of that name; NULL: there is none (FAILURE_NO_INPUT, with the nearest). */
const struct webhook *deliveries_of(const struct engine *, const char *name, struct failure *);

/* One webhook, or all of them: where they go, how far they have come, what is due or dead.
 * Of an address its origin alone is shown. A new value to free; NULL: failure. */
struct json *view_webhook(
    struct engine *, const struct webhook *, struct arena *, struct failure *);
struct json *view_webhooks(struct engine *, struct arena *, struct failure *);

/* Sends an event once more, whether it was taken or not; 0: all that is dead. *n: how many. */
bool deliveries_resend(
    struct engine *, const struct webhook *, int64_t event, int64_t *n, struct failure *);
/* What a receiver's 410 has disabled goes on where it stopped. */
bool deliveries_enable(struct engine *, const struct webhook *, struct failure *);

#endif
