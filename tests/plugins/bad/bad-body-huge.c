/* copies the body into a buffer that is too small */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	char volatile copy[200000];
	size_t i;

	for (i = 0; op->reply && i < op->reply->body.n; i++) {
		if (i == sizeof copy)
			__builtin_trap();
		copy[i] = op->reply->body.p[i];
	}
	return bad_nothing(op);
}

BAD_PLUGIN("body-huge", .create = create);
