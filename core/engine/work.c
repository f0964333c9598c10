/* A request as loaded for work: its row, last decision and journal. */
#include "engine/inside.h"

#include <string.h>

/* ---- loading -------------------------------------------------------------------- */

static void unload(struct work *w)
{
	json_free(w->decision);
	json_free(w->request_json);
	w->decision = w->request_json = NULL;
}

static bool load_decision(struct work *w, struct failure *why)
{
	struct decision_row stored;

	if (w->decision && w->decision_number == w->row.decisions)
		return true;
	unload(w);
	w->decision_number = w->row.decisions;
	if (!ledger_decision(w->engine->ledger, w->row.id, 0, w->arena, &stored, why))
		return failure_set(why, FAILURE_INTERNAL, "request %s has no decision on record",
		    id_short(w->row.id));
	w->decision = json_read(text_of(stored.decision), "stored decision", 0, why);
	w->request_json = json_read(text_of(stored.request), "stored request", 0, why);
	return w->decision && w->request_json &&
	    request_read(w->request_json, w->arena, &w->request, why);
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

bool work_reload(struct work *w, const char *id, struct failure *why)
{
	const char *portal;

	if (!ledger_request(w->engine->ledger, id, w->arena, &w->row, why))
		return failure_set(why, FAILURE_NO_INPUT, "there is no request %s", id);
	memset(&w->operation, 0, sizeof w->operation);
	if (!ledger_operation(w->engine->ledger, w->row.id, w->arena, &w->operation, why)) {
		if (why->kind != FAILURE_NONE)
			return false;
		w->operation.kind = NULL;
	}
	portal = w->operation.kind && w->operation.portal ? w->operation.portal : w->row.portal;
	w->portal = portal ? portals_find(w->engine->generation->portals, portal) : NULL;
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

void work_free(struct work *w)
{
	unload(w);
}
