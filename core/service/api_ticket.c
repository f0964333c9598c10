/* What is asked of a ticket that is open. */
#include "service/api_inside.h"

static bool refresh_it(struct call *call, struct engine *e, const char *id, const struct json *body)
{
	static const char *const names[] = { NULL };

	return api_knows_all(call, body, names) && engine_refresh(e, id, &call->why);
}

void api_refresh(struct call *call, struct engine *e)
{
	api_change_request(call, e, refresh_it, 202, "to be looked at");
}

/* {"subject": ..., "body": ...} */
static bool send_it(struct call *call, struct engine *e, const char *id, const struct json *body)
{
	static const char *const names[] = { "subject", "body", NULL };
	const struct json *words = json_get(body, "body");

	if (!api_knows_all(call, body, names))
		return false;
	if (!text_trim(json_text(words)).n)
		return failure_set(&call->why, FAILURE_DATA, "/body: the message is empty");
	return engine_message(e, id, json_get_chars(body, "subject"), json_text(words), &call->why);
}

void api_message(struct call *call, struct engine *e)
{
	api_change_request(call, e, send_it, 202, "given a message");
}

/* {"severity": "A" | "B" | "C", "close": true}: one or both. */
static bool change_it(struct call *call, struct engine *e, const char *id, const struct json *body)
{
	static const char *const names[] = { "severity", "close", NULL };
	struct text severity = json_text(json_get(body, "severity"));
	bool has_severity = json_kind(json_get(body, "severity")) != JSON_IS_NULL,
	     close = json_truth(json_get(body, "close"));

	if (!api_knows_all(call, body, names))
		return false;
	if (has_severity && (severity.n != 1 || severity.p[0] < 'A' || severity.p[0] > 'C'))
		return failure_set(&call->why, FAILURE_DATA, "/severity: must be A, B or C");
	if (!has_severity && !close)
		return failure_set(
		    &call->why, FAILURE_DATA, "say what changes: severity, or close: true");
	return engine_change(e, id, has_severity ? severity.p[0] - 'A' + 1 : 0, close, &call->why);
}

void api_change_ticket(struct call *call, struct engine *e)
{
	api_change_request(call, e, change_it, 202, "changed");
}

/* {"files": [{"path": ...}]}, of this machine: the rights give it to nobody but the own user. */
static bool attach_it(struct call *call, struct engine *e, const char *id, const struct json *body)
{
	static const char *const names[] = { "files", NULL };
	const struct json *files = json_get(body, "files");
	size_t n = json_length(files);
	const char **paths = arena_take(call->arena, (n + 1) * sizeof *paths);

	if (!api_knows_all(call, body, names))
		return false;
	if (json_kind(files) != JSON_IS_ARRAY || !n)
		return failure_set(&call->why, FAILURE_DATA, "/files: must name files");
	for (size_t i = 0; i < n; i++) {
		paths[i] = json_get_chars(json_at(files, i), "path");
		if (!paths[i] || paths[i][0] != '/')
			return failure_set(&call->why, FAILURE_DATA,
			    "/files/%zu/path: must be a whole path, from /", i);
	}
	return engine_attach(e, id, paths, n, &call->why);
}

void api_attach(struct call *call, struct engine *e)
{
	api_change_request(call, e, attach_it, 202, "given files");
}
