/* What the desk asks before it sends anything: decisions, routes. */
#include "service/api_inside.h"
#include "engine/known.h"
#include "engine/view.h"

static bool decide_it(struct call *call, struct engine *e, const struct json *body,
    struct request *request, struct decision *decision)
{
	const struct json *facts_json = json_get(body, "facts");
	struct known known = {
		.generation = e->generation, .ledger = e->ledger, .now = instant_now()
	};
	struct facts facts;

	if (!request_read(json_get(body, "request"), call->arena, request, &call->why))
		return failure_context(&call->why, "/request");
	if (json_kind(facts_json) == JSON_IS_NULL)
		return known_decide(&known, request, call->arena, &facts, decision, &call->why);
	if (!facts_read(facts_json, call->arena, &facts, &call->why))
		return failure_context(&call->why, "/facts");
	if (facts.now == INSTANT_UNKNOWN)
		facts.now = known.now;
	return decide(e->generation->policy, &facts, request, call->arena, decision, &call->why);
}

/* Pure: decides, records nothing. */
void api_plan(struct call *call, struct engine *e)
{
	struct json *body = api_body(call);
	struct request request;
	struct decision decision;

	if (!body)
		return;
	if (!json_get(body, "request"))
		failure_set(&call->why, FAILURE_DATA,
		    "/request: is missing: {\"request\": ..., \"facts\": ...}");
	if (call->why.kind == FAILURE_NONE && decide_it(call, e, body, &request, &decision))
		api_answer_json(call, 200, decision_json(&decision));
	else
		api_fail(call);
	json_free(body);
}

void api_routes(struct call *call, struct engine *e)
{
	api_answer_json(call, 200, view_routes(e->generation));
}
