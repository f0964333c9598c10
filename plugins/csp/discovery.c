/* The deep link into the workload's portal in the customer's tenant: from Partner
 * Center's managed services (they name a ticket page), from Graph's service
 * management details (an admin page), else from the configuration. Names vary and
 * grow: what is not known is passed over. */
#include "inside.h"

enum { D_MANAGED, D_DETAILS };

#define DAY 86400

/* Words that a service's name or id holds, by workload. */
static const struct {
	const char *workload;
	const char *words[6];
} services[] = {
	{ "microsoft365",
	    { "Exchange", "Office", "Microsoft 365", "SharePoint", "Teams", "SkypeforBusiness" } },
	{ "intune", { "Intune", "Endpoint Manager", 0, 0, 0, 0 } },
	{ "security", { "Defender", "Purview", "Security", 0, 0, 0 } },
	{ "power-platform", { "Power Platform", "Power Apps", "PowerApps", 0, 0, 0 } },
	{ "dynamics365", { "Dynamics 365", "Business Central", "CRM", 0, 0, 0 } },
};

/* Where nothing is discovered or configured; {tenant} and {domain} are the customer's. */
static const struct {
	const char *workload, *link;
} links[] = {
	{ "microsoft365",
	    "https://admin.microsoft.com/Partner/"
	    "BeginClientSession.aspx?CTID={tenant}&CSDEST=o365admincenter" },
	{ "intune", "https://intune.microsoft.com/{domain}" },
	{ "security", "https://security.microsoft.com/?tid={tenant}" },
	{ "power-platform", "https://admin.powerplatform.microsoft.com/account/login/{tenant}" },
	{ "dynamics365", "https://admin.powerplatform.microsoft.com/account/login/{tenant}" },
};

static int holds(portal_str text, const char *word)
{
	size_t i, k;

	for (i = 0; i < text.n; i++) {
		for (k = 0; word[k] && i + k < text.n &&
		     portal_lower(text.p[i + k]) == portal_lower(word[k]);
		     k++)
			;
		if (!word[k])
			return 1;
	}
	return 0;
}

static int is_for(portal_str workload, portal_str name)
{
	size_t i, k;

	for (i = 0; i < sizeof services / sizeof services[0]; i++)
		for (k = 0;
		     portal_is(workload, services[i].workload) && k < 6 && services[i].words[k];
		     k++)
			if (holds(name, services[i].words[k]))
				return 1;
	return 0;
}

/* Business Central has an administration of its own: its link is for it alone, though the
 * name holds the words of the other Dynamics services. */
static int fits(struct portal_op *op, const portal_str *names, uint32_t n)
{
	int is_for_it = 0, is_central = 0;

	while (n-- > 0) {
		is_for_it |= is_for(op->request->workload, names[n]);
		is_central |= holds(names[n], "Business Central");
	}
	return is_for_it && is_central == holds(op->request->product, "Business Central");
}

/* ---- configured and built in ------------------------------------------------------ */

static portal_str filled(struct portal_op *op, portal_str pattern)
{
	const struct portal_customer *c = op->customer;
	portal_str pairs[8];

	pairs[0] = PORTAL_STR("tenant");
	pairs[1] = c->tenant;
	pairs[2] = PORTAL_STR("domain");
	pairs[3] = c->domain.n ? c->domain : c->tenant;
	pairs[4] = PORTAL_STR("customer");
	pairs[5] = c->id;
	return op->host->fill(op, pattern, pairs, 3);
}

static portal_str configured(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str workload = op->request->workload;
	uint32_t i;
	size_t at;

	for (i = 0; i < host->list_length(op, WORKLOAD_LINK); i++) {
		portal_str item = host->list_get(op, WORKLOAD_LINK, i).text;

		for (at = 0; at < item.n && item.p[at] != '='; at++)
			;
		while (at && at < item.n && item.p[at - 1] == ' ')
			at--;
		if (at != workload.n || !holds((portal_str){ item.p, at }, workload.p))
			continue;
		while (at < item.n && (item.p[at] == ' ' || item.p[at] == '='))
			at++;
		return filled(op, (portal_str){ item.p + at, item.n - at });
	}
	return PORTAL_STR("");
}

static portal_str built_in(struct portal_op *op)
{
	const char *link;
	size_t i, n = 0;

	for (i = 0; csp_has_tenant(op) && i < sizeof links / sizeof links[0]; i++)
		if (portal_is(op->request->workload, links[i].workload)) {
			for (link = links[i].link; link[n]; n++)
				;
			return filled(op, (portal_str){ link, n });
		}
	return op->options[CUSTOMERS_LINK].text;
}

static uint32_t found(struct portal_op *op, portal_str link, portal_str *out)
{
	portal_str own = configured(op);

	*out = own.n ? own : link.n ? link : built_in(op);
	return PORTAL_DONE;
}

/* ---- discovered ----------------------------------------------------------------------- */

static const char *cache_name(struct portal_op *op)
{
	return op->host
	    ->format(op, "link %.*s %.*s", PORTAL_ARG(op->customer->tenant),
		PORTAL_ARG(op->request->workload))
	    .p;
}

static uint32_t keep(struct portal_op *op, portal_str link, portal_str *out)
{
	if (link.n)
		op->host->cache_put(op, cache_name(op), link, op->now + DAY);
	return found(op, link, out);
}

static uint32_t ask_details(struct portal_op *op, uint32_t first)
{
	csp_graph(op,
	    "/v1.0/tenantRelationships/delegatedAdminCustomers/{}/serviceManagementDetails",
	    &op->customer->tenant, 1);
	op->stage = first + D_DETAILS;
	return PORTAL_FETCH;
}

static portal_str managed_link(struct portal_op *op)
{
	static const char *const members[] = { "/items/%u/name", "/items/%u/id",
		"/items/%u/groupName" };
	const struct portal_host *host = op->host;
	uint32_t i, k, n = host->get_length(op, "/items");

	for (i = 0; i < n; i++) {
		portal_str names[3];
		portal_str link = host->get(
		    op, host->format(op, "/items/%u/links/serviceTicket/uri", (unsigned)i).p);

		for (k = 0; k < 3; k++)
			names[k] = host->get(op, host->format(op, members[k], (unsigned)i).p);
		if (link.n && fits(op, names, 3))
			return link;
	}
	return PORTAL_STR("");
}

static portal_str details_link(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t i, n = host->get_length(op, "/value");

	for (i = 0; i < n; i++) {
		portal_str name =
		    host->get(op, host->format(op, "/value/%u/serviceName", (unsigned)i).p);
		portal_str link = host->get(
		    op, host->format(op, "/value/%u/serviceManagementUrl", (unsigned)i).p);

		if (link.n && fits(op, &name, 1))
			return link;
	}
	return PORTAL_STR("");
}

/* Not finding a link stops nobody: the configured or built-in one serves. */
uint32_t csp_find_link(struct portal_op *op, uint32_t first, portal_str *link)
{
	portal_str known;

	if (op->stage == first + D_MANAGED && op->reply) {
		known = csp_is_good(op) ? managed_link(op) : PORTAL_STR("");
		return known.n || !op->options[USES_GRAPH].number ? keep(op, known, link)
								  : ask_details(op, first);
	}
	if (op->stage == first + D_DETAILS && op->reply)
		return keep(op, csp_is_good(op) ? details_link(op) : PORTAL_STR(""), link);
	if (!csp_is_api(op) || !csp_has_tenant(op))
		return found(op, PORTAL_STR(""), link);
	known = op->host->cache_get(op, cache_name(op));
	if (known.n)
		return found(op, known, link);
	csp_call(op, "GET", "/v1/customers/{}/managedservices", &op->customer->tenant, 1,
	    PORTAL_REPEAT_SAFE);
	op->stage = first + D_MANAGED;
	return PORTAL_FETCH;
}
