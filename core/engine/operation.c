/* The operations of a request's life: in which order, in which state, how one begins
 * and how one is given up. */
#include "engine/inside.h"

#include <string.h>

enum request_state state_of_operation(const char *kind, bool is_asked)
{
	static const struct {
		const char *kind;
		enum request_state running, asked;
	} all[] = {
		{ "open", STATE_READY, STATE_HANDED_OFF },
		{ "activate", STATE_READY, STATE_HANDED_OFF },
		{ "link", STATE_LINKING, STATE_HANDED_OFF },
		{ "create", STATE_CREATING, STATE_HANDED_OFF },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i].kind, kind) == 0)
			return is_asked ? all[i].asked : all[i].running;
	return STATE_OPEN; /* on a ticket: the request stays open */
}

const char *next_operation(const struct work *w, const char *after)
{
	bool links = w->steps & STEP_LINK, is_first = after == NULL;

	if (is_first && (w->steps & STEP_ACTIVATE))
		return "activate";
	if (is_first && w->portal && portal_can(w->portal, OPERATION_OPEN))
		return "open";
	if ((is_first || strcmp(after, "open") == 0) && links)
		return "link";
	return "create";
}

struct operation_row fresh_operation(
    const struct work *w, const char *kind, const char *portal, struct text input, uint32_t hops)
{
	/* The key is stable over every try. That of `create` derives from the request
	 * itself: it names the ticket at portals that let the caller choose. */
	char own[ID_TEXT];
	bool is_create = strcmp(kind, "create") == 0;

	id_new(instant_now(), own);
	return (struct operation_row){ .kind = kind,
		.portal = portal,
		.hops = hops,
		.memory = w->portal ? portal_memory_version(w->portal) : 0,
		.started = instant_now(),
		.key = arena_join(w->arena, is_create ? "caseroute" : kind, "-",
		    is_create ? w->row.id : own, NULL),
		.account = w->row.account,
		.input = input };
}

bool work_park(struct work *w, const char *reason, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_REQUEST,
		.request = { .due = LEDGER_NO_DUE, .reason = reason } };
	enum request_state to =
	    state_of_operation(w->operation.kind ? w->operation.kind : "create", false);

	/* What was asked on a ticket fails; the ticket stays open. */
	if (to == STATE_OPEN) {
		struct ledger_row rows[2] = { row, { .kind = ROW_OPERATION } };

		return work_commit(w, STATE_OPEN, true, "failed", reason, NULL, rows, 2, why) &&
		    failure_set(why, FAILURE_UNAVAILABLE, "%s", reason);
	}
	return work_commit(w, STATE_PARKED, true, "parked", reason, NULL, &row, 1, why);
}
