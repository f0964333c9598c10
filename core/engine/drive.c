/* Carrying a request on: one step after the other, each written down before it matters. */
#include "engine/inside.h"
#include "check/transcript_write.h"

#include <string.h>

/* Not on record until its first step has an outcome: a kill before that begins anew. */
static void begin_operation(struct work *w, const char *kind)
{
	w->operation =
	    fresh_operation(w, kind, w->row.portal, w->operation.input, w->operation.hops);
}

/* ---- one step ------------------------------------------------------------------------------ */

/* answers_never: the reply that the step gets is that of an exchange that must not be repeated. */
static void memory_from(const struct operation_row *op, bool answers_never, struct step_memory *m)
{
	*m = (struct step_memory){ .stage = op->stage,
		.cursor = { op->cursor[0], op->cursor[1], op->cursor[2] },
		.steps = op->steps,
		.sent = (op->never_sent_once ? MEMORY_SENT_ONCE : 0) |
		    (answers_never ? MEMORY_LAST_ONCE : 0) };
	if (op->note.n)
		buffer_append(&m->note, op->note.p, op->note.n);
}

static void memory_into(struct work *w, const struct step_memory *m)
{
	struct operation_row *op = &w->operation;

	op->stage = m->stage;
	memcpy(op->cursor, m->cursor, sizeof op->cursor);
	op->steps = m->steps;
	op->note =
	    (struct text){ arena_copy(w->arena, m->note.p ? m->note.p : "", m->note.n), m->note.n };
}

/* The answer to the last guide of this operation, once the person has given it. */
static bool last_answer(struct work *w, struct text *answer, struct failure *why)
{
	struct guide_row guide;
	struct json *value;

	*answer = TEXT("");
	if (!w->operation.steps || exchange_is_due(w))
		return true;
	if (!ledger_guide(w->engine->ledger, w->row.id, 0, w->arena, &guide, why))
		return why->kind == FAILURE_NONE;
	if (guide.is_open || !guide.answer.n || !text_same(guide.operation, w->operation.kind))
		return true;
	*answer = guide.answer;
	value = json_read(guide.answer, "stored answer", 0, why);
	if (value && json_get_chars(value, "account"))
		w->answered_account =
		    arena_format(w->arena, "%s", json_get_chars(value, "account"));
	json_free(value);
	return why->kind == FAILURE_NONE;
}

/* What may be repeated, and goes out at once, need not be on record: after a kill the
 * operation goes on from the step before, or begins anew. Only `create` may begin anew:
 * its key, by which the portal knows a repetition, derives from the request. */
static bool is_to_be_journaled(const struct work *w, const struct step *step)
{
	return !step->is_repeat_safe || step->wait_ms || step->extra ||
	    !text_same(w->operation.kind, "create");
}

/* The exchange with its key, when it is due, and - if it goes out at once - that it is
 * under way: one commit. */
static bool commit_exchange(struct work *w, const struct step *step, struct failure *why)
{
	struct ledger_row rows[10] = { { .kind = ROW_OPERATION },
		{ .kind = ROW_REQUEST, .request = { .due = LEDGER_NO_DUE } } };
	size_t n = 2;

	exchange_write(w);
	rows[0].operation = w->operation;
	if (step->wait_ms)
		rows[1].request.due = instant_now() + step->wait_ms;
	n += observation_rows(w, step->extra, rows + n, 8);
	return work_commit(
	    w, state_of_operation(w->operation.kind, false), false, NULL, NULL, NULL, rows, n, why);
}

static bool journal_exchange(
    struct work *w, const struct step *step, const struct step_memory *m, struct failure *why)
{
	bool now = step->wait_ms == 0;

	memory_into(w, m);
	w->exchange = json_hold(step->exchange);
	w->operation.is_sent = now;
	w->operation.never_sent_once |= now && !step->is_repeat_safe;
	w->operation.tries = 0;
	w->is_fresh = true;
	return !is_to_be_journaled(w, step) || commit_exchange(w, step, why);
}

static bool leave_to_people(
    struct work *w, enum operation_kind kind, const struct step *step, struct failure *why)
{
	struct json *input =
	    w->operation.input.n ? json_read(w->operation.input, "stored input", 0, NULL) : NULL;
	bool is_ok = by_hand_ask(w, kind, input, step, why);

	json_free(input);
	return is_ok;
}

static bool run_step(struct work *w, enum operation_kind kind, const struct dossier *dossier,
    const struct http_reply *reply, bool answers_never, struct failure *why)
{
	struct step_input input = { .kind = kind,
		.request = &dossier->request,
		.contract = dossier->has_contract ? &dossier->contract : NULL,
		.customer = dossier->has_customer ? &dossier->customer : NULL,
		.account = &dossier->account,
		.ticket = text_of(w->row.ticket),
		.ticket_name = text_of(w->row.ticket_name),
		.key = text_of(w->operation.key),
		.input_json = w->operation.input,
		.now = instant_now(),
		.reply = reply,
		.hops = w->operation.hops,
		.http = w->engine->http };
	struct step_memory memory;
	struct step step;
	bool is_ok = true;

	if (!reply && !last_answer(w, &input.answer, why))
		return false;
	memory_from(&w->operation, answers_never, &memory);
	if (w->engine->transcript)
		transcript_before(w->engine->transcript, w->portal, &input, &memory);
	portal_step(w->portal, &input, &memory, dossier->arena, &step);
	if (w->engine->transcript)
		transcript_after(w->engine->transcript, &step);
	switch (step.verdict) {
	case PORTAL_FETCH: is_ok = journal_exchange(w, &step, &memory, why); break;
	case PORTAL_ASK: is_ok = outcome_asked(w, kind, &step, &memory, why); break;
	case PORTAL_DONE: is_ok = outcome_done(w, kind, &step, why); break;
	case PORTAL_GO: is_ok = outcome_go(w, &step, why); break;
	case PORTAL_BY_HAND: is_ok = leave_to_people(w, kind, &step, why); break;
	case PORTAL_FAILED: is_ok = outcome_failed(w, kind, &step, why); break;
	}
	step_free(&step);
	buffer_free(&memory.note);
	return is_ok;
}

/* What the step sees and leaves lasts until its outcome is on record: not while a portal is
 * waited for, as thousands may do. */
static bool take_step(struct work *w, enum operation_kind kind, const struct http_reply *reply,
    bool answers_never, struct failure *why)
{
	struct arena *arena = arena_new();
	struct dossier *dossier = arena_take(arena, sizeof *dossier);
	bool is_ok = dossier_fill(w, w->operation.account, arena, dossier, why) &&
	    run_step(w, kind, dossier, reply, answers_never, why);

	arena_free(arena);
	return is_ok;
}

/* Until the request is due. A clock that was set back since says nothing of how much of
 * the wait is over: it begins anew. */
static int64_t wait_left(const struct request_row *row)
{
	instant now = instant_now();

	return row->due == INSTANT_UNKNOWN ? 0
					   : row->due - (row->changed > now ? row->changed : now);
}

/* The exchange in the journal: sent when it is due, and its reply given to the plugin.
 * One of class NEVER that an earlier run has sent is not: the plugin is told so. */
static bool exchange_and_step(
    struct work *w, enum operation_kind kind, bool *left, struct failure *why)
{
	bool is_ok = exchange_read(w, why);
	struct http_reply reply = { 0 };
	int64_t wait_ms = wait_left(&w->row);
	bool was_sent = w->operation.is_sent && !w->is_fresh, is_safe = exchange_is_safe(w);

	*left = false;
	w->is_fresh = false;
	if (is_ok && wait_ms > 0 && !w->operation.is_sent)
		is_ok = exchange_wait(w, wait_ms, left, why);
	if (is_ok && !*left) {
		if (was_sent && !is_safe)
			reply.may_have_arrived = true;
		else
			is_ok = exchange_send(w, dossier_tenant(w), &reply, left, why);
	}
	if (is_ok && !*left) {
		exchange_end(w);
		is_ok = take_step(w, kind, &reply, !is_safe, why);
	}
	http_reply_free(&reply);
	return is_ok;
}

/* A plugin of another memory version cannot continue this journal: the operation
 * starts again, unless something that must not be repeated may have happened. */
static bool check_memory(struct work *w, bool *left, struct failure *why)
{
	if (w->operation.memory == portal_memory_version(w->portal))
		return true;
	*left = true;
	if (w->operation.never_sent_once)
		return outcome_unsure(w,
		    "the plugin was replaced while an exchange that must not be repeated was under "
		    "way",
		    why);
	*left = false;
	begin_operation(w, w->operation.kind);
	return true;
}

/* The stored exchange goes to where the portal was before a reload: the operation starts again
 * where it is now, unless something that must not be repeated may have happened there. */
static bool check_reach(struct work *w, struct failure *why)
{
	if (!exchange_is_due(w) || w->operation.never_sent_once)
		return true;
	if (!exchange_read(w, why))
		return false;
	if (portal_reaches(w->portal, w->exchange))
		return true;
	exchange_end(w);
	begin_operation(w, w->operation.kind);
	w->row.due = INSTANT_UNKNOWN;
	return true;
}

/* Its plugin died too often, whatever for: the work waits until it is tried again. */
static bool wait_while_closed(struct work *w, int64_t closed_ms, bool *left, struct failure *why)
{
	return exchange_wait_for(w, closed_ms,
	    arena_format(w->arena, "portal %s is closed for a while: its plugin died too often",
		portal_name(w->portal)),
	    left, why);
}

static const char *cannot(const struct work *w)
{
	return arena_format(w->arena, "portal %s cannot %s%s", portal_name(w->portal),
	    w->operation.kind,
	    text_same(w->operation.kind, "link")
		? ": give its plugin a step link; one that returns PORTAL_DONE at once says that "
		  "nothing is to be linked there"
		: "");
}

static bool one_round(struct work *w, bool *left, struct failure *why)
{
	int64_t closed_ms;
	enum operation_kind kind;

	*left = false;
	if (!w->portal) {
		*left = true;
		return work_park(w,
		    arena_format(w->arena, "portal %s is not configured (any more)",
			w->row.portal ? w->row.portal : "?"),
		    why);
	}
	if (!w->operation.kind)
		begin_operation(w, next_operation(w, NULL));
	if (!operation_read(text_of(w->operation.kind), &kind) || !portal_can(w->portal, kind)) {
		*left = true;
		return work_park(w, cannot(w), why);
	}
	if (!check_memory(w, left, why))
		return false;
	if (*left)
		return true;
	closed_ms = portal_closed_ms(w->portal);
	if (closed_ms)
		return wait_while_closed(w, closed_ms, left, why);
	if (!check_reach(w, why) || (!w->operation.steps && !dossier_has_files(w, why)))
		return false;
	if (exchange_is_due(w))
		return exchange_and_step(w, kind, left, why);
	return take_step(w, kind, NULL, false, why);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static bool is_to_be_driven(const struct work *w)
{
	switch (w->row.state) {
	case STATE_READY:
	case STATE_LINKING:
	case STATE_CREATING:
	case STATE_WAITING: return true;
	case STATE_OPEN: { /* something asked for on the ticket */
		struct guide_row guide;
		struct failure ignored = { 0 };

		return w->operation.kind &&
		    !(ledger_guide(w->engine->ledger, w->row.id, 0, w->arena, &guide, &ignored) &&
			guide.is_open);
	}
	default: return false;
	}
}

static bool claim(struct work *w, struct failure *why)
{
	/* Claimed already, by the same commit that recorded it. */
	if (text_same(w->row.owner, w->engine->owner) && w->row.lease > instant_now()) {
		w->fence = w->row.fence;
		w->lease = w->row.lease;
		return true;
	}
	w->is_stale = true; /* somebody may have worked on it until now */
	if (work_claim(w, why))
		return true;
	return failure_set(why, FAILURE_TRY_LATER, "request %s is being worked on by somebody else",
	    id_short(w->row.id));
}

static bool drive(struct work *w, const char *id, struct failure *why)
{
	bool left = false;

	if (!w->decision_number && !work_reload(w, id, why))
		return false;
	if (!is_to_be_driven(w))
		return true;
	if (!claim(w, why))
		return false;
	w->deadline = instant_monotonic() + w->engine->patience_ms;
	while (!left) {
		if (w->is_stale && !work_reload(w, w->row.id, why))
			return false;
		if (!is_to_be_driven(w))
			return true;
		w->answered_account = NULL;
		if (!one_round(w, &left, why))
			return false;
		if (!left && w->lease < instant_now() + ENGINE_LEASE_MS / 2 && !work_claim(w, why))
			return false;
	}
	return true;
}

/* After a failure nobody works on it: others need not wait for the end of the lease. */
static void give_back(struct work *w)
{
	struct ledger_change change = {
		.request = w->row.id, .expect = STATE_ANY, .fence = w->fence, .release = true
	};
	struct failure ignored = { 0 };

	if (w->fence)
		engine_commit(w->engine, &change, 1, &ignored);
}

/* What was submitted just now is loaded already. */
static struct work *take_kept(struct engine *e, const char *id)
{
	struct work *w = e->kept && text_same(e->kept->row.id, id) ? e->kept : NULL;

	if (w)
		e->kept = NULL;
	return w ? w : work_new(e, arena_new());
}

bool engine_drive(struct engine *e, const char *id, struct failure *why)
{
	struct work *w = take_kept(e, id);
	bool is_ok = drive(w, id, why);

	work_end(e->driven);
	e->driven = NULL;
	if (is_ok) {
		e->driven = w;
		return true;
	}
	give_back(w);
	work_end(w);
	return false;
}
