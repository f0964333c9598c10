/* The probe (R27): what is left of a contract, seen without creating anything. */
#include "engine/inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct probe {
	struct work w;
	struct dossier dossier;
	struct portal *portal;
	struct step_memory memory;
	struct json **guide;
};

static bool keep_seen(struct probe *p, const struct step *step, struct failure *why)
{
	struct ledger_row rows[9];
	size_t n = observation_rows(&p->w, step->extra, rows, 8);
	struct ledger_change change = { .rows = rows,
		.n_rows = 0,
		.event = { .who = p->w.engine->actor,
		    .what = "contract observed",
		    .why = p->w.row.contract } };

	if (!n && step->outcome.remaining != PORTAL_UNKNOWN)
		rows[n++] = (struct ledger_row){ .kind = ROW_OBSERVATION,
			.observation = { .contract = p->w.row.contract,
			    .remaining = step->outcome.remaining,
			    .start = step->outcome.start ? step->outcome.start * 1000
							 : INSTANT_UNKNOWN,
			    .end =
				step->outcome.until ? step->outcome.until * 1000 : INSTANT_UNKNOWN,
			    .at = instant_now(),
			    .portal = p->w.row.portal,
			    .account = p->w.row.account,
			    .source = "probe" } };
	change.n_rows = n;
	return !n || engine_commit(p->w.engine, &change, 1, why);
}

static bool send(
    struct probe *p, const struct json *exchange, struct http_reply *reply, struct failure *why)
{
	struct secret_context context = { p->w.engine, p->w.row.contract, NULL, 0 };
	struct secret_source source = secrets_of(&context);

	return portal_send(
	    p->portal, p->w.engine->http, exchange, NULL, &source, instant_now(), reply, why);
}

/* One step; *more: an exchange was made and its reply waits in *reply. */
static bool one_step(struct probe *p, struct http_reply *reply, bool *more, struct failure *why)
{
	struct step_input input = { .kind = OPERATION_REMAINING,
		.contract = &p->dossier.contract,
		.account = &p->dossier.account,
		.key = TEXT("probe"),
		.now = instant_now(),
		.reply = *more ? reply : NULL,
		.http = p->w.engine->http };
	struct step step;
	bool is_ok = true;

	portal_step(p->portal, &input, &p->memory, p->w.arena, &step);
	http_reply_free(reply);
	memset(reply, 0, sizeof *reply);
	*more = false;
	if (step.verdict == PORTAL_FETCH && step.wait_ms) {
		is_ok = failure_set(why, FAILURE_UNAVAILABLE, "portal %s: a probe cannot wait",
		    portal_name(p->portal));
	} else if (step.verdict == PORTAL_FETCH) {
		*more = true;
		is_ok = send(p, step.exchange, reply, why);
	} else if (step.verdict == PORTAL_ASK) {
		*p->guide = json_clone(step.guide);
	} else if (step.verdict == PORTAL_DONE) {
		is_ok = keep_seen(p, &step, why);
	} else {
		is_ok =
		    failure_set(why, FAILURE_UNAVAILABLE, "portal %s: %s", portal_name(p->portal),
			step.failure_text ? step.failure_text : "the probe failed");
	}
	step_free(&step);
	return is_ok;
}

static struct portal *probe_portal(const struct generation *g, enum plan_id plan)
{
	const struct portal_entry *entry =
	    policy_portal_for(g->policy, "windows", ENVIRONMENT_ON_PREMISES);

	(void)plan; /* cloud portals never show what is left (R26) */
	return entry ? portals_find(g->portals, entry->name) : NULL;
}

static bool prepare(struct probe *p, struct engine *e, const char *contract, struct failure *why)
{
	const struct partner *partner = e->generation->partner;
	const struct partner_contract *configured = partner_contract(partner, contract);
	struct contract_row stored = { 0 };

	p->w.engine = e;
	if (!ledger_contract(e->ledger, contract, p->w.arena, &stored, why) && !configured)
		return failure_set(why, FAILURE_NO_INPUT, "there is no contract %s", contract);
	p->w.row.contract = contract;
	p->w.row.plan = stored.plan ? stored.plan : plan_name(configured->plan);
	p->w.row.account = partner->default_account ? partner->default_account
	    : partner->n_accounts                   ? partner->accounts[0].name
						    : "";
	p->portal = probe_portal(e->generation, plan_read(text_of(p->w.row.plan)));
	if (!p->portal || !portal_can(p->portal, OPERATION_REMAINING))
		return failure_set(why, FAILURE_UNAVAILABLE,
		    "no portal can show what remains of contract %s", contract);
	p->w.row.portal = portal_name(p->portal);
	return dossier_fill(&p->w, p->w.row.account, p->w.arena, &p->dossier, why);
}

bool engine_remaining(
    struct engine *e, const char *contract, struct json **guide, struct failure *why)
{
	struct probe *p = memory_new(sizeof *p);
	struct http_reply reply = { 0 };
	bool more = false, is_ok;

	*guide = NULL;
	p->w.arena = arena_new();
	p->guide = guide;
	is_ok = prepare(p, e, contract, why) && one_step(p, &reply, &more, why);
	while (is_ok && more) /* portal_step() ends what has no end */
		is_ok = one_step(p, &reply, &more, why);
	http_reply_free(&reply);
	buffer_free(&p->memory.note);
	arena_free(p->w.arena);
	free(p);
	return is_ok;
}
