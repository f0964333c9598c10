/* never comes out of lists within lists */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	while (op->reply && op->reply->body.n > 9 && op->reply->body.p[9] == '[')
		;
	return bad_nothing(op);
}

BAD_PLUGIN("body-deep", .create = create);
