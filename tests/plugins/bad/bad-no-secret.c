/* notes the session where everybody can read it */
#include "bad.h"

static uint32_t login(struct portal_op *op)
{
	if (!op->reply) {
		op->host->request(
		    op, "POST", op->options[0].text, "/login", NULL, 0, PORTAL_REPEAT_SAFE);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200)
		return op->host->reject(op);
	op->host->keep_secret(op, "/token", 0);
	op->host->log(op, "the token is %.*s", PORTAL_ARG(op->host->get(op, "/token")));
	return PORTAL_DONE;
}

BAD_PLUGIN("no-secret", .login = login, .create = bad_nothing);
