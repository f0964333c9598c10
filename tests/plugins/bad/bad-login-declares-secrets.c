/* has a login and does not say where its replies hold secrets */
#include "bad.h"

static uint32_t login(struct portal_op *op)
{
	return op->host->fail(op, PORTAL_E_DENIED, NULL, "nobody may");
}

BAD_PLUGIN("login-declares-secrets", .login = login, .create = bad_nothing);
