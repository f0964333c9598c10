/* support-for-business: on-premises requests. The portal has no API: a person does
 * it by a guide (default), or an operator's own endpoint does (mode = bridge). */
#include "sfb.h"

static const struct portal_option options[] = {
	[MODE] = { .name = "mode",
	    .type = PORTAL_CHOICE,
	    .choices = "guide bridge",
	    .fallback = "guide",
	    .help = "guide: a person does it; bridge: your own endpoint does it" },
	[VERSION] = { .name = "version",
	    .type = PORTAL_CHOICE,
	    .choices = "2021-03 2023 2026",
	    .fallback = "2026",
	    .help = "how the portal's pages look: decides the steps that are printed" },
	[LINK] = { .name = "link",
	    .type = PORTAL_TEXT,
	    .help = "address to open; default: the version's own" },
	[SAP_ID] = { .name = "sap_id",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_LIST,
	    .help = "PRODUCT = GUID of the support topic, added to the address as sapId" },
	[PROBE_PRODUCT] = { .name = "probe_product",
	    .type = PORTAL_TEXT,
	    .help = "product for reading what remains; default: the version's own" },
	[PARTNER] = { .name = "partner",
	    .type = PORTAL_TEXT,
	    .help = "company name, for the dossier" },
	[PARTNER_ID] = { .name = "partner_id",
	    .type = PORTAL_TEXT,
	    .help = "Partner ID, for the dossier" },
	[DUE] = { .name = "due",
	    .type = PORTAL_DURATION,
	    .fallback = "1d",
	    .help = "how long a hand-off may take" },
	[BRIDGE] = { .name = "bridge",
	    .type = PORTAL_ORIGIN,
	    .help = "origin of the bridge (mode = bridge)" },
	[BRIDGE_PATH] = { .name = "bridge_path",
	    .type = PORTAL_TEXT,
	    .fallback = "/v1",
	    .help = "path before the bridge's resources" },
	[BRIDGE_TOKEN] = { .name = "bridge_token",
	    .type = PORTAL_SECRET,
	    .help = "bearer token for the bridge" },
	[BRIDGE_POLL] = { .name = "bridge_poll",
	    .type = PORTAL_DURATION,
	    .fallback = "30s",
	    .min = 100,
	    .max = 3600000,
	    .help = "pause between looks at a queued request" },
};

/* What the bridge may say, by code; the status decides the rest. */
static const struct portal_error errors[] = {
	{ .prefix = "This Access ID is already associated",
	    .failure = PORTAL_E_CONTRACT,
	    .message = "M3",
	    .meaning =
		"the contract is linked to this account already; the message is to be ignored" },
	{ .prefix = "Access ID is already associated",
	    .failure = PORTAL_E_CONTRACT,
	    .message = "M3",
	    .meaning =
		"the contract is linked to this account already; the message is to be ignored" },
	{ .code = "already_associated",
	    .failure = PORTAL_E_CONTRACT,
	    .message = "M3",
	    .meaning =
		"the contract is linked to this account already; the message is to be ignored" },
	{ .code = "unavailable_depleted",
	    .failure = PORTAL_E_SPENT,
	    .meaning = "no incidents remain on the contract" },
	{ .code = "unavailable_expired",
	    .failure = PORTAL_E_CONTRACT,
	    .meaning = "the contract has expired" },
	{ .code = "unavailable_product",
	    .failure = PORTAL_E_REQUEST,
	    .meaning = "the plan does not serve this product version: choose the right version or "
		       "pay per incident" },
	{ .code = "plan_absent",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the plan does not appear for this account: link it, or use the account "
		       "that has it" },
	{ .code = "add_error",
	    .failure = PORTAL_E_CONTRACT,
	    .meaning = "adding the contract failed: check both IDs" },
	{ .code = "unknown_contract",
	    .failure = PORTAL_E_CONTRACT,
	    .meaning = "the bridge does not know the contract" },
	{ .prefix = "Support plan cannot be used",
	    .failure = PORTAL_E_REQUEST,
	    .meaning = "the plan does not serve this product version: choose the right version or "
		       "pay per incident" },
	{ .code = "no_access",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the account is not admitted; try the other kind of account" },
	{ .code = "refused",
	    .failure = PORTAL_E_REQUEST,
	    .meaning = "the bridge refused the request" },
};

/* 8-4-4-4-12 hexadecimal digits: a published link has one with a digit missing. */
static int is_guid(portal_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = portal_lower(s.p[i]);
		int is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return 0;
	}
	return s.n == 36;
}

static portal_str after_equals(portal_str item)
{
	size_t i = 0;

	while (i < item.n && item.p[i] != '=')
		i++;
	i += i < item.n;
	while (i < item.n && item.p[i] == ' ')
		i++;
	return (portal_str){ item.p + i, item.n - i };
}

static uint32_t options_ok(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t i;

	if (sfb_is_bridge(op) && !op->options[BRIDGE].text.n)
		return host->fail(op, PORTAL_E_REQUEST, 0, "mode = bridge needs the key bridge");
	for (i = 0; i < host->list_length(op, SAP_ID); i++)
		if (!is_guid(after_equals(host->list_get(op, SAP_ID, i).text)))
			return host->fail(op, PORTAL_E_REQUEST, 0,
			    "sap_id.%u must be PRODUCT = GUID (8-4-4-4-12 hexadecimal digits)",
			    (unsigned)i + 1);
	return PORTAL_DONE;
}

static uint32_t link_step(struct portal_op *op)
{
	return sfb_is_bridge(op) ? sfb_bridge_link(op) : sfb_guide_link(op);
}

static uint32_t create_step(struct portal_op *op)
{
	return sfb_is_bridge(op) ? sfb_bridge_create(op) : sfb_guide_create(op);
}

static uint32_t remaining_step(struct portal_op *op)
{
	return sfb_is_bridge(op) ? sfb_bridge_remaining(op) : sfb_guide_remaining(op);
}

static uint32_t status_step(struct portal_op *op)
{
	return sfb_is_bridge(op) ? sfb_bridge_status(op) : sfb_guide_status(op);
}

PORTAL_PLUGIN(options, .name = "support-for-business", .title = "Support for Business",
    .version = "0.9.0",
    .manual = "On-premises requests. Nothing is sent by itself: the guide prints the address, the "
	      "sign-in, the steps and "
	      "every field to copy, and the ticket number comes back as an answer. With mode = "
	      "bridge your own endpoint "
	      "(bridge.openapi.yaml) does the work instead.",
    .memory = 1, PORTAL_ERRORS(errors), .error_code = "/code",
    .error_text = "/reason /detail /title", .options_ok = options_ok, .link = link_step,
    .create = create_step, .remaining = remaining_step, .status = status_step,
    .message = sfb_guide_message, .attach = sfb_guide_attach, .change = sfb_guide_change);
