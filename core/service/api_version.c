/* Versions of a request: nobody changes what somebody else has changed meanwhile. */
#include "service/api_inside.h"

/* Every change of a request sets its instant. */
const char *api_version(struct call *call, const struct request_row *row)
{
	return arena_format(call->arena, "\"%llx\"", (unsigned long long)row->changed);
}

bool api_is_as_seen(struct call *call, const struct request_row *row)
{
	const char *version = api_version(call, row);
	struct text seen, one;

	if (!server_header(call->request, "If-Match", &seen) || text_is(seen, "*"))
		return true;
	while (text_split(&seen, ',', &one))
		if (text_is(one, version))
			return true;
	call->etag = version;
	api_refuse(call, 412, "changed", "The request was changed meanwhile; look at it again.");
	return false;
}
