/* Whose a request is while it is worked on. */
#include "engine/inside.h"

/* A killed process of this host left its claim behind, or a part of this one could not give it
 * back. Of two that take it over, the ledger lets one through. */
bool engine_owner_is_gone(const struct engine *e, const char *owner)
{
	const struct engine_runner *runner = e->runner;

	return owner_is_gone(owner) || (owner && runner && runner->is_gone(runner->context, owner));
}

bool work_claim(struct work *w, struct failure *why)
{
	struct ledger_change change = { .request = w->row.id,
		.key = w->row.key,
		.expect = STATE_ANY,
		.claim_for = w->engine->owner,
		.claim_from = engine_owner_is_gone(w->engine, w->row.owner) ? w->row.owner : NULL,
		.lease_ms = ENGINE_LEASE_MS };

	if (!engine_commit(w->engine, &change, 1, why) || change.result != LEDGER_DONE)
		return false;
	w->fence = change.new_fence;
	w->lease = instant_now() + ENGINE_LEASE_MS;
	return true;
}
