#include "engine/deliveries.h"

#include <stdlib.h>

#define SHOWN 20 /* deliveries of one webhook */

const struct webhook *deliveries_of(const struct engine *e, const char *name, struct failure *why)
{
	const struct webhooks *all = e->generation->webhooks;
	const struct webhook *found = webhooks_find(all, name);
	const char **names, *nearest;

	if (found)
		return found;
	names = memory_array(all->n + 1, sizeof *names);
	for (size_t i = 0; i < all->n; i++)
		names[i] = all->list[i].name;
	nearest = text_nearest(name, names, all->n);
	failure_set(why, FAILURE_NO_INPUT, "there is no [webhook %s]%s%s%s", name,
	    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	free(names);
	return NULL;
}

/* ---- seeing ------------------------------------------------------------------------ */

static struct json *instant_json(instant at)
{
	char text[INSTANT_TEXT];

	return at == INSTANT_UNKNOWN ? json_new_null() : json_new_string(instant_write(at, text));
}

static struct json *delivery_json(const struct delivery_row *row)
{
	struct json *o = json_new_object();

	json_set(o, "event", json_new_number(row->event));
	json_set(o, "state", json_new_string(row->state == DELIVERY_DEAD ? "dead" : "due"));
	json_set(o, "tries", json_new_number(row->tries));
	json_set(o, "next", instant_json(row->next));
	json_set(o, "status", row->status ? json_new_number(row->status) : json_new_null());
	json_set(o, "reason", json_new_string(row->reason));
	return o;
}

static struct json *deliveries_json(
    struct engine *e, const char *name, struct arena *arena, struct failure *why)
{
	struct delivery_filter filter = {
		.webhook = name, .due_before = INSTANT_UNKNOWN, .limit = SHOWN
	};
	struct json *list = json_new_array();
	struct delivery_row *rows;
	size_t n = 0;

	if (ledger_deliveries(e->ledger, &filter, arena, &rows, &n, why))
		for (size_t i = 0; i < n; i++)
			json_append(list, delivery_json(&rows[i]));
	return list;
}

struct json *view_webhook(
    struct engine *e, const struct webhook *w, struct arena *arena, struct failure *why)
{
	struct webhook_row row = { .disabled = INSTANT_UNKNOWN };
	struct delivery_counts counts = { 0 };
	int64_t last = 0;
	bool is_begun = ledger_webhook(e->ledger, w->name, arena, &row, why);
	struct json *o = json_new_object();

	if (why->kind == FAILURE_NONE && ledger_last_event(e->ledger, &last, why))
		ledger_delivery_counts(e->ledger, w->name, &counts, why);
	json_set(o, "name", json_new_string(w->name));
	json_set(o, "origin", json_new_string(w->origin));
	json_set(o, "events", json_new_text(w->events));
	json_set(o, "state",
	    json_new_string(row.disabled != INSTANT_UNKNOWN ? "disabled"
		    : is_begun                              ? "enabled"
							    : "new"));
	json_set(o, "reason", json_new_string(row.reason));
	json_set(o, "disabled", instant_json(row.disabled));
	json_set(o, "behind", json_new_number(is_begun ? last - row.cursor : 0));
	json_set(o, "due", json_new_number(counts.due));
	json_set(o, "dead", json_new_number(counts.dead));
	json_set(o, "deliveries", deliveries_json(e, w->name, arena, why));
	if (why->kind == FAILURE_NONE)
		return o;
	json_free(o);
	return NULL;
}

struct json *view_webhooks(struct engine *e, struct arena *arena, struct failure *why)
{
	const struct webhooks *all = e->generation->webhooks;
	struct json *list = json_new_array();

	for (size_t i = 0; i < all->n && why->kind == FAILURE_NONE; i++)
		json_append(list, view_webhook(e, &all->list[i], arena, why));
	if (why->kind == FAILURE_NONE)
		return list;
	json_free(list);
	return NULL;
}

/* ---- doing -------------------------------------------------------------------------- */

static bool commit(struct engine *e, const struct webhook *w, struct ledger_row *row,
    const char *what, struct failure *why)
{
	struct ledger_change change = {
		.rows = row, .n_rows = 1, .event = { .who = e->actor, .what = what, .why = w->name }
	};

	return engine_commit(e, &change, 1, why);
}

static bool is_on_record(struct engine *e, int64_t event, struct failure *why)
{
	struct arena *arena = arena_new();
	struct event_row *rows;
	size_t n = 0;
	bool is_found = ledger_events(e->ledger, NULL, event - 1, 1, arena, &rows, &n, why) &&
	    n == 1 && rows[0].sequence == event;

	arena_free(arena);
	return is_found ||
	    (why->kind == FAILURE_NONE &&
		failure_set(
		    why, FAILURE_NO_INPUT, "there is no event %lld on record", (long long)event));
}

bool deliveries_resend(
    struct engine *e, const struct webhook *w, int64_t event, int64_t *n, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_RESEND, .resend = w->name };
	struct delivery_counts counts = { 0 };

	if (event) {
		row.kind = ROW_DELIVERY;
		row.delivery = (struct delivery_row){ .webhook = w->name,
			.event = event,
			.state = DELIVERY_DUE,
			.next = instant_now() };
		*n = 1;
		return is_on_record(e, event, why) && commit(e, w, &row, "webhook resent", why);
	}
	if (!ledger_delivery_counts(e->ledger, w->name, &counts, why))
		return false;
	*n = counts.dead;
	return !counts.dead || commit(e, w, &row, "webhook resent", why);
}

bool deliveries_enable(struct engine *e, const struct webhook *w, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_WEBHOOK,
		.webhook = { .name = w->name, .disabled = LEDGER_ENABLED } };
	struct arena *arena = arena_new();
	struct webhook_row stored = { .disabled = INSTANT_UNKNOWN };
	bool is_disabled = ledger_webhook(e->ledger, w->name, arena, &stored, why) &&
	    stored.disabled != INSTANT_UNKNOWN;

	arena_free(arena);
	return why->kind == FAILURE_NONE &&
	    (!is_disabled || commit(e, w, &row, "webhook enabled", why));
}
