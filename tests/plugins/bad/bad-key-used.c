/* says that a repeat is safe and gives the portal nothing to know it by */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	if (op->reply)
		return bad_took(op);
	op->host->request(op, "POST", op->options[0].text, "/tickets", NULL, 0, PORTAL_REPEAT_SAFE);
	op->host->put(op, "/title", op->request->title);
	return PORTAL_FETCH;
}

BAD_PLUGIN("key-used", .create = create);
