/* fails and does not say why */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply && op->reply->status == 204)
		return PORTAL_FAILED;
	return bad_nothing(op);
}

BAD_PLUGIN("verdicts", .create = create);
