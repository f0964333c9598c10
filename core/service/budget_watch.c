#include "service/budget_watch.h"
#include "base/log.h"
#include "engine/budget_look.h"

#include <string.h>

#define LOOK_MS 1000
#define WHOLE_MS (3600 * 1000)
#define SHARE 20 /* of the loop's time at most one part in so many */

static bool is_due(const struct budget_watch *w, const struct engine *e)
{
	return strcmp(w->digest, e->generation->digest) != 0 || instant_monotonic() >= w->whole_at;
}

static bool look(struct budget_watch *w, struct engine *e, bool is_whole, struct failure *why)
{
	size_t n;

	if (!budget_look(e, is_whole, &n, why))
		return false;
	if (is_whole) {
		memcpy(w->digest, e->generation->digest, sizeof w->digest);
		w->whole_at = instant_monotonic() + WHOLE_MS;
	}
	return true;
}

/* A ticket, an observation, a contract: each is an event, whoever wrote it. */
int64_t budget_watch_round(struct engine *e, void *context)
{
	struct budget_watch *w = context;
	struct failure why = { 0 };
	instant begun = instant_monotonic();
	int64_t last = w->event, took;
	bool is_whole = is_due(w, e);

	if (atomic_load(e->is_stopping) || begun < w->next_at ||
	    !ledger_last_event(e->ledger, &last, &why))
		return LOOK_MS;
	if (!is_whole && last == w->event)
		return LOOK_MS;
	if (look(w, e, is_whole, &why))
		w->event = last;
	else
		log_line(LOG_WARNING, "cannot look over the budget: %s", why.text);
	took = instant_monotonic() - begun;
	w->next_at = begun + (took * SHARE > LOOK_MS ? took * SHARE : LOOK_MS);
	return LOOK_MS;
}
