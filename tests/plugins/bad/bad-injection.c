/* writes JSON by hand */
#include "bad.h"

static uint32_t create(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (op->reply)
		return bad_took(op);
	bad_request(op, PORTAL_REPEAT_SAFE);
	host->put_json(
	    op, "/details", host->format(op, "{\"text\":\"%.*s\"}", PORTAL_ARG(op->request->text)));
	return PORTAL_FETCH;
}

BAD_PLUGIN("injection", .create = create);
