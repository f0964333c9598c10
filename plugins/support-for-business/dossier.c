/* The dossier: every field of every version of the form, ready to copy. A person
 * may have to enter it twice, so nothing is left to memory. */
#include "sfb.h"

static const char create_2021[] =
    "https://support.serviceshub.microsoft.com/supportforbusiness/create";
static const char create_2026[] = "https://engagecenter.microsoft.com";

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static portal_str trim(portal_str s)
{
	while (s.n && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* "Windows Server = GUID": the value if the item is for this product. */
static portal_str sap_id_for(portal_str item, portal_str product)
{
	size_t i = 0, k;
	portal_str name;

	while (i < item.n && item.p[i] != '=')
		i++;
	if (i == item.n)
		return PORTAL_STR("");
	name = trim((portal_str){ item.p, i });
	if (name.n != product.n)
		return PORTAL_STR("");
	for (k = 0; k < name.n; k++)
		if (portal_lower(name.p[k]) != portal_lower(product.p[k]))
			return PORTAL_STR("");
	return trim((portal_str){ item.p + i + 1, item.n - i - 1 });
}

portal_str sfb_link(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str base = op->options[LINK].text, id = PORTAL_STR("");
	uint32_t i;
	size_t at;

	for (i = 0; op->request && !id.n && i < host->list_length(op, SAP_ID); i++)
		id = sap_id_for(host->list_get(op, SAP_ID, i).text, op->request->product);
	/* sapId is known of the older address only; it leads on to the newer portal. */
	if (!base.n)
		base = op->options[VERSION].number == VERSION_2026 && !id.n
		    ? (portal_str){ create_2026, sizeof create_2026 - 1 }
		    : (portal_str){ create_2021, sizeof create_2021 - 1 };
	if (!id.n)
		return base;
	for (at = 0; at < base.n && base.p[at] != '?'; at++)
		;
	return host->format(
	    op, "%.*s%csapId=%.*s", PORTAL_ARG(base), at < base.n ? '&' : '?', PORTAL_ARG(id));
}

portal_str sfb_plan_name(struct portal_op *op)
{
	if (op->contract && op->contract->n_plan_names)
		return op->contract->plan_names[0];
	if (op->request && op->request->n_plan_names)
		return op->request->plan_names[0];
	return PORTAL_STR("Partner Support");
}

portal_str sfb_probe_product(const struct portal_op *op)
{
	if (op->options[PROBE_PRODUCT].text.n)
		return op->options[PROBE_PRODUCT].text;
	/* Windows 10 has left support and would itself be listed as too old since. */
	return op->options[VERSION].number == VERSION_2021_03 ? PORTAL_STR("Windows 10")
							      : PORTAL_STR("Windows 11");
}

static portal_str severity(const struct portal_request *r)
{
	switch (r->severity) {
	case 1: return PORTAL_STR("A - critical: significant loss, production down");
	case 2: return PORTAL_STR("B - moderate: partly affected");
	case 3: return PORTAL_STR("C - minimal: still available");
	default: return PORTAL_STR("");
	}
}

static void plan_fields(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	const struct portal_contract *c = op->contract;

	host->guide_field(op, "Support plan", sfb_plan_name(op));
	if (c && c->n_plan_names > 1)
		host->guide_field(op, "may be displayed as", c->plan_names[1]);
	if (c && c->end)
		host->guide_field(op, "Contract ends", host->write_time(op, c->end));
	if (c && c->remaining != PORTAL_UNKNOWN && c->remaining != PORTAL_UNLIMITED)
		host->guide_field(
		    op, "Remaining, last seen", host->format(op, "%lld", (long long)c->remaining));
}

static void contact_fields(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	const struct portal_contact *c = op->request->contact;

	host->guide_field(op, "First name", c->first_name);
	host->guide_field(op, "Last name", c->last_name);
	host->guide_field(op, "E-mail", c->email);
	host->guide_field(op, "Phone", c->phone);
	host->guide_field(op, "Preferred contact", c->method);
	host->guide_field(op, "Support language", c->language);
	host->guide_field(op, "Country", c->country);
	host->guide_field(op, "Time zone", c->time_zone);
	host->guide_field(
	    op, "24x7", c->around_the_clock == 2 ? PORTAL_STR("yes") : PORTAL_STR("no"));
}

void sfb_dossier(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	const struct portal_request *r = op->request;
	uint32_t i;

	host->guide_field(op, "Product", r->product);
	host->guide_field(op, "Version", r->release);
	host->guide_field(op, "Title", r->title);
	host->guide_field(op, "Description", r->text);
	host->guide_field(op, "First seen",
	    r->problem_started ? host->write_time(op, r->problem_started) : PORTAL_STR(""));
	host->guide_field(op, "Severity", severity(r));
	contact_fields(op);
	plan_fields(op);
	host->guide_field(op, "Partner", op->options[PARTNER].text);
	host->guide_field(op, "Partner ID", op->options[PARTNER_ID].text);
	host->guide_field(op, "Our reference", r->reference.n ? r->reference : r->id);
	for (i = 0; i < r->n_files; i++)
		host->guide_field(op, "Attach", r->files[i]->name);
}
