#include "service/tell.h"
#include "base/log.h"

#include <stdio.h>

static bool look(struct engine *e, const char *id, struct arena *arena, struct request_row *row)
{
	struct failure ignored = { 0 };

	return log_has(LOG_NOTICE) && ledger_request(e->ledger, id, arena, row, &ignored);
}

static void tell(const struct engine *e, const struct request_row *row, const char *what,
    const char *trace, instant begun)
{
	char ms[24];
	const struct log_field fields[] = { { "state", state_name(row->state) },
		{ "portal", row->portal }, { "who", e->actor }, { "trace", trace }, { "ms", ms } };

	snprintf(ms, sizeof ms, "%lld", (long long)(instant_monotonic() - begun));
	log_request(LOG_NOTICE, row->id, fields, sizeof fields / sizeof fields[0], "%s", what);
}

void tell_request(
    struct engine *e, const char *id, const char *what, const char *trace, instant begun)
{
	struct arena *arena = arena_new();
	struct request_row row;

	if (look(e, id, arena, &row))
		tell(e, &row, what, trace, begun);
	arena_free(arena);
}

struct tell tell_before(struct engine *e, const char *id)
{
	struct tell t = { .begun = instant_monotonic() };
	struct arena *arena = arena_new();
	struct request_row row;

	if (look(e, id, arena, &row)) {
		t.changed = row.changed;
		t.state = row.state;
	}
	arena_free(arena);
	return t;
}

void tell_after(const struct tell *t, struct engine *e, const char *id)
{
	struct arena *arena = arena_new();
	struct request_row row;

	if (look(e, id, arena, &row) && (row.state != t->state || row.changed != t->changed))
		tell(e, &row, "carried on", NULL, t->begun);
	arena_free(arena);
}
