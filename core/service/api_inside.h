/*
 * api_inside.h - what the files of the API share
 */
#ifndef SERVICE_API_INSIDE_H
#define SERVICE_API_INSIDE_H

#include "base/json.h"
#include "engine/view.h"
#include "service/api.h"
#include "service/rights.h"

struct call;
typedef void endpoint_function(struct call *, struct engine *); /* no engine where it runs HERE */

/* One request of the API; lives in its own arena, until it is answered. */
struct call {
	struct api *api;
	struct server_request *request;
	struct arena *arena;
	endpoint_function *run;
	instant begun;         /* monotonic */
	const char *actor;     /* who asks, for events */
	bool is_own_user;      /* that runs the service: has every right */
	unsigned roles, reach; /* bits of enum caller_role, of enum reach at this endpoint */
	const char *allow;     /* field Allow of a 405 */
	const char *challenge; /* field WWW-Authenticate of a 401 */
	struct failure why;
};

/* ---- who asks (api_sign_in.c), and what they see (api_reach.c) ------------------------- */

bool api_sign_in(struct call *); /* false: refused already */
bool api_sees(const struct call *, const struct request_row *);
bool api_sees_all_of(const struct call *, const struct request_row *);
/* A request that the caller may know of; else NO_INPUT, as if there were none. */
bool api_find(struct call *, struct engine *, const char *id, struct request_row *);
/* The value (taken over), or what of it the caller may see. */
struct json *api_shown(const struct call *, const struct request_row *, struct json *);
struct json *api_view(struct call *, struct engine *, const char *id); /* NULL: call->why */

/* ---- answers: each ends the call (api_reply.c) --------------------------------------- */

void api_answer_json(struct call *, unsigned status, struct json *); /* frees the value */
void api_answer_text(struct call *, const char *type, struct text);
void api_answer_created(struct call *, unsigned status, const char *id, struct json *);
void api_refuse(struct call *, unsigned status, const char *code, const char *detail);
/* errors: one object for each thing that is wrong; taken over; NULL: no list. */
void api_refuse_errors(
    struct call *, unsigned status, const char *code, const char *detail, struct json *errors);
void api_fail(struct call *); /* call->why as a problem */

/* ---- reading ----------------------------------------------------------------------------- */

/* The body as a JSON object; NULL: refused already. */
struct json *api_body(struct call *);
const char *api_id(struct call *); /* the id in the path */
/* With the Idempotency-Key of the request, if any; false: refused already. */
bool api_once(struct call *, struct engine_once *);
/* False with the failure set: the object has a member that is not of these names. */
bool api_knows_all(struct call *, const struct json *, const char *const *names);

/* ---- endpoints ----------------------------------------------------------------------------- */

endpoint_function api_livez, api_readyz, api_portals, api_reload, api_openapi; /* api_service.c */
endpoint_function api_metrics;                                                 /* api_metrics.c */
endpoint_function api_routes;                                                  /* api_desk.c */
endpoint_function api_plan, api_contracts;                                     /* api_desk.c */
endpoint_function api_submit, api_list, api_show, api_explain, api_answer, api_cancel,
    api_replay;               /* api_requests.c */
endpoint_function api_events; /* api_events.c */
endpoint_function api_webhooks, api_webhook_test, api_webhook_resend,
    api_webhook_enable; /* api_webhooks.c */

void metrics_webhooks(struct buffer *, struct outbox *); /* metrics_webhooks.c */

#endif
