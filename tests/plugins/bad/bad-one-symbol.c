/* exports a function beside its table */
#include "bad.h"

PORTAL_EXPORT uint32_t bad_other(struct portal_op *op)
{
	return bad_nothing(op);
}

BAD_PLUGIN("one-symbol", .create = bad_nothing);
