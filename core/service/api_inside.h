/*
 * api_inside.h - what the files of the API share
 */
#ifndef SERVICE_API_INSIDE_H
#define SERVICE_API_INSIDE_H

#include "base/json.h"
#include "engine/view.h"
#include "service/api.h"
#include "service/rights.h"
#include "service/trace.h"

struct call;
typedef void endpoint_function(struct call *, struct engine *); /* no engine where it runs HERE */

/* One request of the API; lives in its own arena, until it is answered. */
struct call {
	struct api *api;
	struct server_request *request;
	struct arena *arena;
	const struct endpoint *endpoint;
	struct trace trace;
	instant begun;           /* monotonic */
	const char *actor;       /* who asks, for events */
	bool is_own_user;        /* that runs the service: has every right */
	unsigned roles, reach;   /* bits of enum caller_role, of enum reach at this endpoint */
	const char *allow;       /* field Allow of a 405 */
	const char *challenge;   /* field WWW-Authenticate of a 401 */
	const char *link, *etag; /* fields of the answer */
	unsigned retry_s;        /* field Retry-After; 0: none, or a second where it is due */
	instant signed_until;    /* wall clock: the end of a token; INSTANT_UNKNOWN: a key */
	struct failure why;
};

/* ---- who asks (api_sign_in.c), and what they see (api_reach.c) ------------------------- */

/* False: refused already; or `again` will be called with the call, when what it takes to tell
 * has been fetched. again NULL: it must be told now. */
bool api_sign_in(struct call *, key_sets_again *again);
bool api_sees(const struct call *, const struct request_row *);
bool api_sees_all_of(const struct call *, const struct request_row *);
/* A request that the caller may know of; else NO_INPUT, as if there were none. */
bool api_find(struct call *, struct engine *, const char *id, struct request_row *);
/* The request as JSON, or what of it the caller may see. False: call->why, nothing written. */
bool api_write(struct call *, struct engine *, const char *id, struct buffer *);

/* ---- answers: each ends the call (api_reply.c) --------------------------------------- */

void api_answer_json(struct call *, unsigned status, struct json *); /* frees the value */
void api_answer_text(struct call *, const char *type, struct text);
/* JSON on one line, which it ends and frees. id: of the request that was made or changed; NULL. */
void api_answer_written(struct call *, unsigned status, const char *id, struct buffer *);
void api_refuse(struct call *, unsigned status, const char *code, const char *detail);
/* errors: one object for each thing that is wrong; taken over; NULL: no list. */
void api_refuse_errors(
    struct call *, unsigned status, const char *code, const char *detail, struct json *errors);
void api_fail(struct call *); /* call->why as a problem */
/* [{"pointer", "message"}] for a failure whose text begins with a place in the body; NULL. */
struct json *api_faults(const char *text); /* api_fault.c */
/* The fields that every answer has, at most API_FIELDS; for answers that are streams. */
#define API_FIELDS 10
size_t api_fields(struct call *, struct server_field *);

/* ---- reading ----------------------------------------------------------------------------- */

/* The body as a JSON object; NULL: refused already. */
struct json *api_body(struct call *);
const char *api_id(struct call *); /* the id in the path */
/* With the Idempotency-Key of the request, if any; false: refused already. */
bool api_once(struct call *, struct engine_once *);
/* False with the failure set: the object has a member that is not of these names. */
bool api_knows_all(struct call *, const struct json *, const char *const *names);

/* ---- changing a request ------------------------------------------------------------------- */

/* The version of a request, as field ETag; and whether the caller changes what it has seen (field
 * If-Match of RFC 9110): false is refused already. */
const char *api_version(struct call *, const struct request_row *);
bool api_is_as_seen(struct call *, const struct request_row *);

/* What a change of the request in the path does; false with call->why. Then the request is
 * carried on, and answered with that status, or as Prefer: wait has it. what: for the log. */
typedef bool api_change(struct call *, struct engine *, const char *id, const struct json *body);
void api_change_request(
    struct call *, struct engine *, api_change *, unsigned status, const char *what);
/* It is changed and committed (api_wait.c). */
void api_go_on(struct call *, struct engine *, const char *id, unsigned status, const char *what);

/* ---- endpoints ----------------------------------------------------------------------------- */

endpoint_function api_livez, api_readyz, api_portals, api_reload, api_openapi; /* api_service.c */
endpoint_function api_metrics;                                                 /* api_metrics.c */
endpoint_function api_routes;                                                  /* api_desk.c */
endpoint_function api_plan;                                                    /* api_desk.c */
endpoint_function api_contracts, api_add_contract, api_observe, api_reveal, api_benefits,
    api_activate;                                                          /* api_contracts.c */
endpoint_function api_message, api_attach, api_change_ticket, api_refresh; /* api_ticket.c */
endpoint_function api_submit, api_list, api_show, api_explain, api_answer, api_cancel,
    api_replay;               /* api_requests.c */
endpoint_function api_events; /* api_events.c */
endpoint_function api_webhooks, api_webhook_test, api_webhook_resend,
    api_webhook_enable; /* api_webhooks.c */

void metrics_webhooks(struct buffer *, struct outbox *); /* metrics_webhooks.c */
/* metrics_portals.c */
void metrics_portals(struct buffer *, const struct gates *, const struct portals *);

#endif
