/* takes it that there is no page for people */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply && op->reply->body.n && op->reply->body.p[0] == '<')
		__builtin_trap();
	return bad_nothing(op);
}

BAD_PLUGIN("body-not-json", .create = create);
