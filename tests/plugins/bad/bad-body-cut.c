/* looks for the end of the object beyond the end of the body */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	portal_str body = op->reply ? op->reply->body : PORTAL_STR("{}");

	if (body.n && body.p[0] == '{' && body.p[body.n - 1] != '}')
		__builtin_trap();
	return bad_nothing(op);
}

BAD_PLUGIN("body-cut", .create = create);
