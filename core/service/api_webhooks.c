/* Webhooks, for who keeps the service running: what they did not take, tests, once more. */
#include "service/api_inside.h"
#include "engine/deliveries.h"
#include "service/parcel.h"

void api_webhooks(struct call *call, struct engine *e)
{
	api_answer_json(call, 200, view_webhooks(e, call->arena, &call->why));
}

static const struct webhook *webhook_of(struct call *call, struct engine *e)
{
	return deliveries_of(e, api_id(call), &call->why);
}

void api_webhook_test(struct call *call, struct engine *e)
{
	const struct webhook *w = webhook_of(call, e);

	e->actor = call->actor;
	api_answer_json(call, 200, w ? parcel_test(e, w, &call->why) : NULL);
}

void api_webhook_enable(struct call *call, struct engine *e)
{
	const struct webhook *w = webhook_of(call, e);

	if (w && deliveries_enable(e, w, &call->why))
		api_answer_json(call, 200, view_webhook(e, w, call->arena, &call->why));
	else
		api_fail(call);
}

/* {"event": N} or {"dead": true} */
static bool read_resend(struct call *call, const struct json *body, int64_t *event)
{
	static const char *const names[] = { "event", "dead", NULL };
	bool is_all_dead = json_truth(json_get(body, "dead"));

	*event = json_number(json_get(body, "event"), 0);
	if (!api_knows_all(call, body, names))
		return false;
	return is_all_dead == (*event == 0) && *event >= 0
	    ? true
	    : failure_set(&call->why, FAILURE_DATA,
		  "give the number of an event, {\"event\": 17}, or {\"dead\": true}");
}

void api_webhook_resend(struct call *call, struct engine *e)
{
	const struct webhook *w = webhook_of(call, e);
	struct json *body, *o;
	int64_t event, n = 0;

	if (!w) {
		api_fail(call);
		return;
	}
	body = api_body(call);
	if (!body)
		return;
	if (read_resend(call, body, &event) && deliveries_resend(e, w, event, &n, &call->why)) {
		o = json_new_object();
		json_set(o, "resent", json_new_number(n));
		api_answer_json(call, 200, o);
	} else {
		api_fail(call);
	}
	json_free(body);
}
