#include "service/api_inside.h"

#include <string.h>

enum runs { HERE, ON_LOOP };

struct endpoint {
	const char *method, *path; /* a segment of "*" is an id */
	enum runs runs;
	endpoint_function *run;
};

static const struct endpoint endpoints[] = {
	{ "GET", "/livez", HERE, api_livez },
	{ "GET", "/readyz", ON_LOOP, api_readyz },
	{ "GET", "/metrics", HERE, api_metrics },
	{ "GET", "/openapi.json", HERE, api_openapi },
	{ "GET", "/v1/portals", ON_LOOP, api_portals },
	{ "GET", "/v1/routes", ON_LOOP, api_routes },
	{ "POST", "/v1/reload", HERE, api_reload },
	{ "POST", "/v1/plans", ON_LOOP, api_plan },
	{ "GET", "/v1/requests", ON_LOOP, api_list },
	{ "POST", "/v1/requests", ON_LOOP, api_submit },
	{ "GET", "/v1/requests/*", ON_LOOP, api_show },
	{ "GET", "/v1/requests/*/explain", ON_LOOP, api_explain },
	{ "POST", "/v1/requests/*/answers", ON_LOOP, api_answer },
	{ "POST", "/v1/requests/*/cancel", ON_LOOP, api_cancel },
	{ "POST", "/v1/requests/*/replay", ON_LOOP, api_replay },
	{ "POST", "/v1/requests/*/messages", ON_LOOP, api_message },
	{ "POST", "/v1/requests/*/attachments", ON_LOOP, api_attach },
	{ "POST", "/v1/requests/*/changes", ON_LOOP, api_change_ticket },
	{ "POST", "/v1/requests/*/refresh", ON_LOOP, api_refresh },
	{ "GET", "/v1/contracts", ON_LOOP, api_contracts },
	{ "POST", "/v1/contracts", ON_LOOP, api_add_contract },
	{ "POST", "/v1/contracts/*/observations", ON_LOOP, api_observe },
	{ "POST", "/v1/contracts/*/reveal", ON_LOOP, api_reveal },
	{ "GET", "/v1/benefits", ON_LOOP, api_benefits },
	{ "POST", "/v1/benefits/*/activate", ON_LOOP, api_activate },
	{ "GET", "/v1/events", ON_LOOP, api_events },
	{ "GET", "/v1/webhooks", ON_LOOP, api_webhooks },
	{ "POST", "/v1/webhooks/*/test", ON_LOOP, api_webhook_test },
	{ "POST", "/v1/webhooks/*/resend", ON_LOOP, api_webhook_resend },
	{ "POST", "/v1/webhooks/*/enable", ON_LOOP, api_webhook_enable },
};

enum { N_ENDPOINTS = sizeof endpoints / sizeof endpoints[0] };

bool api_endpoint(size_t i, const char **method, const char **path)
{
	if (i >= N_ENDPOINTS)
		return false;
	*method = endpoints[i].method;
	*path = endpoints[i].path;
	return true;
}

/* ---- finding the endpoint --------------------------------------------------------- */

static bool is_path(const char *path, struct server_request *request)
{
	size_t n = server_segments(request), n_found = 0;

	for (; n_found < n && *path == '/'; n_found++) {
		struct text segment = server_segment(request, n_found), part;

		part = (struct text){ path + 1, strcspn(path + 1, "/") };
		if (*part.p == '*' ? segment.n == 0 : !text_equal(part, segment))
			return false;
		path = part.p + part.n;
	}
	return !*path && n_found == n;
}

static const struct endpoint *find(struct server_request *request)
{
	for (size_t i = 0; i < N_ENDPOINTS; i++)
		if (text_is(server_method(request), endpoints[i].method) &&
		    is_path(endpoints[i].path, request))
			return &endpoints[i];
	return NULL;
}

/* The methods of that path, for the field Allow; NULL: there is no such path. */
static const char *allowed_methods(struct server_request *request, struct arena *arena)
{
	const char *all = NULL;

	for (size_t i = 0; i < N_ENDPOINTS; i++)
		if (is_path(endpoints[i].path, request))
			all = all ? arena_join(arena, all, ", ", endpoints[i].method, NULL)
				  : endpoints[i].method;
	return all;
}

/* Nothing is there, or not with that method. */
static void refuse_unknown(struct call *call)
{
	call->allow = allowed_methods(call->request, call->arena);
	if (call->allow)
		api_refuse(call, 405, "method",
		    arena_format(call->arena, "This path takes %s.", call->allow));
	else
		api_refuse(call, 404, "no-endpoint", "There is nothing at this path.");
}

/* ---- who may ------------------------------------------------------------------------ */

static bool may(struct call *call, const struct endpoint *endpoint, key_sets_again *again)
{
	if (rights_is_open(endpoint->method, endpoint->path))
		return true;
	if (!api_sign_in(call, again))
		return false;
	call->reach = call->is_own_user
	    ? REACH_ALL
	    : rights_reach(call->roles, endpoint->method, endpoint->path);
	if (call->reach != REACH_NONE)
		return true;
	api_refuse(call, 403, "not-allowed", "The caller's roles do not allow this.");
	return false;
}

/* ---- running ---------------------------------------------------------------------------- */

static void run_on_loop(struct engine *e, void *argument)
{
	struct call *call = argument;

	memcpy(
	    e->trace, call->trace.id, sizeof e->trace); /* the call may end before the work does */
	call->endpoint->run(call, e);
}

static void take_busy(struct call *call)
{
	api_refuse(call, 503, "busy", "Too much is waiting, or the service stops; try again.");
}

static void enter(struct call *call, key_sets_again *again)
{
	if (!may(call, call->endpoint, again))
		return;
	if (call->endpoint->runs == HERE)
		call->endpoint->run(call, NULL);
	else if (!loop_do(call->api->loop, call->actor, run_on_loop, call))
		take_busy(call);
}

static void enter_again(void *call)
{
	enter(call, NULL);
}

static struct trace trace_of(struct server_request *request)
{
	struct text traceparent;

	server_header(request, "traceparent", &traceparent);
	return trace_begin(traceparent);
}

void api_handle(void *context, struct server_request *request)
{
	struct api *api = context;
	struct arena *arena = server_arena(request);
	struct call *call = arena_take(arena, sizeof *call);

	*call = (struct call){ .api = api,
		.request = request,
		.arena = arena,
		.trace = trace_of(request),
		.begun = instant_monotonic(),
		.signed_until = INSTANT_UNKNOWN };
	call->endpoint = find(request);
	if (call->endpoint)
		enter(call, enter_again);
	else
		refuse_unknown(call);
}
