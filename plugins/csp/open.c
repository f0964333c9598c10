/* Before anything: is the customer ours, may we act for it - and Azure goes on to
 * the Azure portal in the customer's tenant. */
#include "inside.h"

enum { START, CUSTOMER, RELATIONSHIPS };

/* Service Support Administrator: the least role for a customer's ticket. */
static const char support_role[] = "f023fd81-a637-4b56-95fd-791ac0226033";

static int is_azure(const struct portal_op *op)
{
	return portal_is(op->request->workload, "azure");
}

static uint32_t go_on(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str address, domain;

	if (!is_azure(op))
		return PORTAL_DONE;
	domain = op->customer->domain.n ? op->customer->domain : op->customer->tenant;
	address = domain.n ? host->format(op, "https://portal.azure.com/%.*s", PORTAL_ARG(domain))
			   : PORTAL_STR("");
	return host->go(op, op->options[AZURE].text, address, op->customer->tenant);
}

/* Only direct-bill partners and indirect providers open Azure requests for customers. */
static int is_barred_from_azure(const struct portal_op *op)
{
	uint32_t kind = op->account->csp_kind;

	return is_azure(op) && (kind == PORTAL_CSP_INDIRECT_RESELLER || kind == PORTAL_CSP_ADVISOR);
}

/* Old lists carry an ordinal: none 0 or unknown, reseller 1, advisor 2 ... */
static int is_reseller(portal_str relationship)
{
	return portal_same(relationship, "reseller") || portal_is(relationship, "1");
}

static uint32_t ask_relationships(struct portal_op *op)
{
	csp_graph(op, "/v1.0/tenantRelationships/delegatedAdminRelationships", 0, 0);
	op->host->query(op, "$top", PORTAL_STR("300"));
	op->stage = RELATIONSHIPS;
	return PORTAL_FETCH;
}

static uint32_t customer_came(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str relationship;

	if (!csp_is_good(op))
		return host->reject(op);
	relationship = host->get(op, "/relationshipToPartner");
	if (relationship.n && !is_reseller(relationship))
		return host->fail(op, PORTAL_E_DENIED, 0,
		    "there is no reseller relationship with this customer (it is %.*s)",
		    PORTAL_ARG(relationship));
	/* Delegated administration of the old kind (DAP) is enough where it is still there. */
	if (portal_is(host->get(op, "/allowDelegatedAccess"), "true") || is_azure(op) ||
	    !op->options[USES_GRAPH].number)
		return go_on(op);
	return ask_relationships(op);
}

static int is_ours(struct portal_op *op, uint32_t i)
{
	const struct portal_host *host = op->host;
	portal_str tenant =
	    host->get(op, host->format(op, "/value/%u/customer/tenantId", (unsigned)i).p);
	portal_str status = host->get(op, host->format(op, "/value/%u/status", (unsigned)i).p);

	return portal_same(status, "active") && portal_same(tenant, op->customer->tenant.p);
}

static int has_support_role(struct portal_op *op, uint32_t i)
{
	const char *roles =
	    op->host->format(op, "/value/%u/accessDetails/unifiedRoles", (unsigned)i).p;

	return op->host->find(op, roles, "/roleDefinitionId",
		   (portal_str){ support_role, sizeof support_role - 1 }) != UINT32_MAX;
}

static uint32_t relationships_came(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t i, n, found = 0;
	portal_str next;

	if (!csp_is_good(op))
		return host->reject(op);
	n = host->get_length(op, "/value");
	for (i = 0; i < n; i++) {
		if (!is_ours(op, i))
			continue;
		found = 1;
		if (has_support_role(op, i))
			return go_on(op);
	}
	op->cursor[0] |= found;
	next = host->get(op, "/@odata.nextLink");
	if (next.n) {
		host->follow(op, op->options[GRAPH].text, next);
		host->authorize(op, PORTAL_DEFAULT_CREDENTIAL, op->options[GRAPH_SCOPE].text,
		    PORTAL_TENANT_PARTNER);
		return PORTAL_FETCH;
	}
	/* A missing group membership shows as an empty list, not as a refusal. */
	return host->fail(op, PORTAL_E_DENIED, 0,
	    op->cursor[0] ? "the delegated relationship lacks the role Service Support "
			    "Administrator: no ticket can be opened for this customer"
			  : "no active delegated relationship with this customer is visible: check "
			    "it, and that the user is in AdminAgents");
}

uint32_t csp_open(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->customer)
		return host->need(op, "customer");
	if ((op->account->flags & PORTAL_KNOWS_ROLES) &&
	    !(op->account->roles & PORTAL_ROLE_ADMIN_AGENT))
		return host->fail(
		    op, PORTAL_E_DENIED, 0, "the account has not the role Admin agent (R41)");
	if (is_barred_from_azure(op))
		return host->fail(op, PORTAL_E_DENIED, 0,
		    "an indirect reseller or advisor sends a customer's Azure request to its "
		    "provider");
	if (!csp_is_api(op) || !csp_has_tenant(op))
		return go_on(op);
	if (op->stage == CUSTOMER)
		return customer_came(op);
	if (op->stage == RELATIONSHIPS)
		return relationships_came(op);
	csp_call(op, "GET", "/v1/customers/{}", &op->customer->tenant, 1, PORTAL_REPEAT_SAFE);
	op->stage = CUSTOMER;
	return PORTAL_FETCH;
}
