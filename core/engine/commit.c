#include "engine/inside.h"

#include <string.h>

bool engine_commit(struct engine *e, struct ledger_change *changes, size_t n, struct failure *why)
{
	if (e->runner)
		return e->runner->commit(e->runner->context, changes, n, why);
	return ledger_commit(e->ledger, instant_now(), changes, n, why);
}

/* Somebody else changed the request meanwhile: what they did stands. */
static bool explain(struct work *w, const struct ledger_change *change, struct failure *why)
{
	switch (change->result) {
	case LEDGER_DONE: return true;
	case LEDGER_STALE:
		return failure_set(why, FAILURE_TRY_LATER,
		    "request %s was changed by somebody else meanwhile; look at it again",
		    id_short(w->row.id));
	case LEDGER_SPENT:
		return failure_set(why, FAILURE_TRY_LATER,
		    "request %s: the contract's last incident was just taken", id_short(w->row.id));
	case LEDGER_EXISTS:
	case LEDGER_MISSING: break;
	}
	return failure_set(why, FAILURE_INTERNAL, "request %s: the ledger refused a change (%d)",
	    id_short(w->row.id), (int)change->result);
}

/* With the trace that the change was made in, if any. */
static void write_detail(const struct engine *e, const struct json *detail, struct buffer *out)
{
	struct json *traced = *e->trace ? json_new_object() : NULL, *value;
	void *cursor = NULL;
	const char *name;

	json_set(traced, "trace", json_new_string(e->trace));
	while (traced && json_next(detail, &cursor, &name, &value))
		json_set(traced, name, json_clone(value));
	if (traced || detail)
		json_write(traced ? traced : detail, JSON_LINE, out);
	json_free(traced);
}

/* A journal that was never written down needs not be taken away. */
static bool is_idle(const struct work *w, const struct ledger_row *row)
{
	return row->kind == ROW_OPERATION && !row->operation.kind && !w->is_on_record;
}

bool work_commit(struct work *w, enum request_state to, bool release, const char *what,
    const char *because, const struct json *detail, const struct ledger_row *rows, size_t n,
    struct failure *why)
{
	struct ledger_row copies[32];
	struct buffer text = { 0 };
	struct ledger_change change = { .request = w->row.id,
		.key = w->row.key,
		.expect = w->row.state,
		.state = to,
		.fence = w->fence,
		.release = release,
		.rows = copies };
	bool is_ok;

	for (size_t i = 0; i < n; i++)
		if (!is_idle(w, &rows[i]))
			copies[change.n_rows++] = rows[i];
	write_detail(w->engine, detail, &text);
	if (what)
		change.event = (struct event_row){ .request = w->row.id,
			.who = w->engine->actor,
			.what = what,
			.why = because,
			.from = w->row.state,
			.to = to,
			.detail = buffer_as_text(&text) };
	is_ok = engine_commit(w->engine, &change, 1, why) && explain(w, &change, why);
	if (is_ok && to != STATE_NONE)
		w->row.state = to;
	if (is_ok) {
		w->row.changed = change.at;
		work_take_over(w, rows, n);
	}
	buffer_free(&text);
	return is_ok;
}

/* ---- observations ------------------------------------------------------------------ */

/* A plugin names a plan by its word or by what the portal displays. */
static enum plan_id plan_named(const struct work *w, struct text name)
{
	enum plan_id plan = plan_read(name);
	const struct policy *policy = w->engine->generation->policy;

	for (size_t i = 0; plan == PLAN_NONE && i < policy_profile_count(policy); i++)
		for (int p = PLAN_PARTNER_SUPPORT; p <= PLAN_SIGNATURE_CLOUD && plan == PLAN_NONE;
		     p++) {
			struct text names = policy_profile_at(policy, i)->plan_names[p], one;

			while (text_split(&names, '|', &one))
				if (one.n == name.n && strncasecmp(one.p, name.p, name.n) == 0)
					plan = (enum plan_id)p;
		}
	return plan;
}

/* The contract an observation is about: the one used if its plan fits, else the
 * only one on record with that plan. */
static const char *contract_seen(struct work *w, enum plan_id plan)
{
	struct contract_row own;
	struct failure ignored = { 0 };
	const char *only = NULL;

	if (w->row.contract &&
	    ledger_contract(w->engine->ledger, w->row.contract, w->arena, &own, &ignored) &&
	    plan_read(text_of(own.plan)) == plan)
		return w->row.contract;
	ledger_contract_of_plan(w->engine->ledger, plan_name(plan), w->arena, &only, &ignored);
	return only;
}

static int64_t remaining_of(const struct json *value)
{
	if (text_is(json_text(value), "unlimited"))
		return INT64_MAX;
	return json_number(value, INT64_MIN);
}

static bool observation_row(struct work *w, const struct json *seen, struct ledger_row *row)
{
	enum plan_id plan = plan_named(w, json_text(json_get(seen, "plan")));
	const char *contract = plan == PLAN_NONE ? w->row.contract : contract_seen(w, plan);
	instant end = INSTANT_UNKNOWN;

	if (!contract)
		return false;
	if (json_get_chars(seen, "until"))
		instant_read_end(json_text(json_get(seen, "until")), &end);
	*row = (struct ledger_row){ .kind = ROW_OBSERVATION,
		.observation = { .contract = contract,
		    .remaining = remaining_of(json_get(seen, "remaining")),
		    .start = INSTANT_UNKNOWN,
		    .end = end,
		    .at = instant_now(),
		    .portal = w->row.portal,
		    .account = w->answered_account ? w->answered_account : w->row.account,
		    .source = "portal" } };
	return true;
}

size_t observation_rows(
    struct work *w, const struct json *extra, struct ledger_row *rows, size_t most)
{
	const struct json *list = json_get(extra, "observations");
	size_t n = 0;

	for (size_t i = 0; i < json_length(list) && n < most; i++)
		n += observation_row(w, json_at(list, i), &rows[n]);
	return n;
}
