/* asks again at once, for ever, until the ticket is no longer "running" */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (!op->reply || !portal_same(op->host->get(op, "/state"), "running"))
		return bad_nothing(op);
	bad_request(op, PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static uint32_t status(struct portal_op *op)
{
	if (!op->reply || op->reply->status != 202)
		return bad_nothing(op);
	bad_request(op, PORTAL_REPEAT_SAFE);
	op->host->wait(op, 1);
	return PORTAL_FETCH;
}

BAD_PLUGIN("ends", .create = create, .status = status);
