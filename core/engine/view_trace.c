/* What the record has of a request's steps: guides and answers, where its operation is. */
#include "engine/view.h"

static struct json *stored(struct text text)
{
	return text.n ? json_read(text, "stored", 0, NULL) : json_new_null();
}

static struct json *instant_json(instant at)
{
	char text[INSTANT_TEXT];

	return at == INSTANT_UNKNOWN ? json_new_null() : json_new_string(instant_write(at, text));
}

static struct json *guide_json(const struct guide_row *guide)
{
	struct json *o = json_new_object();

	json_set(o, "number", json_new_number(guide->number));
	json_set(o, "at", instant_json(guide->at));
	json_set(o, "operation", json_new_string(guide->operation));
	json_set(o, "guide", stored(guide->guide));
	json_set(o, "answer", stored(guide->answer));
	return o;
}

static struct json *operation_json(const struct operation_row *op)
{
	struct json *o = json_new_object(), *cursor = json_new_array();

	for (int i = 0; i < 3; i++)
		json_append(cursor, json_new_number(op->cursor[i]));
	json_set(o, "operation", json_new_string(op->kind));
	json_set(o, "portal", json_new_string(op->portal));
	json_set(o, "started", instant_json(op->started));
	json_set(o, "hops", json_new_number(op->hops));
	json_set(o, "key", json_new_string(op->key));
	json_set(o, "steps", json_new_number(op->steps));
	json_set(o, "tries", json_new_number(op->tries));
	json_set(o, "stage", json_new_number(op->stage));
	json_set(o, "cursor", cursor);
	json_set(o, "note", json_new_text(op->note));
	json_set(o, "exchange", stored(op->exchange));
	json_set(o, "sent", json_new_boolean(op->exchange.n && op->is_sent));
	return o;
}

struct json *view_trace(
    struct ledger *ledger, const struct request_row *row, struct arena *arena, struct failure *why)
{
	struct operation_row operation = { 0 };
	struct guide_row *guides;
	struct event_row *events;
	struct json *o, *list;
	size_t n_guides, n_events;

	if (!ledger_guides(ledger, row->id, arena, &guides, &n_guides, why) ||
	    !ledger_events(ledger, row->id, 0, 10000, arena, &events, &n_events, why) ||
	    (!ledger_operation(ledger, row->id, arena, &operation, why) && why->kind))
		return NULL;
	o = json_new_object();
	json_set(o, "schema", json_new_string("caseroute.trace/1"));
	json_set(o, "request", json_new_string(row->id));
	json_set(o, "state", json_new_string(state_name(row->state)));
	list = json_new_array();
	for (size_t i = 0; i < n_events; i++)
		json_append(list, view_event(&events[i]));
	json_set(o, "events", list);
	list = json_new_array();
	for (size_t i = 0; i < n_guides; i++)
		json_append(list, guide_json(&guides[i]));
	json_set(o, "guides", list);
	json_set(o, "operation", operation.kind ? operation_json(&operation) : json_new_null());
	return o;
}
