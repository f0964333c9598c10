/* What of a request a caller gets to see. */
#include "service/api_inside.h"

#include <string.h>

/* Where it stands, for who keeps the service running; nothing of who asks for what. Not the
 * reason: it may be an agent's own words, or a portal's, about a person. */
static const char *const bare_members[] = { "schema", "id", "short", "state", "created", "changed",
	"due", "overdue", "portal", "route", "operation" };

#define N_BARE (sizeof bare_members / sizeof bare_members[0])

static bool is_own(const struct call *call, const struct request_row *row)
{
	return (call->reach & REACH_OWN) && text_same(row->created_by, call->actor);
}

bool api_sees_all_of(const struct call *call, const struct request_row *row)
{
	return (call->reach & REACH_ALL) || is_own(call, row);
}

bool api_sees(const struct call *call, const struct request_row *row)
{
	return (call->reach & REACH_STATE) || api_sees_all_of(call, row);
}

/* Parts of an id are for people of the desk: what fits several tells their titles. */
bool api_find(struct call *call, struct engine *e, const char *id, struct request_row *row)
{
	bool is_given = (call->reach & REACH_ALL) || strlen(id) == ID_TEXT - 1;

	return (is_given && engine_row(e, id, call->arena, row, &call->why) &&
		   api_sees(call, row)) ||
	    failure_set(&call->why, FAILURE_NO_INPUT, "there is no request %s", id);
}

struct json *api_shown(const struct call *call, const struct request_row *row, struct json *value)
{
	struct json *bare;

	if (!value || api_sees_all_of(call, row))
		return value;
	bare = json_new_object();
	for (size_t i = 0; i < N_BARE; i++)
		json_set(bare, bare_members[i], json_clone(json_get(value, bare_members[i])));
	json_free(value);
	return bare;
}

struct json *api_view(struct call *call, struct engine *e, const char *id)
{
	struct request_row row;

	if (!api_find(call, e, id, &row))
		return NULL;
	return api_shown(call, &row, view_whole_row(e->ledger, &row, call->arena, &call->why));
}
