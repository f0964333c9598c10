/*
 * Server-sent events: the record's events as they are committed, by this service or by
 * anybody else who writes the ledger. The number of an event is its id, so a reader that
 * was cut off goes on behind the last one it has seen.
 */
#include "service/api_inside.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STREAMS 64
#define PAGE 100
#define LOOK_MS 250
#define PAGE_MS 20                 /* between full pages: the reader takes them meanwhile */
#define ALIVE_MS 15000             /* a comment, so that nothing on the way takes it for dead */
#define SIGNED_IN_MS (3600 * 1000) /* then a key must be shown again: it may have ended */

static atomic_uint n_streams;

struct events {
	struct call seer; /* for what it may see; its request is gone */
	struct loop *loop;
	struct server_stream *stream;
	char *actor;
	char request[ID_TEXT]; /* "": all */
	int64_t after;
	instant alive_at, ends_at; /* monotonic */
	bool was_full;
};

/* ---- writing ---------------------------------------------------------------------- */

/* Who may know where a request stands, but not what it says, gets no words about it. */
static struct json *shown(const struct call *seer, const struct request_row *row, bool sees_all,
    const struct event_row *event)
{
	if (!sees_all && (!row || !api_sees(seer, row)))
		return NULL;
	return view_event_for(event, seer->reach & REACH_ALL);
}

static struct json *shown_event(
    struct events *s, struct engine *e, const struct event_row *event, struct arena *arena)
{
	struct failure ignored = { 0 };
	struct request_row row;
	bool is_found;

	if (s->seer.reach & REACH_ALL)
		return shown(&s->seer, NULL, true, event);
	is_found =
	    event->request && ledger_request(e->ledger, event->request, arena, &row, &ignored);
	return shown(&s->seer, is_found ? &row : NULL, false, event);
}

static void write_event(struct buffer *out, const struct event_row *event, const struct json *data)
{
	buffer_format(out, "id: %lld\n", (long long)event->sequence);
	if (event->what)
		buffer_format(out, "event: %s\n", event->what);
	buffer_text(out, "data: ");
	json_write(data, JSON_LINE, out);
	buffer_text(out, "\n\n");
}

static bool send_rows(
    struct events *s, struct engine *e, const struct event_row *rows, size_t n, struct arena *arena)
{
	struct buffer out = { 0 };
	bool is_there;

	for (size_t i = 0; i < n; i++) {
		struct json *data = shown_event(s, e, &rows[i], arena);

		if (data)
			write_event(&out, &rows[i], data);
		json_free(data);
		s->after = rows[i].sequence;
	}
	if (!out.n && instant_monotonic() >= s->alive_at)
		buffer_text(&out, ": alive\n\n");
	if (out.n)
		s->alive_at = instant_monotonic() + ALIVE_MS;
	/* With nothing to say it still tells whether somebody listens. */
	is_there = server_stream_send(s->stream, buffer_as_text(&out));
	buffer_free(&out);
	return is_there;
}

static bool send_page(struct events *s, struct engine *e)
{
	const char *request = *s->request ? s->request : NULL;
	struct arena *arena = arena_new();
	struct failure why = { 0 };
	struct event_row *rows;
	bool is_ok;
	size_t n;

	is_ok = ledger_events(e->ledger, request, s->after, PAGE, arena, &rows, &n, &why);
	if (is_ok)
		is_ok = send_rows(s, e, rows, n, arena);
	else
		log_line(LOG_WARNING, "events: %s", why.text);
	s->was_full = is_ok && n == PAGE;
	arena_free(arena);
	return is_ok;
}

/* ---- a stream's life ---------------------------------------------------------------- */

/* Another configuration may know other callers: whoever may still listen comes again. */
static bool is_same_generation(struct events *s, struct engine *e)
{
	struct generation *g = loop_generation(s->loop);
	bool is_same = g == e->generation;

	generation_free(g);
	return is_same;
}

static bool goes_on(struct events *s, struct engine *e)
{
	return !atomic_load(e->is_stopping) && is_same_generation(s, e) &&
	    (s->seer.is_own_user || instant_monotonic() < s->ends_at);
}

static void feed(struct events *s, struct engine *e)
{
	/* When it was cut off it comes again after a second. */
	server_stream_send(s->stream, TEXT("retry: 1000\n\n"));
	while (goes_on(s, e) && send_page(s, e))
		e->runner->sleep(e->runner->context, s->was_full ? PAGE_MS : LOOK_MS);
	server_stream_end(s->stream);
	atomic_fetch_sub(&n_streams, 1);
	free(s->actor);
	free(s);
}

/* ---- beginning ---------------------------------------------------------------------- */

/* Last-Event-ID is what a reader sends that comes again, to the address it had before. */
static bool read_after(struct call *call, struct engine *e, int64_t *after)
{
	struct text given;
	int64_t last;

	if (!ledger_last_event(e->ledger, &last, &call->why))
		return false;
	*after = last;
	if (!server_header(call->request, "Last-Event-ID", &given) &&
	    !server_query(call->request, "after", &given))
		return true;
	if (!text_integer(given, after) || *after < 0)
		return failure_set(&call->why, FAILURE_USAGE,
		    "after: must be the number of an event, or 0 for all");
	/* A number that is not there yet: the ledger was restored from a copy. */
	if (*after > last)
		*after = last;
	return true;
}

static bool read_request(struct call *call, struct engine *e, char id[ID_TEXT])
{
	struct request_row row;
	struct text given;

	*id = 0;
	if (!server_query(call->request, "request", &given) || !given.n)
		return true;
	if (!api_find(call, e, arena_copy(call->arena, given.p, given.n), &row))
		return false;
	memcpy(id, row.id, ID_TEXT);
	return true;
}

static bool take_place(void)
{
	if (atomic_fetch_add(&n_streams, 1) < MOST_STREAMS)
		return true;
	atomic_fetch_sub(&n_streams, 1);
	return false;
}

static struct events *begin(struct call *call, struct engine *e)
{
	static const struct server_field fields[] = { { "Cache-Control", "no-store" } };
	struct events *s = memory_new(sizeof *s);

	if (!read_after(call, e, &s->after) || !read_request(call, e, s->request)) {
		free(s);
		return NULL;
	}
	s->actor = memory_copy_text(call->actor);
	s->seer = (struct call){
		.actor = s->actor, .reach = call->reach, .is_own_user = call->is_own_user
	};
	s->loop = call->api->loop;
	s->alive_at = instant_monotonic() + ALIVE_MS;
	s->ends_at = instant_monotonic() + SIGNED_IN_MS;
	s->stream = server_stream_begin(call->request, "text/event-stream", fields, 1);
	return s;
}

void api_events(struct call *call, struct engine *e)
{
	struct events *s;

	if (!take_place()) {
		api_refuse(call, 503, "busy", "Too many listen to events; try again.");
		return;
	}
	s = begin(call, e);
	if (s) {
		feed(s, e);
		return;
	}
	atomic_fetch_sub(&n_streams, 1);
	api_fail(call);
}
