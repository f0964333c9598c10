#include "inside.h"

/* The key ends in a GUID of its own for each operation. Partner Center wants to see
 * the same value when a call is repeated and another for the next call: its last
 * two digits are those of the stage that makes the call. */
static portal_str request_guid(struct portal_op *op)
{
	if (op->key.n < 36)
		return op->key;
	return op->host->format(
	    op, "%.*s%x%x", 34, op->key.p + op->key.n - 36, op->stage / 16 % 16, op->stage % 16);
}

void csp_call(struct portal_op *op, const char *method, const char *path, const portal_str *args,
    size_t n, uint32_t repeat)
{
	const struct portal_host *host = op->host;

	host->request(op, method, op->options[API].text, path, args, n, repeat);
	host->header(op, "Accept", PORTAL_STR("application/json"));
	host->header(op, "MS-RequestId", request_guid(op));
	host->header(op, "MS-CorrelationId", op->request ? op->request->id : request_guid(op));
	host->header(op, "X-Locale", op->options[LOCALE].text);
	/* App+User: the signed-in partner user's token, always of the partner's tenant. */
	host->authorize(
	    op, PORTAL_DEFAULT_CREDENTIAL, op->options[SCOPE].text, PORTAL_TENANT_PARTNER);
}

void csp_graph(struct portal_op *op, const char *path, const portal_str *args, size_t n)
{
	const struct portal_host *host = op->host;

	host->request(op, "GET", op->options[GRAPH].text, path, args, n, PORTAL_REPEAT_SAFE);
	host->header(op, "Accept", PORTAL_STR("application/json"));
	host->authorize(
	    op, PORTAL_DEFAULT_CREDENTIAL, op->options[GRAPH_SCOPE].text, PORTAL_TENANT_PARTNER);
}
