#include "engine/view.h"

#include <string.h>

struct view {
	struct ledger *ledger;
	struct arena *arena;
	struct failure *why;
};

/* ---- a request ---------------------------------------------------------------------- */

static void write_instant(struct json_out *out, const char *name, instant at)
{
	char text[INSTANT_TEXT];

	json_out_string(out, name, at == INSTANT_UNKNOWN ? NULL : instant_write(at, text));
}

bool view_is_overdue(const struct request_row *row)
{
	return (row->state == STATE_HANDED_OFF || row->state == STATE_UNSURE) &&
	    row->due != INSTANT_UNKNOWN && row->due < instant_now();
}

/* Not the reason for who is not told all: it may be an agent's own words, or a portal's, about
 * a person. */
static void write_members(struct json_out *out, const struct request_row *row, bool tells_all)
{
	json_out_string(out, "schema", "caseroute.request/1");
	json_out_string(out, "id", row->id);
	json_out_string(out, "short", id_short(row->id));
	json_out_string(out, "state", state_name(row->state));
	if (tells_all)
		json_out_string(out, "reason", row->reason);
	write_instant(out, "created", row->created);
	write_instant(out, "changed", row->changed);
	write_instant(out, "due", row->due);
	json_out_boolean(out, "overdue", view_is_overdue(row));
	if (tells_all) {
		json_out_string(out, "reference", row->reference);
		json_out_string(out, "title", row->title);
		json_out_string(out, "account", row->account);
		json_out_string(out, "customer", row->customer);
	}
	json_out_string(out, "portal", row->portal);
	json_out_string(out, "route", row->route);
	if (tells_all) {
		json_out_string(out, "plan", row->plan);
		json_out_string(out, "contract", row->contract);
	}
	json_out_string(out, "operation", row->operation);
	if (tells_all) {
		json_out_string(out, "ticket", row->ticket);
		json_out_string(out, "address", row->address);
	}
}

void view_write_row(struct json_out *out, const struct request_row *row, bool tells_all)
{
	json_out_open(out, NULL, '{');
	write_members(out, row, tells_all);
	json_out_close(out, '}');
}

struct json *view_request_row(const struct request_row *row)
{
	struct buffer text = { 0 };
	struct json_out out = { &text, false };

	view_write_row(&out, row, true);
	return json_from(&text);
}

static struct json *guide_json(const struct guide_row *guide)
{
	struct json *o = json_new_object();
	char due[INSTANT_TEXT];

	json_set(o, "number", json_new_number(guide->number));
	json_set(o, "operation", json_new_string(guide->operation));
	json_set(o, "due",
	    guide->due == INSTANT_UNKNOWN ? json_new_null()
					  : json_new_string(instant_write(guide->due, due)));
	json_set(o, "guide", json_read(guide->guide, "stored guide", 0, NULL));
	return o;
}

/* What a portal asked for after the last decision; NULL: nothing. */
static struct json *portal_asks(struct view *v, const struct request_row *row)
{
	struct event_row *events;
	struct json *detail, *list;
	size_t n;

	if (!ledger_events(v->ledger, row->id, 0, 1000, v->arena, &events, &n, v->why))
		return NULL;
	while (n > 0 && !text_same(events[n - 1].what, "decided") &&
	    !text_same(events[n - 1].what, "submitted") && !text_same(events[n - 1].what, "asked"))
		n--;
	if (!n || !text_same(events[n - 1].what, "asked"))
		return NULL;
	detail = json_read(events[n - 1].detail, "stored event", 0, NULL);
	list = json_clone(json_get(detail, "ask"));
	json_free(detail);
	return list;
}

/* What an asking request asks for: the portal, else the decision. */
static struct json *asks_of(struct view *v, const struct request_row *row)
{
	struct json *list = portal_asks(v, row), *decision;
	struct decision_row stored;

	if (list || !ledger_decision(v->ledger, row->id, 0, v->arena, &stored, v->why))
		return list;
	decision = json_read(text_of(stored.decision), "stored decision", 0, NULL);
	list = json_clone(json_get(decision, "ask"));
	json_free(decision);
	return list;
}

struct json *view_asks(
    struct ledger *ledger, const struct request_row *row, struct arena *arena, struct failure *why)
{
	struct view v = { ledger, arena, why };

	return asks_of(&v, row);
}

static bool find(struct view *v, const char *id, struct request_row *row)
{
	return ledger_request(v->ledger, id, v->arena, row, v->why) ||
	    failure_set(v->why, FAILURE_NO_INPUT, "there is no request %s", id);
}

/* A ticket of which nothing is asked, and work that goes on, have nobody to wait for. */
static bool may_have_guide(const struct request_row *row)
{
	return row->state != STATE_READY && (row->state != STATE_OPEN || row->operation);
}

/* Takes the value over; NULL: the member is not there. */
static void write_value(struct json_out *out, const char *name, struct json *value)
{
	if (value)
		json_out_json(out, name, value);
	json_free(value);
}

bool view_write_whole_row(struct json_out *out, struct ledger *ledger,
    const struct request_row *row, struct arena *arena, struct failure *why)
{
	struct view v = { ledger, arena, why };
	struct guide_row guide = { 0 };

	if (may_have_guide(row) && !ledger_guide(ledger, row->id, 0, arena, &guide, why)) {
		if (why->kind != FAILURE_NONE)
			return false;
		guide.is_open = false;
	}
	json_out_open(out, NULL, '{');
	write_members(out, row, true);
	if (row->state == STATE_ASKING)
		write_value(out, "ask", asks_of(&v, row));
	write_value(out, "guide", guide.is_open ? guide_json(&guide) : json_new_null());
	json_out_close(out, '}');
	return true;
}

struct json *view_request(
    struct ledger *ledger, const char *id, struct arena *arena, struct failure *why)
{
	struct view v = { ledger, arena, why };
	struct buffer text = { 0 };
	struct json_out out = { &text, false };
	struct request_row row;

	return find(&v, id, &row) && view_write_whole_row(&out, ledger, &row, arena, why)
	    ? json_from(&text)
	    : NULL;
}

/* ---- how it came about ------------------------------------------------------------------ */

struct json *view_event(const struct event_row *e)
{
	struct json *o = json_new_object();
	struct json *detail = e->detail.n ? json_read(e->detail, "stored event", 0, NULL) : NULL;
	char at[INSTANT_TEXT];

	json_set(o, "sequence", json_new_number(e->sequence));
	json_set(o, "at", json_new_string(instant_write(e->at, at)));
	json_set(o, "request", json_new_string(e->request));
	json_set(o, "who", json_new_string(e->who));
	json_set(o, "what", json_new_string(e->what));
	json_set(o, "why", json_new_string(e->why));
	json_set(o, "from", json_new_string(e->from ? state_name(e->from) : NULL));
	json_set(o, "to", json_new_string(e->to ? state_name(e->to) : NULL));
	json_set(o, "trace", json_clone(json_get(detail, "trace")));
	json_free(detail);
	return o;
}

struct json *view_event_for(const struct event_row *event, bool tells_all)
{
	struct json *o = view_event(event);

	if (!tells_all) {
		json_remove(o, "who");
		json_remove(o, "why");
	}
	return o;
}

static struct json *decision_json(const struct decision_row *stored)
{
	struct json *one = json_new_object();

	json_set(one, "number", json_new_number(stored->number));
	json_set(one, "generation", json_new_string(stored->generation));
	json_set(one, "request", json_read(text_of(stored->request), "stored request", 0, NULL));
	json_set(one, "facts", json_read(text_of(stored->facts), "stored facts", 0, NULL));
	json_set(one, "decision", json_read(text_of(stored->decision), "stored decision", 0, NULL));
	return one;
}

struct json *view_explain(
    struct ledger *ledger, const char *id, struct arena *arena, struct failure *why)
{
	struct view v = { ledger, arena, why };
	struct json *o, *events = json_new_array(), *decisions = json_new_array();
	struct decision_row *stored;
	struct event_row *rows;
	struct request_row row;
	size_t n, n_stored;

	if (!find(&v, id, &row) ||
	    !ledger_events(ledger, row.id, 0, 10000, arena, &rows, &n, why) ||
	    !ledger_decisions(ledger, row.id, arena, &stored, &n_stored, why)) {
		json_free(events);
		json_free(decisions);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		json_append(events, view_event(&rows[i]));
	for (size_t i = 0; i < n_stored; i++)
		json_append(decisions, decision_json(&stored[i]));
	o = view_request_row(&row);
	json_set(o, "decisions", decisions);
	json_set(o, "events", events);
	return o;
}
