/* what it remembers hangs on where it lies */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	op->cursor[0] = (uint32_t)((uintptr_t)op->out >> 4);
	return bad_nothing(op);
}

BAD_PLUGIN("deterministic", .create = create);
