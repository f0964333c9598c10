/* Events on their way: the next ones, and those that were not taken. */
#include "service/outbox_inside.h"
#include "base/log.h"
#include "engine/budget.h"

#include <stdio.h>
#include <string.h>

#define MOST_AGAIN 2 /* of the exchanges: the rest is for new events */
#define PAGE 20      /* events */

/* On the loop's thread, between tasks. */
static void take_answer(
    void *context, bool has_reply, struct http_reply *reply, const struct failure *why)
{
	struct sending *s = context;

	(void)has_reply;
	(void)why;
	s->status = reply->status;
	s->retry_after_ms = reply->retry_after_ms;
	memcpy(s->problem, reply->problem, sizeof s->problem);
	s->has_ended = true;
}

static struct sending *free_place(struct outlet *o)
{
	for (size_t i = 0; i < MOST_AT_ONCE; i++)
		if (!o->sending[i].is_taken)
			return &o->sending[i];
	return NULL;
}

static void end_without_answer(struct sending *s, const char *problem)
{
	snprintf(s->problem, sizeof s->problem, "%.250s", problem);
	s->retry_after_ms = -1;
	s->has_ended = true;
}

static void post(struct round *r, struct sending *s, const struct event_row *event)
{
	instant now = instant_now();
	struct failure why = { 0 };
	struct parcel p;

	s->is_taken = true;
	s->event = event->sequence;
	snprintf(s->request, sizeof s->request, "%s", event->request ? event->request : "");
	if (!parcel_make(&p, r->webhook, event, r->outbox->ledger_id, now, &why)) {
		log_line(LOG_WARNING, "webhook %s: %s", r->webhook->name, why.text);
		end_without_answer(s, why.text);
		return;
	}
	if (!http_begin(r->engine->http, &p.request, now, take_answer, s, &why))
		end_without_answer(s, why.text);
	parcel_free(&p);
}

/* Events of one request go one after the other. */
static bool has_to_wait(const struct outlet *o, const struct event_row *event)
{
	for (size_t i = 0; event->request && i < MOST_AT_ONCE; i++)
		if (o->sending[i].is_taken && text_same(o->sending[i].request, event->request))
			return true;
	return false;
}

static bool wants(const struct webhook *w, const struct event_row *event)
{
	struct buffer type = { 0 };
	bool is_wanted;

	view_event_type(event, &type);
	is_wanted = webhook_wants(w, type.p, budget_is_event(event->what));
	buffer_free(&type);
	return is_wanted;
}

/* Takes up events behind the last one, as long as there are places. */
static bool send_new(struct round *r)
{
	struct outlet *o = r->outlet;
	struct event_row *rows;
	size_t n = 0, i;

	if (!free_place(o))
		return true;
	if (!ledger_events(r->engine->ledger, NULL, o->seen, PAGE, r->arena, &rows, &n, r->why))
		return false;
	for (i = 0; i < n; i++) {
		if (wants(r->webhook, &rows[i])) {
			struct sending *s = free_place(o);

			if (!s || has_to_wait(o, &rows[i]))
				return true;
			post(r, s, &rows[i]);
		}
		o->seen = rows[i].sequence;
	}
	r->is_full = n == PAGE;
	return true;
}

static size_t count_again(const struct outlet *o, int64_t event, bool *is_under_way)
{
	size_t n = 0;

	*is_under_way = false;
	for (size_t i = 0; i < MOST_AT_ONCE; i++) {
		n += o->sending[i].is_taken && o->sending[i].is_again;
		if (o->sending[i].is_taken && o->sending[i].event == event)
			*is_under_way = true;
	}
	return n;
}

static bool send_again(struct round *r, const struct delivery_row *row)
{
	struct sending *s = free_place(r->outlet);
	struct event_row *event;
	size_t n = 0;

	if (!ledger_events(
		r->engine->ledger, NULL, row->event - 1, 1, r->arena, &event, &n, r->why))
		return false;
	if (n && event->sequence == row->event && has_to_wait(r->outlet, event))
		return true;
	s->is_taken = s->is_again = true;
	s->tries = row->tries;
	s->event = row->event;
	if (n && event->sequence == row->event) {
		post(r, s, event);
		return true;
	}
	s->is_lost = true;
	end_without_answer(s, "the event is not on record any more");
	return true;
}

static bool send_due(struct round *r)
{
	struct delivery_filter filter = { .webhook = r->webhook->name,
		.due_before = instant_now() + 1,
		.limit = 2 * MOST_AT_ONCE };
	struct delivery_row *rows;
	bool is_under_way;
	size_t n = 0;

	if (!ledger_deliveries(r->engine->ledger, &filter, r->arena, &rows, &n, r->why))
		return false;
	for (size_t i = 0; i < n && free_place(r->outlet); i++) {
		if (count_again(r->outlet, rows[i].event, &is_under_way) == MOST_AGAIN)
			return true;
		if (!is_under_way && !send_again(r, &rows[i]))
			return false;
	}
	return true;
}

bool outbox_send(struct round *r)
{
	return send_due(r) && send_new(r);
}
