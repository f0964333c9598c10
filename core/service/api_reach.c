/* What of a request a caller gets to see. */
#include "service/api_inside.h"

#include <string.h>

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

bool api_write(struct call *call, struct engine *e, const char *id, struct buffer *to)
{
	struct json_out out = { to, false };
	struct request_row row;

	if (!api_find(call, e, id, &row))
		return false;
	if (api_sees_all_of(call, &row))
		return view_write_whole_row(&out, e->ledger, &row, call->arena, &call->why);
	view_write_row(&out, &row, false);
	return true;
}
