/* What becomes of events that were sent: taken, due again, dead. */
#include "service/outbox_inside.h"
#include "base/id.h"
#include "base/log.h"

#include <string.h>

#define SAVE_MS 200  /* between commits that only move the cursor */
#define SKIPPED 1000 /* events that nobody wants, until the cursor is moved for them alone */

static bool has_gone(const struct sending *s)
{
	return s->status == 410;
}

static bool is_last(const struct webhook *w, const struct sending *s)
{
	return s->is_lost || (!has_gone(s) && s->tries >= (int64_t)w->n_retries);
}

/* Full jitter; what the receiver asks for counts, up to a day. */
static instant next_try(const struct webhook *w, const struct sending *s)
{
	int64_t longest = w->retries[s->tries];
	int64_t wait = (int64_t)random_below((uint64_t)longest + 1);
	int64_t asked = s->retry_after_ms < INSTANT_DAY ? s->retry_after_ms : INSTANT_DAY;

	return instant_now() + (wait > asked ? wait : asked);
}

/* What becomes of an event that was not taken. After a 410 it waits for the webhook. */
static struct delivery_row delivery_of(
    const struct webhook *w, const struct sending *s, const char *why)
{
	struct delivery_row row = { .webhook = w->name,
		.event = s->event,
		.state = DELIVERY_DUE,
		.tries = has_gone(s) ? s->tries : s->tries + 1,
		.next = instant_now(),
		.status = s->status,
		.reason = why };

	if (is_last(w, s))
		row.state = DELIVERY_DEAD;
	else if (!has_gone(s))
		row.next = next_try(w, s);
	return row;
}

static void tell(const struct webhook *w, const struct delivery_row *row)
{
	bool is_dead = row->state == DELIVERY_DEAD;

	log_line(is_dead ? LOG_WARNING : LOG_NOTICE, "webhook %s: event %lld %s: %s", w->name,
	    (long long)row->event, is_dead ? "is a dead letter" : "was not taken", row->reason);
}

static void count(struct outlet *o, const struct webhook *w, const struct sending *s)
{
	bool is_taken = s->status / 100 == 2;

	atomic_fetch_add(is_taken ? &o->counts.delivered : &o->counts.failed, 1);
	if (!is_taken && is_last(w, s))
		atomic_fetch_add(&o->counts.dead_letters, 1);
	o->counted_at = 0;
}

/* The row that an ended exchange needs, if any: an event that is taken at once needs none. */
static size_t settle_one(struct round *r, struct sending *s, struct ledger_row *row)
{
	char why[PARCEL_WHY];
	bool is_taken = parcel_was_taken(s->status, s->problem, why);

	*row = (struct ledger_row){ .kind = ROW_DELIVERY,
		.delivery = { .webhook = r->webhook->name, .event = s->event } };
	if (!is_taken) {
		row->delivery = delivery_of(r->webhook, s, arena_copy(r->arena, why, strlen(why)));
		tell(r->webhook, &row->delivery);
	}
	r->outlet->is_dirty = true;
	return !is_taken || s->is_again;
}

int64_t outbox_cursor(const struct outlet *o)
{
	int64_t cursor = o->seen;

	for (size_t i = 0; i < MOST_AT_ONCE; i++) {
		const struct sending *s = &o->sending[i];

		if (s->is_taken && !s->has_ended && !s->is_again && s->event <= cursor)
			cursor = s->event - 1;
	}
	return cursor;
}

bool outbox_is_busy(const struct outlet *o)
{
	for (size_t i = 0; i < MOST_AT_ONCE; i++)
		if (o->sending[i].is_taken && !o->sending[i].has_ended)
			return true;
	return false;
}

static bool must_save(const struct round *r)
{
	const struct outlet *o = r->outlet;
	int64_t cursor = outbox_cursor(o);

	if (cursor == o->saved)
		return false;
	if (cursor - o->saved >= SKIPPED)
		return true;
	return o->is_dirty &&
	    (r->is_last || !outbox_is_busy(o) || instant_monotonic() - o->saved_at >= SAVE_MS);
}

bool outbox_save(struct round *r, struct ledger_row *rows, size_t n, bool is_gone)
{
	struct outlet *o = r->outlet;
	int64_t cursor = outbox_cursor(o);
	struct ledger_change change = { .rows = rows, .n_rows = n + 1 };

	rows[n] = (struct ledger_row){ .kind = ROW_WEBHOOK,
		.webhook = { .name = o->name, .cursor = cursor, .disabled = INSTANT_UNKNOWN } };
	if (is_gone) {
		rows[n].webhook.disabled = instant_now();
		rows[n].webhook.reason = "the receiver answered 410 Gone";
		change.event = (struct event_row){
			.who = r->engine->actor, .what = "webhook disabled", .why = o->name
		};
		log_line(LOG_WARNING,
		    "webhook %s: the receiver answered 410 Gone; nothing is sent until "
		    "`caseroute webhooks enable %s`",
		    o->name, o->name);
	}
	if (!engine_commit(r->engine, &change, 1, r->why))
		return false;
	r->is_disabled = r->is_disabled || is_gone;
	o->saved = cursor;
	o->saved_at = instant_monotonic();
	o->is_dirty = false;
	return true;
}

bool outbox_settle(struct round *r)
{
	struct outlet *o = r->outlet;
	struct ledger_row rows[MOST_AT_ONCE + 1];
	bool ended[MOST_AT_ONCE], is_gone = false;
	size_t n = 0;

	for (size_t i = 0; i < MOST_AT_ONCE; i++) {
		struct sending *s = &o->sending[i];

		ended[i] = s->is_taken && s->has_ended;
		if (!ended[i])
			continue;
		n += settle_one(r, s, &rows[n]);
		is_gone = is_gone || (has_gone(s) && !r->is_disabled);
	}
	if ((n || must_save(r)) && !outbox_save(r, rows, n, is_gone))
		return false;
	for (size_t i = 0; i < MOST_AT_ONCE; i++) {
		if (!ended[i])
			continue;
		count(o, r->webhook, &o->sending[i]);
		o->wait_ms = 0;
		o->sending[i] = (struct sending){ 0 };
	}
	return true;
}
