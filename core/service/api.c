#include "service/api_inside.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum runs { HERE, ON_LOOP };

struct endpoint {
	const char *method, *path; /* a segment of "*" is an id */
	enum runs runs;
	endpoint_function *run;
};

static const struct endpoint endpoints[] = {
	{ "GET", "/livez", HERE, api_livez },
	{ "GET", "/readyz", ON_LOOP, api_readyz },
	{ "GET", "/v1/portals", ON_LOOP, api_portals },
	{ "POST", "/v1/reload", HERE, api_reload },
	{ "POST", "/v1/plans", ON_LOOP, api_plan },
	{ "GET", "/v1/requests", ON_LOOP, api_list },
	{ "POST", "/v1/requests", ON_LOOP, api_submit },
	{ "GET", "/v1/requests/*", ON_LOOP, api_show },
	{ "GET", "/v1/requests/*/explain", ON_LOOP, api_explain },
	{ "POST", "/v1/requests/*/answers", ON_LOOP, api_answer },
	{ "POST", "/v1/requests/*/cancel", ON_LOOP, api_cancel },
	{ "POST", "/v1/requests/*/replay", ON_LOOP, api_replay },
	{ "GET", "/v1/contracts", ON_LOOP, api_contracts },
};

enum { N_ENDPOINTS = sizeof endpoints / sizeof endpoints[0] };

/* ---- finding the endpoint --------------------------------------------------------- */

static bool is_path(const char *path, struct server_request *request)
{
	struct text rest = text_of(path + 1), part;
	size_t n = 0;

	while (text_split(&rest, '/', &part)) {
		struct text segment = server_segment(request, n++);

		if (text_is(part, "*") ? segment.n == 0 : !text_equal(part, segment))
			return false;
	}
	return n == server_segments(request);
}

/* *allowed: the methods of that path, if any; for the field Allow. */
static const struct endpoint *find(
    struct server_request *request, struct arena *arena, const char **allowed)
{
	const struct endpoint *found = NULL;

	*allowed = NULL;
	for (size_t i = 0; i < N_ENDPOINTS; i++) {
		const struct endpoint *e = &endpoints[i];

		if (!is_path(e->path, request))
			continue;
		if (text_is(server_method(request), e->method))
			found = e;
		*allowed =
		    *allowed ? arena_format(arena, "%s, %s", *allowed, e->method) : e->method;
	}
	return found;
}

/* ---- who may ------------------------------------------------------------------------ */

/* Whoever runs the service, over its own socket, as the kernel says. */
static bool is_allowed(const struct server_request *request)
{
	const struct server_peer *peer = server_peer(request);

	return peer->is_unix && (peer->uid == getuid() || peer->uid == 0);
}

static const char *actor_of(const struct server_request *request, struct arena *arena)
{
	const struct server_peer *peer = server_peer(request);
	struct passwd entry, *found = NULL;
	char bytes[1024];

	if (getpwuid_r(peer->uid, &entry, bytes, sizeof bytes, &found) == 0 && found)
		return arena_format(arena, "%s", found->pw_name);
	return arena_format(arena, "uid %u", peer->uid);
}

/* ---- running ---------------------------------------------------------------------------- */

static void run_on_loop(struct engine *e, void *argument)
{
	struct call *call = argument;

	call->run(call, e);
}

static void take_busy(struct call *call)
{
	api_refuse(call, 503, "busy", "Too much is waiting, or the service stops; try again.");
}

void api_handle(void *context, struct server_request *request)
{
	struct api *api = context;
	struct arena *arena = server_arena(request);
	struct call *call = arena_take(arena, sizeof *call);
	const struct endpoint *endpoint;
	const char *allowed;

	*call = (struct call){ .api = api, .request = request, .arena = arena };
	endpoint = find(request, arena, &allowed);
	if (!endpoint && !allowed) {
		api_refuse(call, 404, "no-endpoint", "There is nothing at this path.");
		return;
	}
	if (!endpoint) {
		call->allow = allowed;
		api_refuse(
		    call, 405, "method", arena_format(arena, "This path takes %s.", allowed));
		return;
	}
	call->run = endpoint->run;
	if (endpoint->run != api_livez && !is_allowed(request))
		api_refuse(call, 403, "not-allowed",
		    "Only the user that runs the service may ask, over its Unix socket.");
	else if (endpoint->runs == HERE)
		endpoint->run(call, NULL);
	else if (!loop_do(api->loop, actor_of(request, arena), run_on_loop, call))
		take_busy(call);
}
