/* Work that is due without being asked for. */
#include "engine/inside.h"
#include "base/log.h"

#include <string.h>

/* States in which work is due by itself, each oldest first. */
static const enum request_state driven[] = { STATE_READY, STATE_LINKING, STATE_CREATING,
	STATE_WAITING };

#define PAGE 200

/* A process that was killed while it waited has left a time, and nobody who keeps it; so has
 * a clock that was set back. */
static bool is_due(const struct engine *e, const struct request_row *row)
{
	instant now = instant_now();

	return row->due == INSTANT_UNKNOWN || row->due <= now || row->changed > now ||
	    claim_is_gone(e, row->owner);
}

bool engine_due(struct engine *e, struct engine_page *page, struct arena *arena,
    struct request_row **rows, size_t *n, struct failure *why)
{
	*n = 0;
	while (*n == 0 && page->state < sizeof driven / sizeof driven[0]) {
		struct request_filter filter = { .state = driven[page->state],
			.due_before = INSTANT_UNKNOWN,
			.unclaimed_at = INSTANT_UNKNOWN,
			.after = *page->after ? page->after : NULL,
			.oldest_first = true,
			.limit = PAGE };
		size_t n_rows, kept = 0;

		if (!ledger_requests(e->ledger, &filter, arena, rows, &n_rows, why))
			return false;
		if (n_rows)
			memcpy(page->after, (*rows)[n_rows - 1].id, sizeof page->after);
		for (size_t i = 0; i < n_rows; i++)
			if (is_due(e, &(*rows)[i]))
				(*rows)[kept++] = (*rows)[i];
		*n = kept;
		if (n_rows < PAGE && kept == 0) {
			page->state++;
			page->after[0] = 0;
		}
	}
	return true;
}

bool engine_resume(struct engine *e, size_t *n, struct failure *why)
{
	struct engine_page page = { 0 };
	struct request_row *rows;
	size_t n_rows;
	bool is_ok;

	*n = 0;
	do {
		struct arena *arena = arena_new();

		is_ok = engine_due(e, &page, arena, &rows, &n_rows, why);
		for (size_t i = 0; is_ok && i < n_rows; i++) {
			struct failure problem = { 0 };

			++*n;
			if (!engine_drive(e, rows[i].id, &problem))
				log_request(LOG_WARNING, rows[i].id, NULL, 0, "%s", problem.text);
		}
		arena_free(arena);
	} while (is_ok && n_rows);
	return is_ok;
}
