/* csp: requests for a customer of a CSP, as Admin agent (Partner Center). */
#include "inside.h"

enum { LINK_STAGE = 10 };

static const struct portal_option options[] = {
	[MODE] = { .name = "mode",
	    .type = PORTAL_CHOICE,
	    .choices = "guide api",
	    .fallback = "guide",
	    .help = "guide: no calls; api: preconditions, links and tickets by the Partner Center "
		    "API (needs `credential`)" },
	[API] = { .name = "api",
	    .type = PORTAL_ORIGIN,
	    .fallback = "https://api.partnercenter.microsoft.com",
	    .help = "Partner Center API" },
	[SCOPE] = { .name = "scope",
	    .type = PORTAL_TEXT,
	    .fallback = "https://api.partnercenter.microsoft.com/user_impersonation",
	    .help = "of the token for it" },
	[USES_GRAPH] = { .name = "uses_graph",
	    .type = PORTAL_BOOLEAN,
	    .fallback = "yes",
	    .help = "look up delegated relationships and service pages in Microsoft Graph" },
	[GRAPH] = { .name = "graph",
	    .type = PORTAL_ORIGIN,
	    .fallback = "https://graph.microsoft.com",
	    .help = "Microsoft Graph" },
	[GRAPH_SCOPE] = { .name = "graph_scope",
	    .type = PORTAL_TEXT,
	    .fallback = "https://graph.microsoft.com/.default",
	    .help = "of the token for Graph" },
	[AZURE] = { .name = "azure",
	    .type = PORTAL_TEXT,
	    .fallback = "azure",
	    .help = "portal that takes Azure requests for customers" },
	[WORKLOAD_LINK] = { .name = "workload_link",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_LIST,
	    .help = "WORKLOAD = address of its portal; {tenant}, {domain} and {customer} stand for "
		    "the customer's" },
	[CUSTOMERS_LINK] = { .name = "customers_link",
	    .type = PORTAL_TEXT,
	    .fallback = "https://partner.microsoft.com/commerce/customers/list",
	    .help = "Partner Center's list of customers" },
	[LOCALE] = { .name = "locale",
	    .type = PORTAL_TEXT,
	    .fallback = "en-US",
	    .help = "language of the API's texts" },
	[DUE] = { .name = "due",
	    .type = PORTAL_DURATION,
	    .fallback = "1d",
	    .help = "how long a hand-off may take" },
};

/* The same number can mean two things under two statuses, so both are keys. */
static const struct portal_error errors[] = {
	{ .status = 403,
	    .code = "900150",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the user's role has no right to this: Admin agent is needed" },
	{ .status = 403,
	    .code = "20002",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "there is no commerce relationship with this customer" },
	{ .code = "900308", .failure = PORTAL_E_DENIED, .meaning = "the user lacks privileges" },
	{ .code = "900309",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "Conditional Access refuses the sign-in" },
	{ .code = "900316",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "this call needs an App+User token: use a refresh-token credential" },
	{ .code = "900329",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "app-only tokens are not accepted: use a refresh-token credential" },
	{ .code = "900420",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the token is for the retired directory graph: set the credential's scope" },
	{ .code = "900118", .failure = PORTAL_E_REQUEST, .meaning = "there is no such customer" },
	{ .code = "900123",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the Microsoft Partner Agreement is not accepted" },
	{ .code = "900124",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the Microsoft Partner Agreement is not accepted" },
	{ .code = "900149", .failure = PORTAL_E_DENIED, .meaning = "the programme is not active" },
	{ .code = "800001", .failure = PORTAL_E_DENIED, .meaning = "the token is missing" },
	{ .code = "60003", .failure = PORTAL_E_REQUEST, .meaning = "there is no such tenant" },
	{ .status = 404,
	    .code = "1000",
	    .failure = PORTAL_E_REQUEST,
	    .meaning = "it is not there" },
	{ .code = "2032", .failure = PORTAL_E_DENIED, .meaning = "access is denied" },
	{ .status = 401,
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the sign-in is not accepted; App+User with multi-factor authentication is "
		       "needed" },
	{ .status = 429, .failure = PORTAL_E_BUSY, .meaning = "Partner Center throttles" },
};

static uint32_t options_ok(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t i;
	size_t at;

	for (i = 0; i < host->list_length(op, WORKLOAD_LINK); i++) {
		portal_str item = host->list_get(op, WORKLOAD_LINK, i).text;

		for (at = 0; at < item.n && item.p[at] != '='; at++)
			;
		if (!at || at == item.n)
			return host->fail(op, PORTAL_E_REQUEST, 0,
			    "workload_link.%u must be WORKLOAD = address", (unsigned)i + 1);
	}
	return PORTAL_DONE;
}

static uint32_t link_step(struct portal_op *op)
{
	portal_str address = PORTAL_STR("");

	if (!op->customer)
		return op->host->need(op, "customer");
	if (op->answer)
		return csp_link_answered(op);
	if (csp_find_link(op, LINK_STAGE, &address) == PORTAL_FETCH)
		return PORTAL_FETCH;
	return csp_guide_link(op, address);
}

static uint32_t create_step(struct portal_op *op)
{
	portal_str address = PORTAL_STR("");

	if (!op->customer)
		return op->host->need(op, "customer");
	if (op->answer)
		return csp_create_answered(op);
	if (csp_find_link(op, LINK_STAGE, &address) == PORTAL_FETCH)
		return PORTAL_FETCH;
	return csp_guide_create(op, address);
}

PORTAL_PLUGIN(options, .name = "csp", .title = "Partner Center, Service Management",
    .version = "0.9.0",
    .manual = "Requests for a customer of a CSP, by an Admin agent. Partner Center's API cannot "
	      "open a ticket in a customer's "
	      "tenant: Azure requests go on to the Azure portal with the customer's tenant, all "
	      "others are handed off with a "
	      "deep link into the workload's portal. With mode = api preconditions are checked, "
	      "the link is discovered, and "
	      "tickets are read, noted and closed.",
    .memory = 2, PORTAL_ERRORS(errors), .error_code = "/code /statusCode /error/code",
    .error_text = "/description /detail /message /title /error/message", .options_ok = options_ok,
    .open = csp_open, .link = link_step, .create = create_step, .message = csp_message,
    .change = csp_change, .status = csp_status);
