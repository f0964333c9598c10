/* sends once more what may not be repeated */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply && op->reply->status)
		return bad_took(op);
	bad_request(op, PORTAL_REPEAT_NEVER);
	return PORTAL_FETCH;
}

BAD_PLUGIN("lost-create", .create = create);
