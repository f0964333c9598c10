/*
 * budget_look.h - looks over contracts, links and benefits, and records what needs care
 *
 * Each condition is recorded once as long as it holds, whoever looks, however often. Of many
 * contracts those are looked at that the next requests can come to (ledger_contract_choice()):
 * it costs the same however many there are.
 */
#ifndef ENGINE_BUDGET_LOOK_H
#define ENGINE_BUDGET_LOOK_H

#include "engine/engine.h"

/* Of contracts what is left and when they end; `whole`: also links and benefits.
 * *n: how many events were recorded. */
bool budget_look(struct engine *, bool whole, size_t *n, struct failure *);

#endif
