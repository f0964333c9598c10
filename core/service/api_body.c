/* What comes in: a JSON object, an id. */
#include "service/api_inside.h"

#include <string.h>
#include <strings.h>

#define BODY_BYTES ((size_t)1 << 20)

static bool is_json(struct call *call)
{
	struct text type, name = TEXT("application/json");

	if (!server_header(call->request, "Content-Type", &type))
		return false;
	return type.n >= name.n && strncasecmp(type.p, name.p, name.n) == 0 &&
	    (type.n == name.n || type.p[name.n] == ';' || type.p[name.n] == ' ');
}

struct json *api_body(struct call *call)
{
	struct json *body;

	if (!is_json(call)) {
		api_refuse(call, 415, "content-type", "The body must be application/json.");
		return NULL;
	}
	body = json_read(server_body(call->request), "body", BODY_BYTES, &call->why);
	if (body && json_kind(body) == JSON_IS_OBJECT)
		return body;
	json_free(body);
	if (call->why.kind == FAILURE_NONE)
		failure_set(&call->why, FAILURE_DATA, "body: must be a JSON object");
	api_refuse(call, 400, "json", call->why.text);
	return NULL;
}

const char *api_id(struct call *call)
{
	struct text id = server_segment(call->request, 2);

	return arena_copy(call->arena, id.p, id.n);
}

bool api_knows_all(struct call *call, const struct json *body, const char *const *names)
{
	void *cursor = NULL;
	const char *name;
	struct json *value;

	while (json_next(body, &cursor, &name, &value)) {
		size_t i = 0;

		while (names[i] && strcmp(names[i], name) != 0)
			i++;
		if (names[i])
			continue;
		failure_set(&call->why, FAILURE_DATA, "/%.60s: there is no such member here", name);
		return false;
	}
	return true;
}
