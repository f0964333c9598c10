/* takes it that there is a body */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply && op->reply->status == 200 && !op->reply->body.n)
		__builtin_trap();
	return bad_nothing(op);
}

BAD_PLUGIN("body-empty", .create = create);
