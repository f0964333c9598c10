#include "csp.h"

/* The key ends in a GUID of its own for each operation: the value that Partner
 * Center wants to see again when the same call is repeated. */
static portal_str request_guid(const struct portal_op *op)
{
	return op->key.n >= 36 ? (portal_str){ op->key.p + op->key.n - 36, 36 } : op->key;
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
