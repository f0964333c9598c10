/* takes every answer for a ticket */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->answer) {
		op->out->ticket = op->host->get_answer(op, "number");
		return PORTAL_DONE;
	}
	op->host->guide_title(op, "Open the request");
	op->host->guide_answer(op, "ticket", "it is open", "number");
	return PORTAL_ASK;
}

BAD_PLUGIN("answers", .create = create);
