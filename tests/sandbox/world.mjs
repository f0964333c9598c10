/*
 * world.mjs - who exists in the sandbox, and what has happened in it
 *
 * Everything is one plain JSON value, so that a reset is a fresh copy and --state is a file.
 * `world` and `settings` are what a test may alter; the rest is what the doubles wrote down.
 */
export const PARTNER = "55555555-5555-5555-5555-555555555555";
export const FABRIKAM = "aaaaaaaa-0000-4000-8000-00000000000a";
export const CLIENT = "66666666-6666-6666-6666-666666666666";
export const AGENT = "agent@contoso.example";
export const OWN_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111";
export const CUSTOMER_SUBSCRIPTION = "22222222-2222-4222-8222-222222222222";
export const CSP_PLAN_SUBSCRIPTION = "33333333-3333-4333-8333-333333333333";
export const SERVICE_SUPPORT_ADMINISTRATOR = "f023fd81-a637-4b56-95fd-791ac0226033";
const FABRIKAM_RELATIONSHIP =
	"00000000-0000-4000-8000-000000000f01-00000000-0000-4000-8000-000000000f02";
const ADMIN_AGENTS = "00000000-0000-4000-8000-00000000059a";

const contributor = () => ({ [CLIENT]: "Support Request Contributor", [AGENT]: "Owner" });

function people() {
	return {
		tenants: {
			[PARTNER]: {
				name: "Contoso Partner",
				domain: "contoso.onmicrosoft.example",
				kind: "partner",
				support_admins: [CLIENT, AGENT],
			},
			[FABRIKAM]: {
				name: "Fabrikam",
				domain: "fabrikam.onmicrosoft.example",
				kind: "customer",
				support_admins: [CLIENT, AGENT],
			},
		},
		/* tenants of an app: where it has a service principal, so where tokens are given */
		apps: {
			[CLIENT]: {
				secret: "SANDBOX-SECRET-client",
				secret_expired: false,
				disabled: false,
				certificates: [],
				tenants: [PARTNER, FABRIKAM],
				expires_in: null,
			},
		},
		users: {
			[AGENT]: {
				name: "Ada Agent",
				tenant: PARTNER,
				mfa: true,
				interaction_required: false,
				groups: [{ id: ADMIN_AGENTS, displayName: "AdminAgents" }],
				refresh_token: "SANDBOX-SECRET-refresh-0",
				client: CLIENT,
			},
		},
		/* csp: the partner acts on behalf of the owner and must show its own token too */
		subscriptions: {
			[OWN_SUBSCRIPTION]: {
				owner: PARTNER,
				plan: "ProDirect",
				csp: false,
				access: contributor(),
			},
			[CUSTOMER_SUBSCRIPTION]: {
				owner: FABRIKAM,
				plan: "Premier",
				csp: true,
				access: contributor(),
			},
			[CSP_PLAN_SUBSCRIPTION]: {
				owner: FABRIKAM,
				plan: "CSP",
				csp: true,
				access: contributor(),
			},
		},
	};
}

function fabrikam() {
	const service = (id, name, groupName, links) => ({ id, name, groupName, links });
	return {
		company: "Fabrikam",
		domain: "fabrikam.onmicrosoft.example",
		relationship: "reseller",
		delegated_access: true,
		mca_accepted: true,
		/* no full list of ids is documented: one lacks a ticket link, one is unheard of */
		managed_services: [
			service("Exchange", "Exchange", "Office", [
				"Exchange",
				"ServiceStatus",
				"Support",
			]),
			service("MicrosoftCommunicationsOnline", "SkypeforBusiness", "Office", [
				"MicrosoftCommunicationsOnline",
				"ServiceStatus",
				"Support",
			]),
			service("SharePoint", "SharePoint", "Office", [
				"SharePoint",
				"ServiceStatus",
				null,
			]),
			service("SandboxUnheardOf", "SandboxUnheardOf", null, [
				null,
				null,
				"Support",
			]),
		],
		subscriptions: [
			{
				id: "00000000-0000-4000-8000-0000000000d1",
				name: "Mail plan",
				product: null,
			},
			{
				id: "00000000-0000-4000-8000-0000000000d2",
				name: "Example server - 3 year",
				product: "Software",
			},
			{ id: CUSTOMER_SUBSCRIPTION, name: "Azure plan", product: "Azure" },
		],
		gdap: [
			{
				id: FABRIKAM_RELATIONSHIP,
				name: "Fabrikam support",
				status: "active",
				roles: [
					SERVICE_SUPPORT_ADMINISTRATOR,
					"88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
				],
				provider: null,
				assignments: [
					{
						id: "00000000-0000-4000-8000-000000000f0a",
						status: "active",
						group: ADMIN_AGENTS,
						roles: [SERVICE_SUPPORT_ADMINISTRATOR],
					},
				],
			},
		],
		service_management: [
			["Azure Active Directory", "https://aad.portal.azure.com/{domain}"],
			["Microsoft 365 Lighthouse", "https://lighthouse.microsoft.com"],
			[
				"Dynamics 365 Business Central",
				"https://businesscentral.dynamics.com/{tenant}/admin",
			],
			["Teams", "https://admin.teams.microsoft.com/?delegatedOrg={domain}"],
		],
	};
}

function serviceRequest(id, title, severity, status, customer, created) {
	return {
		id,
		title,
		description: "Seeded by the sandbox.",
		severity,
		status,
		customer,
		created,
		modified: created,
		closed: null,
		topic: ["10000001", "Partner profile problem"],
		notes: [{ by: "Agent", at: created, text: "Queue length is 412." }],
	};
}

/* What a new member of a collection has before a test says otherwise. */
export function newMember(collection) {
	const blanks = {
		tenants: {
			name: "",
			domain: "",
			kind: "customer",
			support_admins: [CLIENT, AGENT],
		},
		apps: {
			secret: null,
			secret_expired: false,
			disabled: false,
			certificates: [],
			tenants: [PARTNER],
			expires_in: null,
		},
		users: {
			name: "",
			tenant: PARTNER,
			mfa: true,
			interaction_required: false,
			groups: [{ id: ADMIN_AGENTS, displayName: "AdminAgents" }],
			refresh_token: null,
			client: CLIENT,
		},
		subscriptions: {
			owner: PARTNER,
			plan: "ProDirect",
			csp: false,
			access: contributor(),
		},
		customers: fabrikam(),
		contracts: {
			plan: "Partner Support",
			end: "2099-12-31",
			remaining: 20,
			linked: [],
			access_id: null,
			contract_id: null,
		},
	};
	return blanks[collection] ?? null;
}

export function newWorld() {
	return {
		...people(),
		customers: {
			[FABRIKAM]: fabrikam(),
			"aaaaaaaa-0000-4000-8000-00000000000b": {
				...fabrikam(),
				company: "Northwind",
				domain: "northwind.onmicrosoft.example",
				delegated_access: false,
				gdap: [],
				service_management: [],
				managed_services: [],
				subscriptions: [],
			},
			/* known, but without a commerce relationship to the partner: code 20002 */
			"aaaaaaaa-0000-4000-8000-00000000000c": {
				...fabrikam(),
				company: "Tailspin",
				domain: "tailspin.onmicrosoft.example",
				relationship: "none",
				gdap: [],
			},
		},
		partner: {
			company: "Contoso Partner",
			mpn: "1234567",
			email: "agent@contoso.example",
			resellers: [
				{
					id: "00000000-0000-4000-8000-0000000000a2",
					name: "Tailspin Reseller",
					mpn: "7654321",
					mpa_signed: true,
				},
			],
		},
		contracts: {
			c1: {
				plan: "Partner Support",
				end: "2099-12-31",
				remaining: 7,
				linked: [],
				access_id: "SANDBOX-ACCESS-4711",
				contract_id: "SANDBOX-CONTRACT-0815",
			},
		},
		bridge: { token: "SANDBOX-SECRET-bridge" },
		service_requests: [
			serviceRequest(
				"900000000000001",
				"Mail flow stopped for one tenant",
				"critical",
				"open",
				FABRIKAM,
				"2024-02-05T08:31:17.24Z",
			),
			serviceRequest(
				"900000000000002",
				"Invoice is wrong",
				"minimal",
				"attention_needed",
				FABRIKAM,
				"2024-02-06T10:00:00Z",
			),
			serviceRequest(
				"900000000000003",
				"Profile cannot be changed",
				"moderate",
				"closed",
				null,
				"2024-02-07T11:12:13.1234567Z",
			),
		],
	};
}

export function newSettings() {
	return {
		/*
		 * polls: how often an operation still runs when asked. running: the word for it.
		 * end: Succeeded, Failed or Canceled. retry_after: seconds, on the 202 and on
		 * polls; no recording has it. hidden_gets: how often a fresh ticket is not found
		 * yet. engineer_at_work: severity cannot be changed then.
		 */
		azure: {
			polls: 1,
			running: "InProgress",
			end: "Succeeded",
			retry_after: null,
			hidden_gets: 0,
			engineer_at_work: false,
		},
		entra: { expires_in: 3599 },
		/*
		 * patch: 200, 204 or alternate. bom: some bodies begin with a byte order mark.
		 * app_only: "mfa" or "900329"; both answers have been reported.
		 */
		partner_center: {
			patch: "alternate",
			bom: true,
			app_only: "mfa",
			retired_status: 410,
		},
		/* mode: open, queue or refuse */
		bridge: { mode: "open", refusal: { reason: "not today", code: "no_access" } },
	};
}

export function newState() {
	return {
		version: 1,
		ports: {},
		world: newWorld(),
		settings: newSettings(),
		faults: [],
		sequence: 0,
		served: 0,
		tokens: {},
		refresh: {},
		used_assertions: {},
		tickets: {},
		operations: {},
		workspaces: {},
		patches: 0,
		answered: {},
		bridge: { requests: {}, links: {}, tickets: {} },
		counts: newCounts(),
		violations: [],
		log: [],
	};
}

const countedBy = [
	"puts",
	"creates",
	"duplicate_puts",
	"messages",
	"links_asked",
	"links_made",
	"incidents",
	"token_requests",
	"retired",
	"requests",
	"faults",
];
export const newCounts = () =>
	Object.fromEntries(countedBy.map((name) => [name, Object.create(null)]));

/* JSON gives counters a prototype; names like "constructor" must not find it. */
export function reviveState(state) {
	for (const name of countedBy)
		state.counts[name] = Object.assign(Object.create(null), state.counts[name]);
	return state;
}
