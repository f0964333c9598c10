/* hops to what people read, not to a name */
#include "bad.h"

static uint32_t open_first(struct portal_op *op)
{
	return op->host->go(op, PORTAL_STR("The Azure Portal"), PORTAL_STR(""), PORTAL_STR(""));
}

BAD_PLUGIN("go", .open = open_first, .create = bad_nothing);
