#include "engine/inside.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ATTEMPTS 5 /* decisions in a row when colleagues take the last incidents meanwhile */

/* Everything one recorded decision consists of. */
struct record {
	struct engine *engine;
	struct arena *arena;   /* of the request, which is kept */
	struct arena *scratch; /* of how it was decided: until it is on record */
	const struct json *request_json;
	struct engine_once *once; /* NULL: a submission as any other */
	struct request request;
	struct buffer request_text, facts_text, decision_text;
	size_t n; /* rows */
	/* Not zeroed at first: nine of ten kilobytes, and who fills them does it. */
	struct facts facts;
	struct decision decision;
	struct ledger_row rows[24];
};

static struct record *record_new(struct engine *e, struct arena *arena, const struct json *request)
{
	struct record *r = memory_cell(sizeof *r);

	memset(r, 0, offsetof(struct record, facts));
	r->engine = e;
	r->arena = arena;
	r->scratch = arena_new();
	r->request_json = request;
	return r;
}

/* Without its arena, which may have gone on with what was kept of it. */
static void record_free(struct record *r)
{
	arena_free(r->scratch);
	buffer_free(&r->request_text);
	buffer_free(&r->facts_text);
	buffer_free(&r->decision_text);
	memory_cell_free(r, sizeof *r);
}

static void write_texts(struct record *r)
{
	r->request_text.n = r->facts_text.n = r->decision_text.n = 0;
	request_write(&r->request, &r->request_text);
	facts_write(&r->facts, &r->facts_text);
	decision_write(&r->decision, &r->decision_text);
}

/* ---- the files of a request: found now, not when the portal wants them -------------- */

static bool check_files(struct record *r, struct failure *why)
{
	struct request_file *files = arena_take(r->arena, (r->request.n_files + 1) * sizeof *files);

	for (size_t i = 0; i < r->request.n_files; i++) {
		char *full = realpath(r->request.files[i].path, NULL);

		if (!full || access(full, R_OK) != 0) {
			free(full);
			return failure_set(why, FAILURE_NO_INPUT,
			    "request.files[%zu]: cannot read %s", i, r->request.files[i].path);
		}
		files[i] = r->request.files[i];
		files[i].path = arena_copy(r->arena, full, strlen(full));
		free(full);
	}
	r->request.files = files;
	return true;
}

/* ---- rows --------------------------------------------------------------------------- */

static struct ledger_row *add_row(struct record *r, enum row_kind kind)
{
	struct ledger_row *row = &r->rows[r->n++];

	memset(row, 0, sizeof *row);
	row->kind = kind;
	return row;
}

static enum request_state state_of(const struct decision *d)
{
	switch (d->outcome) {
	case OUTCOME_ALLOW:
	case OUTCOME_ACTIVATE_FIRST: return STATE_READY;
	case OUTCOME_ASK: return STATE_ASKING;
	case OUTCOME_DENY:
	case OUTCOME_REDIRECT:
	case OUTCOME_INFORM: break;
	}
	return STATE_REFUSED;
}

static const char *reason_of(struct record *r)
{
	const struct decision *d = &r->decision;
	const char *asks = "";

	for (unsigned i = 0; i < d->n_ask; i++)
		asks = arena_format(r->scratch, "%s%s%s", asks, i ? ", " : "", d->ask[i]);
	if (*asks)
		return arena_format(r->scratch, "please give %s", asks);
	if (d->cause)
		return d->redirect ? arena_format(r->scratch, "%s: go to %s", d->cause, d->redirect)
				   : d->cause;
	return d->redirect ? arena_format(r->scratch, "go to %s", d->redirect) : "";
}

static bool has_key(const struct record *r)
{
	return r->once && r->once->key;
}

static struct ledger_row once_row(const struct record *r)
{
	return (struct ledger_row){ .kind = ROW_IDEMPOTENCY,
		.idempotency = {
		    .caller = r->engine->actor, .key = r->once->key, .digest = r->once->digest } };
}

/* Configured contracts are on record in the ledger before anything is reserved. */
static bool add_contract(struct record *r, struct failure *why)
{
	const struct partner_contract *c =
	    partner_contract(r->engine->generation->partner, r->decision.contract);
	struct contract_row stored;
	struct observation_row *seen;
	size_t n_seen;

	if (!c)
		return true;
	if (!ledger_contract(r->engine->ledger, c->id, r->scratch, &stored, why)) {
		if (why->kind != FAILURE_NONE)
			return false;
		add_row(r, ROW_CONTRACT)->contract_row = (struct contract_row){ .id = c->id,
			.plan = plan_name(c->plan),
			.is_personal = c->is_personal,
			.start = c->start,
			.end = c->end,
			.source = "configuration" };
	}
	if (c->remaining == REMAINING_UNKNOWN)
		return true;
	if (!ledger_observations(r->engine->ledger, c->id, 1, r->scratch, &seen, &n_seen, why))
		return false;
	if (!n_seen)
		add_row(r, ROW_OBSERVATION)->observation =
		    (struct observation_row){ .contract = c->id,
			    .remaining = c->remaining,
			    .start = c->start,
			    .end = c->end,
			    .at = c->observed_at != INSTANT_UNKNOWN ? c->observed_at : r->facts.now,
			    .source = "configuration" };
	return true;
}

/* On a new decision a column without a value is emptied, not left as it was. */
static const char *or_clear(const char *text)
{
	return text ? text : LEDGER_CLEAR;
}

static bool fill_rows(struct record *r, bool has_before, struct failure *why)
{
	const struct decision *d = &r->decision;
	bool is_used = d->outcome == OUTCOME_ALLOW && d->contract;

	write_texts(r);
	r->n = 0;
	add_row(r, ROW_REQUEST)->request = (struct request_row){ .due = LEDGER_NO_DUE,
		.reference = r->request.reference,
		.title = r->request.title ? r->request.title : "",
		.account = or_clear(d->account),
		.customer = or_clear(r->request.customer),
		.portal = or_clear(d->portal),
		.route = or_clear(d->route),
		.plan = or_clear(plan_name(d->plan)),
		.contract = or_clear(d->contract),
		.reason = reason_of(r),
		.created_by = has_before ? NULL : r->engine->actor };
	add_row(r, ROW_DECISION)->decision = (struct decision_row){ .at = r->facts.now,
		.request = r->request_text.p,
		.facts = r->facts_text.p,
		.decision = r->decision_text.p,
		.generation = r->engine->generation->digest };
	if (!is_used) {
		if (has_before)
			add_row(r, ROW_RELEASE)->contract = NULL; /* whatever it held */
		return true;
	}
	if (!add_contract(r, why))
		return false;
	add_row(r, ROW_RESERVE)->contract = d->contract;
	return true;
}

/* ---- a new request ------------------------------------------------------------------- */

static bool decide_record(struct record *r, const struct known *known, struct failure *why)
{
	return known_decide(known, &r->request, r->scratch, &r->facts, &r->decision, why);
}

static struct text trace_detail(struct record *r)
{
	return *r->engine->trace
	    ? text_of(arena_join(r->scratch, "{\"trace\":\"", r->engine->trace, "\"}", NULL))
	    : TEXT("");
}

static bool commit_new(
    struct record *r, char id[ID_TEXT], struct ledger_change *change, struct failure *why)
{
	bool goes_on = state_of(&r->decision) == STATE_READY;

	*change = (struct ledger_change){ .request = id,
		.claim_for = goes_on && !r->engine->leaves_work ? r->engine->owner : NULL,
		.lease_ms = ENGINE_LEASE_MS,
		.expect = STATE_NONE,
		.state = state_of(&r->decision),
		.event = { .request = id,
		    .who = r->engine->actor,
		    .what = "submitted",
		    .why = outcome_name(r->decision.outcome),
		    .from = STATE_NONE,
		    .to = state_of(&r->decision),
		    .detail = trace_detail(r) },
		.rows = r->rows,
		.n_rows = r->n };
	return engine_commit(r->engine, change, 1, why);
}

static bool insert(
    struct record *r, char id[ID_TEXT], struct ledger_change *change, struct failure *why)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct known known = { .generation = r->engine->generation,
			.ledger = r->engine->ledger,
			.now = instant_now() };

		if (!decide_record(r, &known, why) || !fill_rows(r, false, why))
			return false;
		if (has_key(r))
			r->rows[r->n++] = once_row(r);
		if (!commit_new(r, id, change, why))
			return false;
		if (change->result != LEDGER_SPENT)
			return true;
	}
	return failure_set(why, FAILURE_TRY_LATER,
	    "the contract's incidents are being taken by others; try again");
}

static bool same_body(struct engine *e, const char *id, const struct json *body,
    struct arena *arena, bool *same, struct failure *why)
{
	struct decision_row *all;
	size_t n;

	*same = false;
	if (!ledger_decisions(e->ledger, id, arena, &all, &n, why))
		return false;
	for (size_t i = 0; i < n && !*same; i++) {
		struct json *stored = json_read(text_of(all[i].request), "stored request", 0, why);

		*same = stored && json_same(stored, body);
		json_free(stored);
	}
	return why->kind == FAILURE_NONE;
}

/* Who may see only what is their own is not told whose the reference is. */
static bool may_meet(struct record *r, const char *twin, struct failure *why)
{
	struct request_row row;

	if (!r->once || !r->once->is_own_only)
		return true;
	if (ledger_request(r->engine->ledger, twin, r->arena, &row, why) &&
	    text_same(row.created_by, r->engine->actor))
		return true;
	return failure_set(why, FAILURE_DATA, "reference \"%s\" is taken; use another reference",
	    r->request.reference);
}

/* The reference is taken: the first answer again, a replacement while asking, or a refusal. */
static bool meet_twin(struct record *r, const char *twin, char id[ID_TEXT], struct failure *why)
{
	struct buffer text = { 0 };
	struct json *body;
	struct work w;
	bool same = false, is_ok;

	request_write(&r->request, &text);
	body = json_from(&text);
	is_ok = same_body(r->engine, twin, body, r->arena, &same, why);
	snprintf(id, ID_TEXT, "%.36s", twin);
	if (is_ok && !same) {
		is_ok = work_load(&w, r->engine, twin, r->arena, why);
		if (is_ok && w.row.state != STATE_ASKING)
			is_ok = failure_set(why, FAILURE_DATA,
			    "reference \"%s\" belongs to request %s (%s), which says something "
			    "else; use another reference",
			    r->request.reference, id_short(twin), state_name(w.row.state));
		else if (is_ok)
			is_ok = work_decide_again(&w, body, r->request.account, NULL,
			    "a new body replaced the old", NULL, 0, why);
		work_free(&w);
	}
	json_free(body);
	return is_ok;
}

/* Has the key been used? Then *found, and the id is of the request that it made. */
static bool meet_key(struct record *r, char id[ID_TEXT], bool *found, struct failure *why)
{
	struct idempotency_row row;
	struct failure failed = { 0 };

	*found = ledger_idempotency(r->engine->ledger, r->engine->actor, r->once->key,
	    instant_now(), r->arena, &row, &failed);
	if (!*found)
		return failed.kind == FAILURE_NONE ||
		    failure_set(why, failed.kind, "%s", failed.text);
	memcpy(id, row.request, sizeof row.request);
	r->once->is_reused = !text_equal(row.digest, r->once->digest);
	return !r->once->is_reused ||
	    failure_set(why, FAILURE_DATA,
		"the Idempotency-Key was used for request %s with another body; use a new key",
		id_short(id));
}

/* A twin by reference: the key means that request from now on, too. */
static bool keep_key(struct record *r, const char *id, struct failure *why)
{
	struct ledger_row row = once_row(r);
	struct ledger_change change = {
		.request = id, .expect = STATE_ANY, .rows = &row, .n_rows = 1
	};

	return engine_commit(r->engine, &change, 1, why);
}

/* Somebody was there before: with the same key, or with the same reference. */
static bool meet_earlier(
    struct record *r, const char *earlier, char id[ID_TEXT], struct failure *why)
{
	bool found = false;

	if (has_key(r) && !meet_key(r, id, &found, why))
		return false;
	if (found)
		return true;
	return may_meet(r, earlier, why) && meet_twin(r, earlier, id, why) &&
	    (!has_key(r) || keep_key(r, id, why));
}

/* What was just committed and claimed, for engine_drive; the record's arena goes along. */
static void keep(struct record *r, const char *id, const struct ledger_change *change)
{
	struct work *w = work_new(r->engine, r->arena);
	const struct reading *reading = &r->decision.reading;

	memcpy(w->row.id, id, sizeof w->row.id);
	w->row.key = change->key;
	w->row.state = change->state;
	w->row.created = w->row.changed = change->at;
	w->row.due = w->row.lease = INSTANT_UNKNOWN;
	w->row.decisions = w->decision_number = 1;
	w->fence = w->row.fence = change->new_fence;
	w->lease = w->row.lease = instant_now() + ENGINE_LEASE_MS;
	w->row.owner = r->engine->owner;
	w->request = r->request;
	w->steps = r->decision.steps;
	if (r->decision.environment != ENVIRONMENT_UNKNOWN)
		w->environment = environment_name(r->decision.environment);
	w->workload = r->decision.workload;
	w->product = reading->product ? reading->product->name : NULL;
	w->release = reading->release ? reading->release->name : NULL;
	work_take_over(w, r->rows, r->n);
	w->is_stale = false;
	r->arena = NULL;
	r->engine->kept = w;
}

static bool submit(struct record *r, char id[ID_TEXT], bool *is_new, struct failure *why)
{
	struct ledger_change change;
	bool found = false;

	*is_new = false;
	if (has_key(r) && !meet_key(r, id, &found, why))
		return false;
	if (found)
		return true;
	if (!request_read(r->request_json, r->arena, &r->request, why) || !check_files(r, why))
		return false;
	id_new(instant_now(), id);
	if (!insert(r, id, &change, why))
		return false;
	*is_new = change.result == LEDGER_DONE;
	if (*is_new && change.claim_for)
		keep(r, id, &change);
	if (change.result == LEDGER_EXISTS)
		return meet_earlier(r, change.conflict, id, why);
	return *is_new ||
	    failure_set(
		why, FAILURE_INTERNAL, "the ledger refused the request (%d)", (int)change.result);
}

bool engine_submit_once(struct engine *e, const struct json *request, struct engine_once *once,
    char id[ID_TEXT], bool *is_new, struct failure *why)
{
	struct record *r = record_new(e, arena_new(), request);
	bool is_ok;

	engine_forget(e);
	r->once = once;
	is_ok = submit(r, id, is_new, why);
	arena_free(r->arena);
	record_free(r);
	return is_ok;
}

bool engine_submit(struct engine *e, const struct json *request, char id[ID_TEXT], bool *is_new,
    struct failure *why)
{
	return engine_submit_once(e, request, NULL, id, is_new, why);
}

/* ---- deciding again --------------------------------------------------------------------- */

bool told_facts(struct engine *e, const char *id, struct json **patch, struct failure *why)
{
	struct arena *arena = arena_new();
	struct event_row *events;
	size_t n;
	bool is_ok = ledger_events(e->ledger, id, 0, 1000, arena, &events, &n, why);

	*patch = NULL;
	for (size_t i = 0; is_ok && i < n; i++) {
		struct json *detail, *value;
		void *cursor = NULL;
		const char *name;

		if (!text_same(events[i].what, "told"))
			continue;
		detail = json_read(events[i].detail, "stored event", 0, why);
		is_ok = detail != NULL;
		*patch = *patch ? *patch : json_new_object();
		while (is_ok && json_next(json_get(detail, "facts"), &cursor, &name, &value))
			json_set(*patch, name, json_clone(value));
		json_free(detail);
	}
	arena_free(arena);
	return is_ok;
}

/* Only a request on its way to a ticket holds a reservation. */
static const char *held_contract(const struct work *w)
{
	bool holds =
	    !w->row.ticket && w->row.state != STATE_ASKING && w->row.state != STATE_REFUSED;

	return holds ? w->row.contract : NULL;
}

static bool decide_for_work(struct work *w, struct record *r, const char *account,
    const struct said *said, struct failure *why)
{
	struct known known = { .generation = w->engine->generation,
		.ledger = w->engine->ledger,
		.now = instant_now(),
		.account = account       ? account
		    : r->request.account ? r->request.account
					 : w->row.account };
	struct json *patch;
	bool is_ok;

	if (said) {
		known.said.message = said->message;
		known.said.portal = said->portal;
		known.said.contract = said->contract;
	}
	if (!told_facts(w->engine, w->row.id, &patch, why))
		return false;
	known.patch = patch;
	known.own_contract = held_contract(w);
	if (account)
		r->request.account = account;
	is_ok = known_facts(&known, r->scratch, &r->facts, why);
	is_ok = is_ok &&
	    decide(w->engine->generation->policy, &r->facts, &r->request, r->scratch, &r->decision,
		why);
	json_free(patch);
	return is_ok;
}

static bool commit_again(struct work *w, struct record *r, const char *because,
    const struct ledger_row *extra, size_t n_extra, struct failure *why)
{
	enum request_state to = state_of(&r->decision);

	for (size_t i = 0; i < n_extra; i++)
		r->rows[r->n++] = extra[i];
	add_row(r, ROW_OPERATION); /* the journal of the old decision is over */
	return work_commit(w, to, to != STATE_READY, "decided", because, NULL, r->rows, r->n, why);
}

static bool decide_again(struct work *w, struct record *r, const char *account,
    const struct said *said, const char *because, const struct ledger_row *extra, size_t n_extra,
    struct failure *why)
{
	if (!r->request_json)
		r->request = w->request;
	else if (!request_read(r->request_json, r->arena, &r->request, why))
		return false;
	for (int attempt = 0;; attempt++) {
		if (!decide_for_work(w, r, account, said, why) || !fill_rows(r, true, why))
			return false;
		if (commit_again(w, r, because, extra, n_extra, why))
			return true;
		if (why->kind != FAILURE_TRY_LATER || attempt == ATTEMPTS ||
		    !strstr(why->text, "last incident"))
			return false;
		*why = (struct failure){ 0 };
	}
}

/* What was seen is on record before it is decided upon. A kill in between does no
 * harm: the same answer is worked on again and sees the same. */
static bool record_seen(struct work *w, const struct ledger_row *extra, size_t n, size_t *kept,
    struct ledger_row *rest, struct failure *why)
{
	struct ledger_row seen[16];
	size_t n_seen = 0;

	*kept = 0;
	for (size_t i = 0; i < n; i++)
		if (extra[i].kind == ROW_GUIDE)
			rest[(*kept)++] = extra[i];
		else
			seen[n_seen++] = extra[i];
	return !n_seen ||
	    work_commit(w, STATE_NONE, false, "observed", NULL, NULL, seen, n_seen, why);
}

bool work_decide_again(struct work *w, const struct json *request, const char *account,
    const struct said *said, const char *because, const struct ledger_row *extra, size_t n_extra,
    struct failure *why)
{
	struct record *r = record_new(w->engine, w->arena, request);
	struct ledger_row rest[4];
	size_t n_rest;
	bool is_ok;

	is_ok = record_seen(w, extra, n_extra, &n_rest, rest, why) &&
	    decide_again(w, r, account, said, because, rest, n_rest, why);
	record_free(r);
	return is_ok;
}
