/* counts in the host's memory, as it has none of its own */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	struct portal_value *option = (struct portal_value *)(uintptr_t)op->options;

	op->cursor[0] = (uint32_t)++option->number;
	return bad_nothing(op);
}

BAD_PLUGIN("stateless", .create = create);
