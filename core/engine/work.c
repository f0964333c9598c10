/* A request as loaded for work: its row, last decision and journal. */
#include "engine/inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- loading -------------------------------------------------------------------- */

static const char *copy(struct work *w, const char *chars)
{
	return chars ? arena_copy(w->arena, chars, strlen(chars)) : NULL;
}

static void read_decision(struct work *w, const struct json *decision)
{
	const struct json *steps = json_get(decision, "steps");

	w->steps = 0;
	for (size_t i = 0; i < json_length(steps); i++) {
		struct text step = json_text(json_at(steps, i));

		w->steps |= text_is(step, "link") ? STEP_LINK
		    : text_is(step, "activate")   ? STEP_ACTIVATE
						  : STEP_ALLOW;
	}
	w->environment = copy(w, json_get_chars(decision, "environment"));
	w->workload = copy(w, json_get_chars(decision, "workload"));
	w->product = w->release = NULL;
}

static bool take_decision(struct work *w, const struct decision_row *stored, struct failure *why)
{
	struct json *decision = json_read(text_of(stored->decision), "stored decision", 0, why);
	struct json *request = json_read(text_of(stored->request), "stored request", 0, why);
	bool is_ok = decision && request && request_read(request, w->arena, &w->request, why);

	if (is_ok)
		read_decision(w, decision);
	json_free(decision);
	json_free(request);
	return is_ok;
}

static bool load_decision(struct work *w, struct failure *why)
{
	struct arena *arena; /* of the texts on record, which are read once */
	struct decision_row stored;
	bool is_ok;

	if (w->decision_number && w->decision_number == w->row.decisions)
		return true;
	w->decision_number = w->row.decisions;
	arena = arena_new();
	is_ok = ledger_decision(w->engine->ledger, w->row.id, 0, arena, &stored, why)
	    ? take_decision(w, &stored, why)
	    : failure_set(why, FAILURE_INTERNAL, "request %s has no decision on record",
		  id_short(w->row.id));
	arena_free(arena);
	return is_ok;
}

/* Files given with `attach` stand in the operation's input, not in the request. */
static void take_files(struct work *w)
{
	struct json *input = text_same(w->operation.kind, "attach")
	    ? json_read(w->operation.input, "stored input", 0, NULL)
	    : NULL;
	const struct json *list = json_get(input, "files");
	size_t n = json_length(list);
	struct request_file *files;

	if (n) {
		files = arena_take(w->arena, n * sizeof *files);
		for (size_t i = 0; i < n; i++)
			files[i].path =
			    arena_format(w->arena, "%s", json_get_chars(json_at(list, i), "path"));
		w->request.files = files;
		w->request.n_files = n;
	}
	json_free(input);
}

static void find_portal(struct work *w)
{
	const char *portal =
	    w->operation.kind && w->operation.portal ? w->operation.portal : w->row.portal;

	w->portal = portal ? portals_find(w->engine->generation->portals, portal) : NULL;
}

bool work_reload(struct work *w, const char *id, struct failure *why)
{
	w->is_stale = false;
	if (!ledger_request(w->engine->ledger, id, w->arena, &w->row, why))
		return failure_set(why, FAILURE_NO_INPUT, "there is no request %s", id);
	memset(&w->operation, 0, sizeof w->operation);
	if (!ledger_operation(w->engine->ledger, w->row.id, w->arena, &w->operation, why)) {
		if (why->kind != FAILURE_NONE)
			return false;
		w->operation.kind = NULL;
	}
	w->is_on_record = w->operation.kind != NULL;
	find_portal(w);
	if (!load_decision(w, why))
		return false;
	take_files(w);
	return true;
}

bool work_load(
    struct work *w, struct engine *e, const char *id, struct arena *arena, struct failure *why)
{
	*w = (struct work){ .engine = e, .arena = arena };
	return work_reload(w, id, why);
}

/* ---- taking over ------------------------------------------------------------------ */

static void take_chars(struct work *w, const char **into, const char *value)
{
	if (value == LEDGER_CLEAR)
		*into = NULL;
	else if (value && *value)
		*into = arena_copy(w->arena, value, strlen(value));
}

static void take_text(struct work *w, struct text *text)
{
	*text = (struct text){ arena_copy(w->arena, text->p ? text->p : "", text->n), text->n };
}

static void take_request(struct work *w, const struct request_row *from)
{
	struct request_row *row = &w->row;

	if (from->due == LEDGER_NO_DUE)
		row->due = INSTANT_UNKNOWN;
	else if (from->due != 0 && from->due != INSTANT_UNKNOWN)
		row->due = from->due;
	take_chars(w, &row->reference, from->reference);
	take_chars(w, &row->title, from->title);
	take_chars(w, &row->account, from->account);
	take_chars(w, &row->customer, from->customer);
	take_chars(w, &row->portal, from->portal);
	take_chars(w, &row->route, from->route);
	take_chars(w, &row->plan, from->plan);
	take_chars(w, &row->contract, from->contract);
	take_chars(w, &row->ticket, from->ticket);
	take_chars(w, &row->ticket_name, from->ticket_name);
	take_chars(w, &row->address, from->address);
	take_chars(w, &row->reason, from->reason);
	take_chars(w, &row->created_by, from->created_by);
}

static void take_operation(struct work *w, struct operation_row operation)
{
	take_chars(w, &operation.kind, operation.kind);
	take_chars(w, &operation.portal, operation.portal);
	take_chars(w, &operation.key, operation.key);
	take_chars(w, &operation.account, operation.account);
	take_text(w, &operation.note);
	take_text(w, &operation.exchange);
	take_text(w, &operation.input);
	w->operation = operation;
	w->row.operation = operation.kind;
	w->is_on_record = operation.kind != NULL;
}

void work_take_over(struct work *w, const struct ledger_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].kind == ROW_REQUEST)
			take_request(w, &rows[i].request);
		if (rows[i].kind == ROW_OPERATION)
			take_operation(w, rows[i].operation);
		w->is_stale |= rows[i].kind == ROW_DECISION;
	}
	find_portal(w);
}

void work_free(struct work *w)
{
	json_free(w->exchange);
	w->exchange = NULL;
}

struct work *work_new(struct engine *e, struct arena *arena)
{
	struct work *w = memory_resize(NULL, 1, sizeof *w);

	*w = (struct work){ .engine = e, .arena = arena };
	return w;
}

void work_end(struct work *w)
{
	struct arena *arena = w ? w->arena : NULL;

	if (w)
		work_free(w);
	free(w);
	arena_free(arena);
}

void engine_forget(struct engine *e)
{
	work_end(e->kept);
	work_end(e->driven);
	e->kept = e->driven = NULL;
}

bool engine_row(struct engine *e, const char *id, struct arena *arena, struct request_row *row,
    struct failure *why)
{
	const struct work *w = e->driven;

	if (!w || !text_same(w->row.id, id))
		return ledger_request(e->ledger, id, arena, row, why);
	*row = w->row; /* its texts live as long as the engine remembers it */
	return true;
}
