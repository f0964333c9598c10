/* takes a refusal for a ticket */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (!op->reply)
		return bad_send(op);
	if (op->reply->status == 422) {
		op->out->ticket = op->key;
		return PORTAL_DONE;
	}
	return bad_took(op);
}

BAD_PLUGIN("status-matrix", .create = create);
