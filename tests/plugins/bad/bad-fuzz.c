/* falls over a status that nobody thinks of, with a state that it knows */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply && op->reply->status == 206 && op->host->get(op, "/state").n)
		__builtin_trap();
	return bad_nothing(op);
}

BAD_PLUGIN("fuzz", .create = create);
