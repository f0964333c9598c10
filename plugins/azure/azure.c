/* azure: tickets of Azure subscriptions, through Azure Resource Manager's support
 * API where plan and credential admit it, else by hand in the Azure portal. */
#include "azure.h"

static const struct portal_option options[] = {
	[MODE] = { .name = "mode",
	    .type = PORTAL_CHOICE,
	    .choices = "guide api",
	    .fallback = "guide",
	    .help = "guide: a person opens the request; api: Azure Resource Manager does (needs "
		    "`credential` and a plan that admits it)" },
	[ARM] = { .name = "arm",
	    .type = PORTAL_ORIGIN,
	    .fallback = "https://management.azure.com",
	    .help = "Azure Resource Manager; other clouds have their own" },
	[API_VERSION] = { .name = "api_version",
	    .type = PORTAL_TEXT,
	    .fallback = "2024-04-01",
	    .help = "of Microsoft.Support" },
	[PORTAL_LINK] = { .name = "portal",
	    .type = PORTAL_TEXT,
	    .fallback = "https://portal.azure.com",
	    .help = "the portal for people" },
	[CLASSIFICATION] = { .name = "classification",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_LIST,
	    .help = "RESOURCE TYPE, PRODUCT or * = id of a problem classification; without a match "
		    "the agent is asked" },
	[SUPPORT_PLAN_ID] = { .name = "support_plan_id",
	    .type = PORTAL_TEXT,
	    .help = "opaque id of the plan to use, as an earlier ticket shows it; default: Azure "
		    "picks" },
	[SENDER] = { .name = "sender",
	    .type = PORTAL_TEXT,
	    .help = "e-mail address on messages; default: the contact's" },
	[DIAGNOSTICS] = { .name = "advanced_diagnostic_consent",
	    .type = PORTAL_CHOICE,
	    .choices = "No Yes",
	    .fallback = "No",
	    .help = "may engineers collect advanced diagnostics" },
	[SECONDARY_CONSENT] = { .name = "secondary_consent",
	    .type = PORTAL_CHOICE,
	    .choices = "No Yes",
	    .fallback = "No",
	    .help = "further consents that a problem type wants" },
	[LANGUAGE] = { .name = "language",
	    .type = PORTAL_TEXT,
	    .fallback = "en-us",
	    .help = "support language where the request names none" },
	[POLL] = { .name = "poll",
	    .type = PORTAL_DURATION,
	    .fallback = "30s",
	    .min = 50,
	    .max = 3600000,
	    .help = "pause between looks at an operation; a longer Retry-After wins" },
	[POLLS] = { .name = "polls",
	    .type = PORTAL_INTEGER,
	    .fallback = "240",
	    .min = 1,
	    .max = 100000,
	    .help = "looks before it counts as unsure" },
	[DUE] = { .name = "due",
	    .type = PORTAL_DURATION,
	    .fallback = "1d",
	    .help = "how long a hand-off may take" },
};

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
	{ .prefix = "Your support plan type is",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the subscription's support plan does not admit the API: open it in the "
		       "Azure portal" },
	{ .code = "InvalidAuthenticationTokenTenant",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the token is of the wrong tenant: check the customer's tenant and the "
		       "credential" },
	{ .code = "InvalidAuthenticationToken",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "Azure does not accept the token" },
	{ .code = "ExpiredAuthenticationToken",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the token has expired" },
	{ .code = "AuthorizationFailed",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the role is missing: Support Request Contributor (Microsoft.Support/*) on "
		       "the subscription" },
	{ .code = "SubscriptionNotFound",
	    .failure = PORTAL_E_REQUEST,
	    .meaning = "there is no such subscription in this tenant" },
	{ .code = "InvalidResourceType",
	    .failure = PORTAL_E_PORTAL,
	    .meaning = "this cloud does not know the api_version" },
	{ .code = "NoRegisteredProviderFound",
	    .failure = PORTAL_E_PORTAL,
	    .meaning = "this cloud does not know the api_version" },
	{ .code = "InvalidData", .failure = PORTAL_E_REQUEST, .meaning = "Azure refuses the data" },
	{ .code = "TooManyRequests", .failure = PORTAL_E_BUSY, .meaning = "Azure throttles" },
	{ .code = "SubscriptionRequestsThrottled",
	    .failure = PORTAL_E_BUSY,
	    .meaning = "Azure throttles" },
};

PORTAL_PLUGIN(options, .name = "azure", .title = "Azure portal", .version = "0.9.0",
    .manual = "Technical requests on Azure subscriptions. Linking a contract is possible in the "
	      "portal only, so that is "
	      "always a hand-off. With mode = api the ticket is made by Azure Resource Manager "
	      "under a name that derives "
	      "from the request, so that it is never made twice; a plan that does not admit the "
	      "API turns into a hand-off.",
    .memory = 2, PORTAL_ERRORS(errors), .error_code = "/error/code", .error_text = "/error/message",
    .link = azure_link, .create = azure_create, .attach = azure_attach, .message = azure_message,
    .change = azure_change, .status = azure_status);
