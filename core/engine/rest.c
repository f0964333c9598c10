/* Whether a request has come to rest: it waits for a person, for long, or is done. */
#include "engine/engine.h"

static bool has_open_guide(struct engine *e, const char *id, struct arena *arena)
{
	struct failure ignored = { 0 };
	struct guide_row guide;

	return ledger_guide(e->ledger, id, 0, arena, &guide, &ignored) && guide.is_open;
}

/* An open ticket is at work while something is asked of it, unless a person is to do that. */
static bool is_at_work(
    struct engine *e, const struct request_row *row, instant before, struct arena *arena)
{
	switch (row->state) {
	case STATE_READY:
	case STATE_LINKING:
	case STATE_CREATING: return true;
	case STATE_WAITING: return row->due == INSTANT_UNKNOWN || row->due < before;
	case STATE_OPEN: return row->operation && !has_open_guide(e, row->id, arena);
	default: return false;
	}
}

bool engine_is_at_rest(struct engine *e, const char *id, instant before)
{
	struct arena *arena = arena_new();
	struct failure ignored = { 0 };
	struct request_row row;
	bool is_at_rest =
	    !engine_row(e, id, arena, &row, &ignored) || !is_at_work(e, &row, before, arena);

	arena_free(arena);
	return is_at_rest;
}
