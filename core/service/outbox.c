#include "service/outbox_inside.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_MS 250  /* for events */
#define SOONEST_MS 2 /* for answers, twice as long each time that there was none ... */
#define LATEST_MS 64 /* ... up to this */
#define IDLE_MS 1000 /* without a webhook */
#define COUNT_MS 1000
#define RECOUNT_MS 10000

struct outbox *outbox_new(void)
{
	return memory_new(sizeof(struct outbox));
}

void outbox_free(struct outbox *outbox)
{
	struct outlet *next;

	for (struct outlet *o = atomic_load(&outbox->outlets); o; o = next) {
		next = o->next;
		free(o->name);
		free(o);
	}
	free(outbox);
}

static struct outlet *outlet_of(struct outbox *outbox, const char *name)
{
	struct outlet *first = atomic_load(&outbox->outlets), *o = first;

	while (o && !text_same(o->name, name))
		o = o->next;
	if (o)
		return o;
	o = memory_new(sizeof *o);
	o->name = memory_copy_text(name);
	o->next = first;
	atomic_store(&outbox->outlets, o);
	return o;
}

const struct outbox_counts *outbox_counts(struct outbox *outbox, size_t i, const char **name)
{
	struct outlet *o = atomic_load(&outbox->outlets);

	while (o && i-- > 0)
		o = o->next;
	*name = o ? o->name : NULL;
	return o ? &o->counts : NULL;
}

/* ---- counts --------------------------------------------------------------------------- */

static instant time_of(struct round *r, int64_t event)
{
	struct event_row *row;
	size_t n = 0;

	return ledger_events(r->engine->ledger, NULL, event - 1, 1, r->arena, &row, &n, r->why) && n
	    ? row->at
	    : 0;
}

static bool recount(struct round *r)
{
	struct outlet *o = r->outlet;
	struct delivery_counts c;
	int64_t oldest = outbox_cursor(o) + 1;
	instant now = instant_monotonic();

	if (now - o->counted_at < (o->counted_at ? RECOUNT_MS : 0) ||
	    (!o->counted_at && now - o->saved_at < COUNT_MS && outbox_is_busy(o)))
		return true;
	if (!ledger_delivery_counts(r->engine->ledger, o->name, &c, r->why))
		return false;
	if (c.oldest_due && c.oldest_due < oldest)
		oldest = c.oldest_due;
	atomic_store(&o->counts.due, c.due);
	atomic_store(&o->counts.dead, c.dead);
	atomic_store(&o->counts.oldest, time_of(r, oldest));
	o->counted_at = now;
	return r->why->kind == FAILURE_NONE;
}

/* ---- a round ----------------------------------------------------------------------------- */

/* A webhook that is new begins with what happens from now on. */
static bool begin(struct round *r, const struct webhook_row *row, bool is_on_record)
{
	struct outlet *o = r->outlet;
	struct ledger_row rows[1];

	o->seen = o->saved = row->cursor;
	if (!is_on_record &&
	    (!ledger_last_event(r->engine->ledger, &o->seen, r->why) ||
		!outbox_save(r, rows, 0, false)))
		return false;
	o->is_known = true;
	return true;
}

static bool serve(struct round *r)
{
	struct webhook_row row = { .disabled = INSTANT_UNKNOWN };
	bool is_on_record;

	if (r->is_last)
		return !r->outlet->is_known || outbox_settle(r);
	is_on_record = ledger_webhook(r->engine->ledger, r->webhook->name, r->arena, &row, r->why);
	if (r->why->kind != FAILURE_NONE || (!r->outlet->is_known && !begin(r, &row, is_on_record)))
		return false;
	r->is_disabled = row.disabled != INSTANT_UNKNOWN;
	if (!outbox_settle(r) || (!r->is_disabled && !outbox_send(r)))
		return false;
	return recount(r);
}

static int64_t wait_for_answers(struct outlet *o)
{
	if (o->wait_ms < SOONEST_MS)
		o->wait_ms = SOONEST_MS;
	else if (o->wait_ms < LATEST_MS)
		o->wait_ms *= 2;
	return o->wait_ms;
}

static int64_t serve_one(struct outbox *outbox, struct engine *e, const struct webhook *w)
{
	struct failure why = { 0 };
	struct round r = { .outbox = outbox,
		.engine = e,
		.webhook = w,
		.outlet = outlet_of(outbox, w->name),
		.arena = arena_new(),
		.why = &why,
		.is_last = atomic_load(e->is_stopping) };
	bool is_ok = serve(&r);

	if (!is_ok)
		log_line(LOG_WARNING, "webhook %s: %s", w->name, why.text);
	arena_free(r.arena);
	if (!is_ok)
		return IDLE_MS;
	if (r.is_full)
		return 0;
	return outbox_is_busy(r.outlet) ? wait_for_answers(r.outlet) : LOOK_MS;
}

int64_t outbox_round(struct engine *e, void *context)
{
	const struct webhooks *all = e->generation->webhooks;
	struct outbox *outbox = context;
	int64_t next = IDLE_MS, ms;

	if (all->n && !*outbox->ledger_id && !ledger_own_id(e->ledger, outbox->ledger_id, NULL))
		return IDLE_MS;
	for (size_t i = 0; i < all->n; i++) {
		ms = serve_one(outbox, e, &all->list[i]);
		next = ms < next ? ms : next;
	}
	return next;
}
