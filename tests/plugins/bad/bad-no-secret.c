/* declares one secret of the reply and logs another */
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
	op->host->log(op, "next time %.*s", PORTAL_ARG(op->host->get(op, "/refresh_token")));
	return PORTAL_DONE;
}

BAD_PLUGIN("no-secret", .session_secrets = "/token", .login = login, .create = bad_nothing);
