/* takes it that the number is a text */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply && op->reply->status == 200 && op->host->get_length(op, "/number"))
		__builtin_trap();
	return bad_nothing(op);
}

BAD_PLUGIN("body-wrong-types", .create = create);
