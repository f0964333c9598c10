/* Carrying a request on: one step after the other, each written down before it matters. */
#include "engine/inside.h"
#include "base/log.h"
#include "ledger/faultpoint.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RETRY_BASE_MS 1000
#define RETRY_CAP_MS 60000
#define LATER_MS 60000
#define MOST_TRIES 8 /* rounds of retries of one exchange, then it is parked */

/* Not on record until its first step has an outcome: a kill before that begins anew. */
static void begin_operation(struct work *w, const char *kind)
{
	w->operation =
	    fresh_operation(w, kind, w->row.portal, w->operation.input, w->operation.hops);
}

/* ---- the exchange under way, in memory and on record ----------------------------------- */

static bool has_exchange(const struct work *w)
{
	return w->exchange || w->operation.exchange.n;
}

/* Before the operation is committed. */
static void write_exchange(struct work *w)
{
	struct buffer text = { 0 };

	if (!w->exchange || w->operation.exchange.n)
		return;
	json_write(w->exchange, JSON_LINE, &text);
	w->operation.exchange = (struct text){ arena_copy(w->arena, text.p, text.n), text.n };
	buffer_free(&text);
}

static void end_exchange(struct work *w)
{
	json_free(w->exchange);
	w->exchange = NULL;
	w->operation.exchange = TEXT("");
}

static bool read_exchange(struct work *w, struct failure *why)
{
	if (!w->exchange)
		w->exchange = json_read(w->operation.exchange, "stored exchange", 0, why);
	return w->exchange != NULL;
}

/* ---- waiting ------------------------------------------------------------------------- */

static void sleep_ms(struct work *w, int64_t ms)
{
	const struct engine_runner *runner = w->engine->runner;
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (ms > 0 && runner)
		runner->sleep(runner->context, ms);
	else if (ms > 0)
		nanosleep(&t, NULL);
}

static bool is_stopping(const struct work *w)
{
	return w->engine->is_stopping && atomic_load(w->engine->is_stopping);
}

/* Until the request is due. A clock that was set back since says nothing of how much of
 * the wait is over: it begins anew. */
static int64_t wait_left(const struct request_row *row)
{
	instant now = instant_now();

	return row->due == INSTANT_UNKNOWN ? 0 : row->due - (row->changed > now ? row->changed : now);
}

/* Sleeps if the patience covers it; else the rest of the work is put off until then. */
static bool wait_or_leave(struct work *w, int64_t ms, bool *left, struct failure *why)
{
	struct ledger_row rows[2] = { { .kind = ROW_REQUEST,
					  .request = { .due = instant_now() + ms } },
		{ .kind = ROW_OPERATION } };
	enum request_state to = state_of_operation(w->operation.kind, false);

	*left = instant_monotonic() + ms > w->deadline || is_stopping(w);
	if (!*left) {
		sleep_ms(w, ms);
		*left = is_stopping(w);
	}
	if (!*left)
		return true;
	write_exchange(w);
	rows[1].operation = w->operation;
	return work_commit(w, to == STATE_OPEN ? STATE_OPEN : STATE_WAITING, true, "waiting",
	    "the portal is not done yet", NULL, rows, 2, why);
}

/* ---- one exchange ----------------------------------------------------------------------- */

struct sending {
	struct work *w;
	const struct json *exchange;
	struct dossier *dossier;
	bool is_safe;
};

static bool is_never(const struct json *exchange)
{
	return text_is(json_text(json_get(exchange, "repeat")), "never");
}

/* Answers that mean "not done, come back": sent again by us, not by the plugin.
 * 429 was refused before anything happened; the rest only where repeating is safe. */
static bool asks_to_come_back(const struct http_reply *reply, bool is_safe)
{
	unsigned status = reply->status;

	return status == 429 ||
	    (is_safe &&
		(status == 408 || status == 500 || status == 502 || status == 503 ||
		    status == 504));
}

/* Written down, then sent: what may not be repeated is known to be under way. */
static bool mark_sent(struct work *w, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_OPERATION };

	w->operation.is_sent = w->operation.never_sent_once = true;
	write_exchange(w);
	row.operation = w->operation;
	return work_commit(w, STATE_NONE, false, NULL, NULL, NULL, &row, 1, why);
}

/* A killed process of this host left its claim behind, or a part of this one that could not
 * give it back. Of two that take it over, the ledger lets one through. */
static bool is_gone(const struct engine *e, const char *owner)
{
	const struct engine_runner *runner = e->runner;

	return owner_is_gone(owner) ||
	    (owner && runner && runner->is_gone(runner->context, owner));
}

static bool is_claimed(struct work *w, struct failure *why)
{
	struct ledger_change change = { .request = w->row.id,
		.expect = STATE_ANY,
		.claim_for = w->engine->owner,
		.claim_from = is_gone(w->engine, w->row.owner) ? w->row.owner : NULL,
		.lease_ms = ENGINE_LEASE_MS };

	if (!engine_commit(w->engine, &change, 1, why) || change.result != LEDGER_DONE)
		return false;
	w->fence = change.new_fence;
	w->lease = instant_now() + ENGINE_LEASE_MS;
	return true;
}

/* ---- the gate to the portal: where many requests are carried on at once --------------------- */

static struct gate *gate_of(struct work *w)
{
	return w->engine->gates ? gates_of(w->engine->gates, portal_name(w->portal)) : NULL;
}

/* Waits for a turn; the wait may be long, and the claim must outlive it. *shut_ms: as of
 * gate_enter(), 0 means that it is our turn. */
static bool enter_gate(struct work *w, int64_t *shut_ms, struct failure *why)
{
	struct gate *gate = gate_of(w);
	const struct portal_limits *limits = portal_limits(w->portal);

	*shut_ms = !gate ? 0 : gate_enter(gate, limits, w->engine->runner, w->engine->is_stopping);
	if (*shut_ms || w->lease > instant_now() + ENGINE_LEASE_MS / 2 ||
	    is_claimed(w, why))
		return true;
	if (gate)
		gate_leave(gate, limits, w->engine->runner, GATE_UNUSED);
	if (why->kind == FAILURE_NONE)
		failure_set(why, FAILURE_TRY_LATER,
		    "request %s was taken over by somebody else meanwhile", id_short(w->row.id));
	return false;
}

static void leave_gate(
    struct work *w, bool has_reply, const struct http_reply *reply, const struct failure *problem)
{
	struct gate *gate = gate_of(w);
	enum gate_result result = has_reply ? reply->status >= 500 ? GATE_FAILED : GATE_ANSWERED
	    : problem->kind == FAILURE_UNAVAILABLE ? GATE_FAILED
						   : GATE_UNUSED;

	if (gate)
		gate_leave(gate, portal_limits(w->portal), w->engine->runner, result);
}

static bool may_retry(struct work *w)
{
	struct gate *gate = gate_of(w);

	return !gate || gate_may_retry(gate, portal_limits(w->portal));
}

static bool send_once(struct sending *s, struct http_reply *reply, struct failure *why)
{
	struct work *w = s->w;
	struct secret_context context = { w->engine, w->row.contract, w->request.files,
		w->request.n_files };
	struct secret_source source = secrets_of(&context);
	bool is_ok;

	faultpoint("before-exchange");
	is_ok = portal_send(w->portal, w->engine->http, s->exchange, s->dossier->tenant, &source,
	    instant_now(), reply, why);
	faultpoint("after-exchange");
	leave_gate(w, is_ok, reply, why);
	return is_ok;
}

/* After the budget of one round: put off with a backoff, or parked. */
static bool put_off(
    struct work *w, int64_t retry_after_ms, const char *text, bool *left, struct failure *why)
{
	int64_t ms = http_backoff_ms(w->operation.tries, LATER_MS, 3600000, retry_after_ms);

	if (++w->operation.tries >= MOST_TRIES) {
		*left = true;
		return work_park(w,
		    arena_format(w->arena, "the portal did not answer properly %u times: %s",
			MOST_TRIES, text),
		    why);
	}
	w->operation.is_sent = false;
	return wait_or_leave(w, ms > 1000 ? ms : 1000, left, why);
}

/* The portal is left alone, or the program stops: nothing was sent, and it is no try. */
static bool wait_outside(struct work *w, int64_t shut_ms, bool *left, struct failure *why)
{
	w->operation.is_sent = false;
	return wait_or_leave(w, shut_ms < 0 ? 1000 : shut_ms, left, why);
}

/* Before it is sent again: a backoff, and after the budget of one round a longer one, from
 * which *tries begins anew. */
static bool wait_to_retry(struct work *w, const struct http_reply *reply,
    const struct failure *problem, unsigned *tries, bool *left, struct failure *why)
{
	bool has_reply = problem->kind == FAILURE_NONE;
	int64_t ms = http_backoff_ms(
	    *tries, RETRY_BASE_MS, RETRY_CAP_MS, has_reply ? reply->retry_after_ms : -1);

	log_request(LOG_NOTICE, w->row.id, NULL, 0, "%s, trying again",
	    has_reply ? "the portal asks to come back later" : problem->text);
	if (*tries >= portal_retries(w->portal) || !may_retry(w)) {
		*tries = 0;
		return put_off(
		    w, reply->retry_after_ms, has_reply ? "busy" : problem->text, left, why);
	}
	++*tries;
	return wait_or_leave(w, ms, left, why);
}

/* Only a person can mend it. */
static bool is_hopeless(enum failure_kind kind)
{
	return kind == FAILURE_CONFIG || kind == FAILURE_NO_PERMISSION || kind == FAILURE_NO_INPUT;
}

/* Sends the journaled exchange until there is a reply for the plugin. *left: the
 * work was put off or parked. A NEVER exchange that may have arrived gives status 0. */
static bool send_until_answered(
    struct sending *s, struct http_reply *reply, bool *left, struct failure *why)
{
	struct work *w = s->w;

	*left = false;
	for (unsigned tries = 0;;) {
		struct failure problem = { 0 };
		bool has_reply, is_last = tries >= portal_retries(w->portal);
		int64_t shut_ms;

		if (!enter_gate(w, &shut_ms, why))
			return false;
		if (shut_ms) {
			if (!wait_outside(w, shut_ms, left, why))
				return false;
			if (*left)
				return true;
			continue;
		}
		if (!s->is_safe && !w->operation.is_sent && !mark_sent(w, why))
			return false;
		memset(reply, 0, sizeof *reply);
		has_reply = send_once(s, reply, &problem);
		if (has_reply && (!asks_to_come_back(reply, s->is_safe) || is_last))
			return true;
		if (is_hopeless(problem.kind)) {
			*left = true;
			return work_park(w, arena_format(w->arena, "%s", problem.text), why);
		}
		if (!has_reply && !s->is_safe && reply->may_have_arrived)
			return true; /* status 0: the plugin looks before anything is sent again */
		if (!wait_to_retry(w, reply, &problem, &tries, left, why))
			return false;
		if (*left)
			return true;
		http_reply_free(reply);
	}
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
	if (!w->operation.steps || has_exchange(w))
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
static bool journal_exchange(
    struct work *w, const struct step *step, const struct step_memory *m, struct failure *why)
{
	struct ledger_row rows[10] = { { .kind = ROW_OPERATION },
		{ .kind = ROW_REQUEST, .request = { .due = LEDGER_NO_DUE } } };
	bool now = step->wait_ms == 0;
	size_t n = 2;

	memory_into(w, m);
	w->exchange = json_hold(step->exchange);
	w->operation.is_sent = now;
	w->operation.never_sent_once |= now && !step->is_repeat_safe;
	w->operation.tries = 0;
	w->is_fresh = true;
	if (!is_to_be_journaled(w, step))
		return true;
	write_exchange(w);
	rows[0].operation = w->operation;
	if (!now)
		rows[1].request.due = instant_now() + step->wait_ms;
	n += observation_rows(w, step->extra, rows + n, 8);
	return work_commit(
	    w, state_of_operation(w->operation.kind, false), false, NULL, NULL, NULL, rows, n, why);
}

static bool take_step(struct work *w, enum operation_kind kind, struct dossier *dossier,
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
		.hops = w->operation.hops };
	struct step_memory memory;
	struct step step;
	bool is_ok = true;

	if (!reply && !last_answer(w, &input.answer, why))
		return false;
	memory_from(&w->operation, answers_never, &memory);
	portal_step(w->portal, &input, &memory, w->arena, &step);
	switch (step.verdict) {
	case PORTAL_FETCH: is_ok = journal_exchange(w, &step, &memory, why); break;
	case PORTAL_ASK: is_ok = outcome_asked(w, kind, &step, &memory, why); break;
	case PORTAL_DONE: is_ok = outcome_done(w, kind, &step, why); break;
	case PORTAL_GO: is_ok = outcome_go(w, &step, why); break;
	case PORTAL_FAILED: is_ok = outcome_failed(w, kind, &step, why); break;
	}
	step_free(&step);
	buffer_free(&memory.note);
	return is_ok;
}

/* The exchange in the journal: sent when it is due, and its reply given to the plugin.
 * One of class NEVER that an earlier run has sent is not: the plugin is told so. */
static bool exchange_and_step(struct work *w, enum operation_kind kind, struct dossier *dossier,
    bool *left, struct failure *why)
{
	bool is_ok = read_exchange(w, why);
	struct sending s = { w, w->exchange, dossier, !is_never(w->exchange) };
	struct http_reply reply = { 0 };
	int64_t wait_ms = wait_left(&w->row);
	bool was_sent = w->operation.is_sent && !w->is_fresh;

	*left = false;
	w->is_fresh = false;
	if (is_ok && wait_ms > 0 && !w->operation.is_sent)
		is_ok = wait_or_leave(w, wait_ms, left, why);
	if (is_ok && !*left) {
		if (was_sent && !s.is_safe)
			reply.may_have_arrived = true;
		else
			is_ok = send_until_answered(&s, &reply, left, why);
	}
	if (is_ok && !*left) {
		end_exchange(w);
		is_ok = take_step(w, kind, dossier, &reply, !s.is_safe, why);
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
	if (!has_exchange(w) || w->operation.never_sent_once)
		return true;
	if (!read_exchange(w, why))
		return false;
	if (portal_reaches(w->portal, w->exchange))
		return true;
	end_exchange(w);
	begin_operation(w, w->operation.kind);
	w->row.due = INSTANT_UNKNOWN;
	return true;
}

static bool one_round(struct work *w, bool *left, struct failure *why)
{
	struct dossier dossier;
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
		return work_park(w,
		    arena_format(
			w->arena, "portal %s cannot %s", portal_name(w->portal), w->operation.kind),
		    why);
	}
	if (!check_memory(w, left, why) || *left)
		return *left;
	if (!check_reach(w, why))
		return false;
	if (!dossier_fill(w, w->operation.account, &dossier, why))
		return false;
	if (has_exchange(w))
		return exchange_and_step(w, kind, &dossier, left, why);
	return take_step(w, kind, &dossier, NULL, false, why);
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
	if (is_claimed(w, why))
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
		if (!left && w->lease < instant_now() + ENGINE_LEASE_MS / 2 &&
		    !is_claimed(w, why))
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

/* States in which work is due by itself, each oldest first. */
static const enum request_state driven[] = { STATE_READY, STATE_LINKING, STATE_CREATING,
	STATE_WAITING };

#define PAGE 200

/* A process that was killed while it waited has left a time, and nobody who keeps it; so has
 * a clock that was set back. */
static bool is_due(const struct engine *e, const struct request_row *row)
{
	instant now = instant_now();

	return row->due == INSTANT_UNKNOWN || row->due <= now || row->changed > now ||
	    is_gone(e, row->owner);
}

bool engine_due(struct engine *e, struct engine_page *page, struct arena *arena,
    struct request_row **rows, size_t *n, struct failure *why)
{
	*n = 0;
	while (*n == 0 && page->state < sizeof driven / sizeof driven[0]) {
		struct request_filter filter = { .state = driven[page->state],
			.due_before = INSTANT_UNKNOWN,
			.unclaimed_at = INSTANT_UNKNOWN,
			.after = *page->after ? page->after : NULL,
			.oldest_first = true,
			.limit = PAGE };
		size_t n_rows, kept = 0;

		if (!ledger_requests(e->ledger, &filter, arena, rows, &n_rows, why))
			return false;
		if (n_rows)
			memcpy(page->after, (*rows)[n_rows - 1].id, sizeof page->after);
		for (size_t i = 0; i < n_rows; i++)
			if (is_due(e, &(*rows)[i]))
				(*rows)[kept++] = (*rows)[i];
		*n = kept;
		if (n_rows < PAGE && kept == 0) {
			page->state++;
			page->after[0] = 0;
		}
	}
	return true;
}

bool engine_resume(struct engine *e, size_t *n, struct failure *why)
{
	struct engine_page page = { 0 };
	struct request_row *rows;
	size_t n_rows;
	bool is_ok;

	*n = 0;
	do {
		struct arena *arena = arena_new();

		is_ok = engine_due(e, &page, arena, &rows, &n_rows, why);
		for (size_t i = 0; is_ok && i < n_rows; i++) {
			struct failure problem = { 0 };

			++*n;
			if (!engine_drive(e, rows[i].id, &problem))
				log_request(LOG_WARNING, rows[i].id, NULL, 0, "%s", problem.text);
		}
		arena_free(arena);
	} while (is_ok && n_rows);
	return is_ok;
}
