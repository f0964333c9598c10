/* What the end of a step means for the request. */
#include "engine/inside.h"

#include <stdlib.h>
#include <string.h>

static const char *text_in(struct work *w, portal_str s)
{
	return s.n ? arena_copy(w->arena, s.p, s.n) : NULL;
}

static const char *link_account(const struct work *w)
{
	return w->answered_account ? w->answered_account
	    : w->operation.account ? w->operation.account
				   : w->row.account;
}

static struct ledger_row link_row(const struct work *w, const char *source)
{
	return (struct ledger_row){ .kind = ROW_LINK,
		.link = { .contract = w->row.contract,
		    .account = link_account(w),
		    .mark = LINK_MARK_LINKED,
		    .source = source,
		    .at = instant_now() } };
}

/* Was it done under another sign-in than planned? */
static bool is_other_account(const struct work *w)
{
	return w->answered_account && !text_same_fold(w->answered_account, w->row.account);
}

/* ---- done ---------------------------------------------------------------------- */

static bool go_on(
    struct work *w, const char *what, struct ledger_row *rows, size_t n, struct failure *why)
{
	const char *kind = next_operation(w, w->operation.kind);

	rows[n] = (struct ledger_row){ .kind = ROW_OPERATION,
		.operation = fresh_operation(
		    w, kind, w->operation.portal, w->operation.input, w->operation.hops) };
	return work_commit(
	    w, state_of_operation(kind, false), false, what, NULL, NULL, rows, n + 1, why);
}

static bool open_done(struct work *w, const struct step *step, struct failure *why)
{
	struct ledger_row rows[10];
	size_t n = observation_rows(w, step->extra, rows, 8);

	return go_on(w, NULL, rows, n, why);
}

static bool create_done(struct work *, const struct step *, struct failure *);

/* The contract is linked; with another sign-in, the decision is made again for it.
 * A person may have opened the request in the same go: the ticket proves the link. */
static bool link_done(struct work *w, const struct step *step, struct failure *why)
{
	struct ledger_row rows[10] = { link_row(w, "done by hand or portal") };
	size_t n = 1 + observation_rows(w, step->extra, rows + 1, 7);

	if (step->outcome.ticket.n)
		return create_done(w, step, why);
	if (is_other_account(w))
		return work_decide_again(w, NULL, w->answered_account, NULL,
		    "linked with another account", rows, n, why);
	return go_on(w, "linked", rows, n, why);
}

static bool activate_done(struct work *w, const struct step *step, struct failure *why)
{
	const struct partner *p = w->engine->generation->partner;
	struct ledger_row rows[16];
	size_t n = observation_rows(w, step->extra, rows, 4);

	for (size_t i = 0; i < p->n_offers && n < 12; i++)
		rows[n++] = (struct ledger_row){ .kind = ROW_BENEFIT,
			.benefit = { p->offers[i].name, true, link_account(w) } };
	return work_decide_again(w, NULL, NULL, NULL, "the benefit was activated", rows, n, why);
}

/* The ticket, the spent incident and, for a hand-off under another sign-in, the
 * link that it proves: one commit. Portals answer pages without a number too:
 * that is never "open". */
static bool create_done(struct work *w, const struct step *step, struct failure *why)
{
	const struct portal_outcome *out = &step->outcome;
	struct ledger_row rows[14];
	struct json *detail;
	size_t n = 0;
	bool is_ok;

	if (!out->ticket.n)
		return work_park(w, "the portal took the request and gave no ticket number", why);
	rows[n++] = (struct ledger_row){ .kind = ROW_REQUEST,
		.request = { .due = LEDGER_NO_DUE,
		    .ticket = text_in(w, out->ticket),
		    .ticket_name = text_in(w, out->ticket_name),
		    .address = text_in(w, out->address),
		    .portal = w->operation.portal,
		    .account = link_account(w),
		    .reason = out->detail.n ? text_in(w, out->detail) : "open" } };
	rows[n++] = (struct ledger_row){ .kind = ROW_OPERATION };
	if (w->row.contract)
		rows[n++] = (struct ledger_row){ .kind = ROW_SPEND, .contract = w->row.contract };
	if (w->row.contract && (is_other_account(w) || text_same(w->operation.kind, "link")))
		rows[n++] = link_row(w, "ticket opened with this account");
	n += observation_rows(w, step->extra, rows + n, 8);
	detail = json_new_object();
	json_set(detail, "ticket", json_new_string(rows[0].request.ticket));
	is_ok = work_commit(w, STATE_OPEN, true, "opened", NULL, detail, rows, n, why);
	json_free(detail);
	return is_ok;
}

static const char *state_words(const struct portal_outcome *out)
{
	static const char *const words[] = { NULL, "open: the portal works on it",
		"open: the portal waits for us", "solved", "closed" };

	return out->state < sizeof words / sizeof words[0] ? words[out->state] : NULL;
}

/* Operations on an open ticket. What was sent or changed is said before how the ticket is, and
 * a look that tells nothing leaves no trouble of an earlier one on the status line. */
static bool ticket_done(
    struct work *w, enum operation_kind kind, const struct step *step, struct failure *why)
{
	static const char *const events[] = { [OPERATION_ATTACH] = "files attached",
		[OPERATION_MESSAGE] = "message sent",
		[OPERATION_CHANGE] = "changed",
		[OPERATION_STATUS] = "looked at",
		[OPERATION_REMAINING] = "looked at" };
	const struct portal_outcome *out = &step->outcome;
	bool is_look = kind == OPERATION_STATUS || out->state == PORTAL_CLOSED;
	const char *detail = text_in(w, out->detail),
		   *words = is_look ? state_words(out) : events[kind],
		   *said = words && detail ? arena_format(w->arena, "%s (%s)", words, detail)
	    : words                        ? words
	    : detail                       ? detail
					   : "open";
	struct ledger_row rows[12] = { { .kind = ROW_OPERATION },
		{ .kind = ROW_REQUEST,
		    .request = { .due = LEDGER_NO_DUE,
			.ticket = text_in(w, out->ticket),
			.address = text_in(w, out->address),
			.reason = said } } };
	size_t n = 2 + observation_rows(w, step->extra, rows + 2, 8);

	return work_commit(w, out->state == PORTAL_CLOSED ? STATE_CLOSED : STATE_OPEN, true,
	    events[kind], is_look ? said : detail, NULL, rows, n, why);
}

bool outcome_done(
    struct work *w, enum operation_kind kind, const struct step *step, struct failure *why)
{
	switch (kind) {
	case OPERATION_OPEN: return open_done(w, step, why);
	case OPERATION_LINK: return link_done(w, step, why);
	case OPERATION_ACTIVATE: return activate_done(w, step, why);
	case OPERATION_CREATE: return create_done(w, step, why);
	default: return ticket_done(w, kind, step, why);
	}
}

/* ---- go: another portal takes over ------------------------------------------------ */

static struct portal *portal_for(struct work *w, const char *where)
{
	const struct generation *g = w->engine->generation;
	struct portal *named = portals_find(g->portals, where);
	const struct portal_entry *entry =
	    named ? NULL : policy_portal_for(g->policy, where, ENVIRONMENT_CLOUD);

	return named ? named : entry ? portals_find(g->portals, entry->name) : NULL;
}

static bool was_there(const struct json *input, const char *portal)
{
	const struct json *portals = json_point(input, "/portals");

	for (size_t i = 0; i < json_length(portals); i++)
		if (text_is(json_text(json_at(portals, i)), portal))
			return true;
	return false;
}

/* The next portal finds in its input where the request came from. */
static struct json *hop_input(struct work *w, const struct step *step)
{
	struct json *input =
	    w->operation.input.n ? json_read(w->operation.input, "stored input", 0, NULL) : NULL;
	struct json *go = json_new_object(), *portals;

	input = input ? input : json_new_object();
	json_set(go, "address", json_new_string(step->go_address));
	json_set(go, "tenant", json_new_string(step->go_tenant));
	json_set(input, "go", go);
	portals = json_get(input, "portals");
	if (!portals) {
		portals = json_new_array();
		json_set(input, "portals", portals);
	}
	json_append(portals, json_new_string(w->operation.portal));
	return input;
}

static bool hop(struct work *w, struct portal *to, struct json *input, struct failure *why)
{
	const char *from = w->operation.portal, *kind;
	struct ledger_row rows[2] = { { .kind = ROW_OPERATION },
		{ .kind = ROW_REQUEST,
		    .request = { .due = LEDGER_NO_DUE, .portal = portal_name(to) } } };
	struct buffer text = { 0 };
	bool is_ok;

	json_write(input, JSON_LINE, &text);
	w->portal = to;
	kind = portal_can(to, OPERATION_OPEN) ? "open" : next_operation(w, "open");
	rows[0].operation = fresh_operation(w, kind, portal_name(to),
	    (struct text){ arena_copy(w->arena, text.p, text.n), text.n }, w->operation.hops + 1);
	is_ok = work_commit(w, state_of_operation(kind, false), false, "passed on",
	    arena_format(w->arena, "%s hands it to %s", from, portal_name(to)), NULL, rows, 2, why);
	buffer_free(&text);
	return is_ok;
}

bool outcome_go(struct work *w, const struct step *step, struct failure *why)
{
	struct portal *to = portal_for(w, step->go_portal);
	struct json *input = hop_input(w, step);
	bool is_ok;

	if (!to)
		is_ok = work_park(w,
		    arena_format(w->arena,
			"%s hands it to \"%s\", and no portal of that name or for that workload is "
			"configured",
			w->operation.portal, step->go_portal),
		    why);
	else if (was_there(input, portal_name(to)))
		is_ok = work_park(w,
		    arena_format(w->arena, "%s hands it back to %s, which had it before",
			w->operation.portal, portal_name(to)),
		    why);
	else
		is_ok = hop(w, to, input, why);
	json_free(input);
	return is_ok;
}

/* ---- ask: a person ------------------------------------------------------------------ */

bool outcome_asked(struct work *w, enum operation_kind kind, const struct step *step,
    const struct step_memory *m, struct failure *why)
{
	struct ledger_row rows[12] = { { .kind = ROW_OPERATION }, { .kind = ROW_GUIDE },
		{ .kind = ROW_REQUEST } };
	int64_t due_ms = json_number(json_get(step->guide, "due_ms"), handoff_due_ms(w));
	struct buffer text = { 0 };
	instant now = instant_now();
	size_t n = 3;
	bool is_ok;

	json_write(step->guide, JSON_LINE, &text);
	w->operation.stage = m->stage;
	memcpy(w->operation.cursor, m->cursor, sizeof w->operation.cursor);
	w->operation.steps = m->steps ? m->steps : 1;
	w->operation.note =
	    (struct text){ arena_copy(w->arena, m->note.p ? m->note.p : "", m->note.n), m->note.n };
	w->operation.exchange = TEXT("");
	w->operation.is_sent = false;
	rows[0].operation = w->operation;
	rows[1].guide = (struct guide_row){ .at = now,
		.due = now + due_ms,
		.is_open = true,
		.guide = buffer_as_text(&text),
		.operation = operation_name(kind) };
	rows[2].request = (struct request_row){ .due = now + due_ms,
		.operation = operation_name(kind),
		.reason = json_get_chars(step->guide, "title") };
	n += observation_rows(w, step->extra, rows + n, 8);
	is_ok = work_commit(w, state_of_operation(operation_name(kind), true), true, "handed off",
	    json_get_chars(step->guide, "title"), NULL, rows, n, why);
	buffer_free(&text);
	return is_ok;
}

/* ---- unsure --------------------------------------------------------------------------- */

static struct json *unsure_guide(struct work *w, const char *because)
{
	struct json *guide = json_new_object(), *steps = json_new_array(),
		    *answers = json_new_array();
	static const struct {
		const char *code, *meaning, *value;
	} all[] = {
		{ "ticket", "there is a ticket for it", "number" },
		{ "not-created", "there is none: it may be created", NULL },
	};

	json_set(guide, "title", json_new_string("Look whether the ticket exists"));
	json_set(guide, "sign_in", json_new_string(w->row.account ? w->row.account : ""));
	json_append(steps, json_new_string(because));
	json_append(steps,
	    json_new_string(
		"Look in the portal's list of requests for one with this title, made just now."));
	json_set(guide, "steps", steps);
	for (size_t i = 0; i < 2; i++) {
		struct json *one = json_new_object(), *values = json_new_array();

		if (all[i].value)
			json_append(values, json_new_string(all[i].value));
		json_set(one, "code", json_new_string(all[i].code));
		json_set(one, "meaning", json_new_string(all[i].meaning));
		json_set(one, "values", values);
		json_append(answers, one);
	}
	json_set(guide, "answers", answers);
	return guide;
}

bool outcome_unsure(struct work *w, const char *because, struct failure *why)
{
	struct json *guide = unsure_guide(w, because);
	struct buffer text = { 0 };
	struct ledger_row rows[3] = { { .kind = ROW_GUIDE }, { .kind = ROW_REQUEST },
		{ .kind = ROW_OPERATION } };
	instant now = instant_now();
	bool is_ok;

	json_write(guide, JSON_LINE, &text);
	rows[0].guide = (struct guide_row){ .at = now,
		.due = now + handoff_due_ms(w),
		.is_open = true,
		.guide = buffer_as_text(&text),
		.operation = "create" };
	rows[1].request = (struct request_row){ .due = now + handoff_due_ms(w), .reason = because };
	w->operation.exchange = TEXT("");
	rows[2].operation = w->operation;
	is_ok = work_commit(w, STATE_UNSURE, true, "unsure", because, NULL, rows, 3, why);
	buffer_free(&text);
	json_free(guide);
	return is_ok;
}

/* ---- failed ------------------------------------------------------------------------------ */

/* What only a portal needs and nobody gave: asked for, as a decision asks. */
static bool ask_missing(struct work *w, const struct json *missing, struct failure *why)
{
	struct ledger_row rows[2] = { { .kind = ROW_REQUEST, .request = { .due = LEDGER_NO_DUE } },
		{ .kind = ROW_OPERATION } };
	struct json *detail = json_new_object();
	const char *list = "";
	bool is_ok;

	for (size_t i = 0; i < json_length(missing); i++)
		list = arena_format(
		    w->arena, "%s%s%s", list, i ? ", " : "", json_chars(json_at(missing, i)));
	rows[0].request.reason = arena_format(w->arena, "please give %s", list);
	json_set(detail, "ask", json_clone(missing));
	is_ok = work_commit(
	    w, STATE_ASKING, true, "asked", rows[0].request.reason, detail, rows, 2, why);
	json_free(detail);
	return is_ok;
}

/* M3 sets the link and the decision is made again (R37 to R39). */
static bool already_linked(struct work *w, const struct step *step, struct failure *why)
{
	struct said said = { "M3", w->operation.portal, w->row.contract };
	struct ledger_row rows[9] = { link_row(
	    w, arena_format(w->arena, "M3 at %s", w->operation.portal)) };
	size_t n = 1 + observation_rows(w, step->extra, rows + 1, 7);

	return work_decide_again(w, NULL, is_other_account(w) ? w->answered_account : NULL, &said,
	    "the portal says the Access ID is already associated: ignored, the contract is linked",
	    rows, n, why);
}

/* The contract is not good (any more): what was seen is recorded, and the decision
 * made again with it. A portal that only says "spent" is an observation of 0. */
static bool contract_failed(struct work *w, const struct step *step, struct failure *why)
{
	struct ledger_row rows[9];
	size_t n = observation_rows(w, step->extra, rows, 7);

	if (!n && step->failure_class == PORTAL_E_SPENT && w->row.contract)
		rows[n++] = (struct ledger_row){ .kind = ROW_OBSERVATION,
			.observation = { .contract = w->row.contract,
			    .remaining = 0,
			    .start = INSTANT_UNKNOWN,
			    .end = INSTANT_UNKNOWN,
			    .at = instant_now(),
			    .portal = w->operation.portal,
			    .account = link_account(w),
			    .source = "portal refused" } };
	if (!n)
		return work_park(w, step->failure_text, why);
	return work_decide_again(w, NULL, NULL, NULL, step->failure_text, rows, n, why);
}

/* "the portal needs more ...: contact.phone" */
static const char *with_missing(struct work *w, const char *text, const struct json *missing)
{
	for (size_t i = 0; i < json_length(missing); i++)
		text = arena_format(
		    w->arena, "%s%s%s", text, i ? ", " : ": ", json_chars(json_at(missing, i)));
	return text;
}

/* Nobody looks for what was lost, as is done for a ticket: it is said what may have been. */
static bool refused_on_ticket(struct work *w, enum operation_kind kind, const struct step *step,
    const char *text, struct failure *why)
{
	if (kind != OPERATION_STATUS && step->failure_class == PORTAL_E_UNSURE)
		text = arena_format(w->arena,
		    "%s may have been done, or not (%s); look at the ticket before you ask for it "
		    "again",
		    operation_name(kind), text);
	return work_park(w, text, why);
}

bool outcome_failed(
    struct work *w, enum operation_kind kind, const struct step *step, struct failure *why)
{
	const char *text = step->failure_text && *step->failure_text
	    ? step->failure_text
	    : "the plugin failed and did not say why";

	/* Whatever was refused: there is a ticket, and one is enough. */
	if (kind > OPERATION_CREATE)
		return refused_on_ticket(w, kind, step, with_missing(w, text, step->missing), why);
	if (json_length(step->missing))
		return ask_missing(w, step->missing, why);
	if (text_same(step->failure_message, "M3") && w->row.contract)
		return already_linked(w, step, why);
	switch (step->failure_class) {
	case PORTAL_E_UNSURE: return outcome_unsure(w, text, why);
	case PORTAL_E_CONTRACT:
	case PORTAL_E_SPENT: return contract_failed(w, step, why);
	default: return work_park(w, text, why);
	}
}
