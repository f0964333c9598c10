/* Tickets read back, noted and closed by the Partner Center API. One that was made
 * in a workload's portal may not be there: then a person looks. */
#include "inside.h"

enum { START, SENT, READ_BACK };

/* Words in lower snake case, or the ordinal of an old list. */
static uint32_t state_of(portal_str status)
{
	if (portal_same(status, "closed") || portal_is(status, "2"))
		return PORTAL_CLOSED;
	if (portal_same(status, "attention_needed") || portal_is(status, "3"))
		return PORTAL_WAITING;
	return status.n ? PORTAL_OPEN : 0; /* none, open, and whatever may come */
}

static uint32_t read_ticket(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	op->out->state = state_of(host->get(op, "/status"));
	op->out->detail = host->get(op, "/status");
	return PORTAL_DONE;
}

static uint32_t get_ticket(struct portal_op *op, uint32_t stage)
{
	csp_call(op, "GET", "/v1/servicerequests/{}", &op->ticket, 1, PORTAL_REPEAT_SAFE);
	op->stage = stage;
	return PORTAL_FETCH;
}

uint32_t csp_status(struct portal_op *op)
{
	if (!csp_is_api(op))
		return csp_by_hand(op);
	if (!op->reply)
		return get_ticket(op, SENT);
	if (csp_is_good(op))
		return read_ticket(op);
	return op->reply->status == 404 ? csp_by_hand(op) : op->host->reject(op);
}

/* ---- notes and changes: PATCH, answered by 200 with the ticket or 204 without ---------- */

static void patch(struct portal_op *op)
{
	csp_call(op, "PATCH", "/v1/servicerequests/{}", &op->ticket, 1, PORTAL_REPEAT_SAFE);
	op->host->put(op, "/Attributes/ObjectType", PORTAL_STR("ServiceRequest"));
	op->stage = SENT;
}

static uint32_t patched(struct portal_op *op)
{
	if (op->reply->status == 404)
		return csp_by_hand(op);
	if (!csp_is_good(op))
		return op->host->reject(op);
	return op->reply->status == 200 ? read_ticket(op) : get_ticket(op, READ_BACK);
}

uint32_t csp_message(struct portal_op *op)
{
	if (!csp_is_api(op))
		return csp_by_hand(op);
	if (op->stage == READ_BACK)
		return csp_is_good(op) ? read_ticket(op) : PORTAL_DONE;
	if (op->reply)
		return patched(op);
	patch(op);
	op->host->put(op, "/NewNote/Text", op->host->get_input(op, "/body"));
	return PORTAL_FETCH;
}

uint32_t csp_change(struct portal_op *op)
{
	static const portal_str severities[] = { { "", 0 }, { "critical", 8 }, { "moderate", 8 },
		{ "minimal", 7 } };
	const struct portal_host *host = op->host;
	portal_str severity = host->get_input(op, "/severity"),
		   state = host->get_input(op, "/state");

	if (!csp_is_api(op))
		return csp_by_hand(op);
	if (op->stage == READ_BACK)
		return csp_is_good(op) ? read_ticket(op) : host->reject(op);
	if (op->reply)
		return patched(op);
	patch(op);
	if (severity.n == 1 && severity.p[0] >= '1' && severity.p[0] <= '3')
		host->put(op, "/Severity", severities[severity.p[0] - '0']);
	if (state.n)
		host->put(op, "/Status", state);
	return PORTAL_FETCH;
}
