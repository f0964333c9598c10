/* What the desk records of its contracts and benefits, and the door to the IDs. */
#include "engine/engine.h"

#include <string.h>

/* ---- contracts ---------------------------------------------------------------------- */

/* The same pair under another name is the same contract (O3). */
static bool refuse_twin(const char *twin, struct failure *why)
{
	return failure_set(
	    why, FAILURE_DATA, "this pair of IDs is on record as contract %s; use that name", twin);
}

static bool check(struct engine *e, const struct engine_contract *c, bool *is_new,
    struct arena *arena, struct failure *why)
{
	struct contract_row stored;
	const char *twin;

	if (!ledger_id_ok(text_of(c->id), "the contract's name", why))
		return false;
	if (!c->access_id.n != !c->contract_id.n)
		return failure_set(why, FAILURE_DATA, "both IDs are needed, or none (R13)");
	if (c->access_id.n &&
	    (!ledger_id_ok(c->access_id, "Access ID", why) ||
		!ledger_id_ok(c->contract_id, "Contract ID", why)))
		return false;
	if (c->access_id.n &&
	    ledger_contract_by_ids(e->ledger, c->access_id, c->contract_id, arena, &twin, why) &&
	    strcmp(twin, c->id) != 0)
		return refuse_twin(twin, why);
	*is_new = !ledger_contract(e->ledger, c->id, arena, &stored, why);
	return why->kind == FAILURE_NONE;
}

static bool commit(struct engine *e, struct ledger_change *change, struct failure *why)
{
	if (!engine_commit(e, change, 1, why))
		return false;
	if (change->result == LEDGER_EXISTS)
		return refuse_twin(change->conflict, why);
	return change->result == LEDGER_DONE ||
	    failure_set(
		why, FAILURE_INTERNAL, "the ledger refused the change (%d)", (int)change->result);
}

static bool add(struct engine *e, const struct engine_contract *c, struct failure *why)
{
	struct ledger_row rows[3] = { { .kind = ROW_CONTRACT,
	    .contract_row = { .id = c->id,
		.plan = c->plan,
		.is_personal = c->is_personal,
		.start = c->start,
		.end = c->end,
		.source = c->source } } };
	struct ledger_change change = { .rows = rows,
		.n_rows = 1,
		.event = { .who = e->actor, .what = "contract recorded", .why = c->id } };

	if (c->access_id.n) {
		struct ledger_row *row = &rows[change.n_rows++];

		row->kind = ROW_CONTRACT_IDS;
		row->ids.contract = c->id;
		row->ids.access_id = c->access_id;
		row->ids.contract_id = c->contract_id;
	}
	if (c->remaining != INT64_MIN || c->end != INSTANT_UNKNOWN)
		rows[change.n_rows++] = (struct ledger_row){ .kind = ROW_OBSERVATION,
			.observation = { .contract = c->id,
			    .remaining = c->remaining,
			    .start = c->start,
			    .end = c->end,
			    .at = instant_now(),
			    .source = c->source } };
	return commit(e, &change, why);
}

bool engine_add_contract(
    struct engine *e, const struct engine_contract *c, bool *is_new, struct failure *why)
{
	struct arena *arena = arena_new();
	bool is_ok = check(e, c, is_new, arena, why) && add(e, c, why);

	arena_free(arena);
	return is_ok;
}

static bool is_on_record(struct engine *e, const char *contract, struct failure *why)
{
	struct arena *arena = arena_new();
	struct contract_row stored;
	bool is_there = ledger_contract(e->ledger, contract, arena, &stored, why);

	arena_free(arena);
	return is_there ||
	    failure_set(why, FAILURE_NO_INPUT,
		"there is no contract %s in the ledger; `caseroute contracts add` records it",
		contract);
}

bool engine_observe(
    struct engine *e, const char *contract, const struct engine_seen *seen, struct failure *why)
{
	struct ledger_row rows[2];
	struct ledger_change change = { .rows = rows,
		.event = { .who = e->actor, .what = "contract observed", .why = contract } };
	bool is_dated = seen->start != INSTANT_UNKNOWN || seen->end != INSTANT_UNKNOWN;

	if (!is_on_record(e, contract, why))
		return false;
	if (seen->remaining != INT64_MIN || is_dated)
		rows[change.n_rows++] = (struct ledger_row){ .kind = ROW_OBSERVATION,
			.observation = { .contract = contract,
			    .remaining = seen->remaining,
			    .start = seen->start,
			    .end = seen->end,
			    .at = instant_now(),
			    .portal = seen->portal,
			    .account = seen->account,
			    .source = seen->source } };
	if (seen->linked || seen->doubtful)
		rows[change.n_rows++] = (struct ledger_row){ .kind = ROW_LINK,
			.link = { contract, seen->linked ? seen->linked : seen->doubtful,
			    seen->linked ? LINK_MARK_LINKED : LINK_MARK_DOUBTFUL, seen->source,
			    instant_now() } };
	return commit(e, &change, why);
}

/* ---- IDs ---------------------------------------------------------------------------------- */

static struct event_row looked(
    struct engine *e, const struct request_row *request, const char *words)
{
	struct event_row event = { .who = e->actor, .what = "revealed", .why = words };

	if (request) {
		event.request = request->id;
		event.from = event.to = request->state;
	}
	return event;
}

bool engine_reveal(struct engine *e, const char *contract, const struct request_row *request,
    struct secret *access_id, struct secret *contract_id, struct failure *why)
{
	struct arena *arena = arena_new();
	struct ledger_change change = { .request = request ? request->id : NULL,
		.expect = request ? STATE_ANY : STATE_NONE,
		.event =
		    looked(e, request, arena_format(arena, "the IDs of contract %s", contract)) };
	bool is_ok;

	if (!ledger_contract_ids(e->ledger, contract, access_id, contract_id, why))
		failure_set(
		    why, FAILURE_NO_INPUT, "contract %s: its IDs are not in the ledger", contract);
	is_ok = why->kind == FAILURE_NONE && commit(e, &change, why);
	if (!is_ok) {
		secret_free(access_id);
		secret_free(contract_id);
	}
	arena_free(arena);
	return is_ok;
}

/* ---- benefits ---------------------------------------------------------------------------------
 */

/* Roles that the configuration does not say may be any. */
static bool check_admin(const struct partner *p, const char *name, struct failure *why)
{
	const struct partner_account *account = partner_account(p, name);

	if (!account)
		return failure_set(why, FAILURE_DATA, "there is no [account %s]", name);
	return account->roles < 0 ||
	    (account->roles & (ROLE_GLOBAL_ADMIN | ROLE_MPN_PARTNER_ADMIN)) ||
	    failure_set(why, FAILURE_DATA,
		"%s is neither Global Admin nor MPN Partner Admin, so it cannot activate (R11)",
		name);
}

bool engine_activate(struct engine *e, const char *name, const char *account, struct failure *why)
{
	const struct partner *p = e->generation->partner;
	const struct partner_offer *offer = partner_offer(p, name);
	struct ledger_row row = { .kind = ROW_BENEFIT };
	struct ledger_change change = {
		.rows = &row, .n_rows = 1, .event = { .who = e->actor, .what = "benefit activated" }
	};

	if (!offer)
		return failure_set(why, FAILURE_NO_INPUT,
		    "there is no [offer %s]; `caseroute benefits list` names them", name);
	if (account && !check_admin(p, account, why))
		return false;
	row.benefit.offer = change.event.why = offer->name;
	row.benefit.is_activated = true;
	row.benefit.account = account ? account : e->actor;
	return commit(e, &change, why);
}
