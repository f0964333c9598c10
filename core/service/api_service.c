/* The service itself: is it alive, is it ready, what can it reach. */
#include "service/api_inside.h"
#include "engine/view.h"
#include "service/openapi.h"

void api_livez(struct call *call, struct engine *e)
{
	struct json *o = json_new_object();

	(void)e;
	json_set(o, "status", json_new_string("alive"));
	api_answer_json(call, 200, o);
}

/* Names of the portals whose plugins died too often; NULL: there are none. */
static struct json *closed_portals(const struct generation *g)
{
	struct json *names = NULL;

	for (size_t i = 0; i < portals_count(g->portals); i++) {
		const struct portal *portal = portals_at(g->portals, i);

		if (!portal_closed_ms(portal))
			continue;
		if (!names)
			names = json_new_array();
		json_append(names, json_new_string(portal_name(portal)));
	}
	return names;
}

/* Ready: the loop runs, the ledger can be read and written. */
void api_readyz(struct call *call, struct engine *e)
{
	struct request_filter filter = {
		.due_before = INSTANT_UNKNOWN, .unclaimed_at = INSTANT_UNKNOWN, .limit = 1
	};
	struct request_row *rows;
	char refused[200];
	struct json *o;
	size_t n;

	if (loop_in_trouble(call->api->loop, &call->why) ||
	    !ledger_requests(e->ledger, &filter, call->arena, &rows, &n, &call->why)) {
		call->why.kind = FAILURE_UNAVAILABLE;
		api_fail(call);
		return;
	}
	o = json_new_object();
	json_set(o, "status", json_new_string("ready"));
	json_set(o, "generation", json_new_string(e->generation->digest));
	if (reload_refused(call->api->reload, refused))
		json_set(o, "refused_reload", json_new_string(refused));
	json_set(o, "closed_portals", closed_portals(e->generation));
	api_answer_json(call, 200, o);
}

void api_openapi(struct call *call, struct engine *e)
{
	(void)e;
	api_answer_text(call, "application/json", openapi);
}

void api_portals(struct call *call, struct engine *e)
{
	api_answer_json(call, 200, view_portals(e->generation));
}

static void tell_reload(void *argument, bool is_in_force, const struct json *outcome)
{
	struct call *call = argument;

	if (is_in_force)
		api_answer_json(call, 200, json_clone(outcome));
	else
		api_refuse_errors(call, 422, "configuration", json_get_chars(outcome, "error"),
		    json_clone(json_get(outcome, "errors")));
}

/* Answers when the new configuration is in force, or with all that is wrong with it. */
void api_reload(struct call *call, struct engine *e)
{
	(void)e;
	reload_ask(call->api->reload, tell_reload, call);
}
