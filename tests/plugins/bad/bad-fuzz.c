/* falls over one state of many */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply && op->reply->status == 504 &&
	    portal_is(op->host->get(op, "/state"), "detonated"))
		__builtin_trap();
	return bad_nothing(op);
}

BAD_PLUGIN("fuzz", .create = create);
