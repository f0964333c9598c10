/* counts in a variable */
#include "bad.h"

static uint32_t volatile count;

static uint32_t create(struct portal_op *op)
{
	count++;
	return bad_nothing(op);
}

BAD_PLUGIN("no-writable-data", .create = create);
