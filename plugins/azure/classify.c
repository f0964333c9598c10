/* Which problem classification a ticket is filed under: the configuration says so,
 * or the resource's type names the service, or the agent chooses. */
#include "azure.h"

enum { C_START, C_SERVICES, C_SERVICE_ASKED, C_CLASSES, C_CLASS_ASKED, C_DETAIL };

#define WEEK 604800

static int is_inside(portal_str text, portal_str part)
{
	size_t i, k;

	for (i = 0; part.n && i + part.n <= text.n; i++) {
		for (k = 0; k < part.n && portal_lower(text.p[i + k]) == portal_lower(part.p[k]);
		     k++)
			;
		if (k == part.n)
			return 1;
	}
	return 0;
}

static portal_str trim(portal_str s)
{
	while (s.n && s.p[0] == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

static int same(portal_str a, portal_str b)
{
	return a.n == b.n && is_inside(a, b);
}

/* ".../providers/Microsoft.Compute/virtualMachines/vm1" names the type
 * "Microsoft.Compute/virtualMachines"; of nested resources the outermost. */
static portal_str resource_type(portal_str id)
{
	static const portal_str mark = { "/providers/", 11 };
	size_t i, from = 0, slashes = 0;

	for (i = 0; i + mark.n <= id.n; i++)
		if (is_inside((portal_str){ id.p + i, mark.n }, mark))
			from = i + mark.n;
	if (!from)
		return PORTAL_STR("");
	for (i = from; i < id.n; i++)
		if (id.p[i] == '/' && ++slashes == 2)
			break;
	return (portal_str){ id.p + from, i - from };
}

/* classification.N = KEY = ID, KEY a resource type, a product, or *. */
static portal_str configured(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str type = resource_type(op->request->resource), other = PORTAL_STR("");
	uint32_t i;
	size_t at;

	for (i = 0; i < host->list_length(op, CLASSIFICATION); i++) {
		portal_str item = host->list_get(op, CLASSIFICATION, i).text, key, id;

		for (at = 0; at < item.n && item.p[at] != '='; at++)
			;
		if (at == item.n)
			continue;
		key = trim((portal_str){ item.p, at });
		id = trim((portal_str){ item.p + at + 1, item.n - at - 1 });
		if ((type.n && same(key, type)) ||
		    (op->request->product.n && same(key, op->request->product)))
			return id;
		if (portal_is(key, "*"))
			other = id;
	}
	return other;
}

/* ---- asking the agent ------------------------------------------------------------------ */

static uint32_t ask(struct portal_op *op, uint32_t stage, const char *what, const char *code)
{
	const struct portal_host *host = op->host;
	uint32_t i, n = host->get_length(op, "/value");

	host->guide_title(op, "Choose the %s", what);
	host->guide_sign_in(op, op->account->name);
	host->guide_step(
	    op, "Azure files tickets under a %s; choose the one that fits the problem.", what);
	for (i = 0; i < n && i < 100; i++)
		host->guide_choice(op,
		    host->get(op, host->format(op, "/value/%u/id", (unsigned)i).p),
		    host->get(
			op, host->format(op, "/value/%u/properties/displayName", (unsigned)i).p));
	host->guide_answer(op, code, "this one", "id");
	op->stage = stage;
	return PORTAL_ASK;
}

/* ---- services ----------------------------------------------------------------------------- */

static uint32_t list_services(struct portal_op *op, uint32_t first)
{
	azure_list(op, "services", 0, 0);
	op->stage = first + C_SERVICES;
	return PORTAL_FETCH;
}

static int has_type(struct portal_op *op, uint32_t service, portal_str type)
{
	const char *list =
	    op->host->format(op, "/value/%u/properties/resourceTypes", (unsigned)service).p;

	return op->host->find(op, list, "", type) != UINT32_MAX;
}

/* The only service of the resource's type, or the only one whose name holds the
 * product's words; UINT32_MAX if there is none or several. */
static uint32_t obvious_service(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str type = resource_type(op->request->resource), product = op->request->product;
	uint32_t i, found = UINT32_MAX, n = host->get_length(op, "/value");

	for (i = 0; i < n; i++) {
		portal_str name = host->get(
		    op, host->format(op, "/value/%u/properties/displayName", (unsigned)i).p);

		if (type.n ? !has_type(op, i, type)
			   : !(is_inside(product, name) || is_inside(name, product)))
			continue;
		if (found != UINT32_MAX)
			return UINT32_MAX;
		found = i;
	}
	return found;
}

/* The GUID at the end of an id. */
static portal_str last_segment(portal_str id)
{
	size_t at = id.n;

	while (at && id.p[at - 1] != '/')
		at--;
	return (portal_str){ id.p + at, id.n - at };
}

static uint32_t list_classes(struct portal_op *op, uint32_t first, portal_str service)
{
	portal_str guid = last_segment(service);

	azure_list(op, "services/{}/problemClassifications", &guid, 1);
	op->stage = first + C_CLASSES;
	return PORTAL_FETCH;
}

static uint32_t services_came(struct portal_op *op, uint32_t first)
{
	uint32_t service;

	if (!azure_is_good(op))
		return op->host->reject(op);
	service = obvious_service(op);
	if (service == UINT32_MAX)
		return ask(op, first + C_SERVICE_ASKED, "service", "service");
	return list_classes(op, first,
	    op->host->get(op, op->host->format(op, "/value/%u/id", (unsigned)service).p));
}

/* ---- the classification itself: which consents it wants ----------------------------------------
 */

static portal_str service_guid(portal_str classification)
{
	static const portal_str mark = { "/problemClassifications/", 24 };
	size_t i;

	for (i = 0; i + mark.n <= classification.n; i++)
		if (is_inside((portal_str){ classification.p + i, mark.n }, mark))
			return last_segment((portal_str){ classification.p, i });
	return PORTAL_STR("");
}

static uint32_t get_detail(struct portal_op *op, uint32_t first, portal_str classification)
{
	portal_str args[2] = { service_guid(classification), last_segment(classification) };
	portal_str known =
	    op->host->cache_get(op, op->host->format(op, "consents %.*s", PORTAL_ARG(args[1])).p);

	if (!args[0].n)
		return op->host->fail(op, PORTAL_E_REQUEST, 0,
		    "\"%.*s\" is no id of a problem classification "
		    "(/providers/Microsoft.Support/services/.../problemClassifications/...)",
		    PORTAL_ARG(classification));
	azure_set_line(op, LINE_CLASSIFICATION, classification);
	if (known.n) {
		azure_set_line(
		    op, LINE_CONSENTS, portal_is(known, "none") ? PORTAL_STR("") : known);
		return PORTAL_DONE;
	}
	azure_list(op, "services/{}/problemClassifications/{}", args, 2);
	op->stage = first + C_DETAIL;
	return PORTAL_FETCH;
}

static uint32_t detail_came(struct portal_op *op)
{
	static const char list[] = "/properties/secondaryConsentEnabled";
	const struct portal_host *host = op->host;
	portal_str types = PORTAL_STR(""), guid = last_segment(azure_line(op, LINE_CLASSIFICATION));
	uint32_t i;

	if (!azure_is_good(op))
		return host->reject(op);
	for (i = 0; i < host->get_length(op, list); i++) {
		portal_str type =
		    host->get(op, host->format(op, "%s/%u/type", list, (unsigned)i).p);

		types = host->format(
		    op, "%.*s%s%.*s", PORTAL_ARG(types), types.n ? "," : "", PORTAL_ARG(type));
	}
	azure_set_line(op, LINE_CONSENTS, types);
	host->cache_put(op, host->format(op, "consents %.*s", PORTAL_ARG(guid)).p,
	    types.n ? types : PORTAL_STR("none"), op->now + WEEK);
	return PORTAL_DONE;
}

uint32_t azure_classify(struct portal_op *op, uint32_t first)
{
	const struct portal_host *host = op->host;
	portal_str id;

	switch (op->stage - first) {
	case C_SERVICES: return services_came(op, first);
	case C_SERVICE_ASKED: return list_classes(op, first, host->get_answer(op, "id"));
	case C_CLASSES:
		return azure_is_good(op)
		    ? ask(op, first + C_CLASS_ASKED, "problem type", "classification")
		    : host->reject(op);
	case C_CLASS_ASKED: return get_detail(op, first, host->get_answer(op, "id"));
	case C_DETAIL: return detail_came(op);
	default: break;
	}
	id = configured(op);
	return id.n ? get_detail(op, first, id) : list_services(op, first);
}
