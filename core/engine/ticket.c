/* What is asked of a ticket that is open: a message, files, a change, how it is doing. */
#include "engine/inside.h"

#include <stdlib.h>

static bool begin_on_ticket(
    struct work *w, enum operation_kind kind, const struct json *input, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_OPERATION };
	const char *under_way = w->operation.kind;
	struct buffer text = { 0 };
	struct guide_row guide = { 0 };
	bool is_ok;

	if (w->row.state != STATE_OPEN)
		return failure_set(why, FAILURE_DATA, "request %s is %s: it has no open ticket",
		    id_short(w->row.id), state_name(w->row.state));
	if (!w->portal)
		return failure_set(why, FAILURE_UNAVAILABLE,
		    "portal %s is not configured (any more)", w->row.portal);
	if (ledger_guide(w->engine->ledger, w->row.id, 0, w->arena, &guide, why) && guide.is_open)
		under_way = guide.operation;
	if (why->kind != FAILURE_NONE)
		return false;
	if (kind == OPERATION_STATUS && !guide.is_open && text_same(under_way, "status"))
		return true; /* it is looked at already: that look goes on */
	if (under_way)
		return failure_set(why, FAILURE_TRY_LATER,
		    "request %s: %s is under way; answer or resume it first", id_short(w->row.id),
		    under_way);
	if (!portal_can(w->portal, kind))
		return by_hand_ask(w, kind, input, NULL, why);
	if (input)
		json_write(input, JSON_LINE, &text);
	row.operation =
	    fresh_operation(w, operation_name(kind), w->row.portal, buffer_as_text(&text), 0);
	is_ok = work_commit(w, STATE_OPEN, false, NULL, NULL, NULL, &row, 1, why);
	buffer_free(&text);
	return is_ok;
}

/* Takes the input over. */
static bool on_ticket(struct engine *e, const char *id, enum operation_kind kind,
    struct json *input, struct failure *why)
{
	struct arena *arena = arena_new();
	struct work w;
	bool is_ok = work_load(&w, e, id, arena, why) && begin_on_ticket(&w, kind, input, why);

	work_free(&w);
	json_free(input);
	arena_free(arena);
	return is_ok;
}

bool engine_refresh(struct engine *e, const char *id, struct failure *why)
{
	return on_ticket(e, id, OPERATION_STATUS, NULL, why);
}

bool engine_message(
    struct engine *e, const char *id, const char *subject, struct text body, struct failure *why)
{
	struct arena *arena = arena_new();
	struct request_row row = { 0 };
	struct json *input = json_new_object();

	if (!text_trim(body).n || text_bad_utf8(body) >= 0)
		failure_set(why, FAILURE_DATA, "the message is empty or not UTF-8");
	else if (!subject || !*subject)
		ledger_request(e->ledger, id, arena, &row, why);
	json_set(input, "subject", json_new_string(row.title ? row.title : subject ? subject : ""));
	json_set(input, "body", json_new_text(body));
	arena_free(arena);
	if (why->kind == FAILURE_NONE)
		return on_ticket(e, id, OPERATION_MESSAGE, input, why);
	json_free(input);
	return false;
}

bool engine_attach(
    struct engine *e, const char *id, const char *const *paths, size_t n, struct failure *why)
{
	struct json *input = json_new_object(), *files = json_new_array();
	bool is_ok = true;

	for (size_t i = 0; is_ok && i < n; i++) {
		char *full = realpath(paths[i], NULL);
		struct json *one = json_new_object();

		if (!full)
			is_ok = failure_set(
			    why, FAILURE_NO_INPUT, "%s: there is no such file", paths[i]);
		json_set(one, "path", json_new_string(full));
		json_append(files, one);
		free(full);
	}
	json_set(input, "files", files);
	if (is_ok)
		return on_ticket(e, id, OPERATION_ATTACH, input, why);
	json_free(input);
	return false;
}

bool engine_change(
    struct engine *e, const char *id, int64_t severity, bool close, struct failure *why)
{
	struct json *input = json_new_object();

	if (severity)
		json_set(input, "severity", json_new_number(severity));
	if (close)
		json_set(input, "state", json_new_string("closed"));
	return on_ticket(e, id, OPERATION_CHANGE, input, why);
}
