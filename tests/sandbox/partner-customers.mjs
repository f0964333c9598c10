/*
 * partner-customers.mjs - customers, what they own, who resells to them
 */
import { attributes, collection, fault, link, partnerDate, withBom } from "./partner-answers.mjs";
import { isGuid } from "./schema.mjs";
import { json } from "./server.mjs";

const CREATED = "2024-01-12T06:41:12.1234567Z";
const AGREEMENT = {
	templateId: "00000000-0000-4000-8000-000000000b01",
	agreementLink: "https://aka.ms/customeragreement",
};
const LEGACY_ENTITLEMENT = "00000000-0000-4000-8000-0000000000de";
const PORTAL = "https://portal.office.com/Partner/BeginClientSession.aspx";

export function findCustomer(call, id) {
	if (!isGuid(id)) fault(400, 900118, "The customer id is invalid.");
	const key = id.toLowerCase();
	const customer = call.state.world.customers[key];
	if (!customer) fault(404, 60003, "The tenant was not found.");
	if (customer.relationship === "none")
		fault(403, 20002, "No relationship between caller and account.");
	return { ...customer, id: key };
}

/* Support for a customer needs delegated rights, by DAP or by an active GDAP relationship. Which
 * code their absence has is not documented. */
export function findServed(call, id) {
	const customer = findCustomer(call, id);
	if (!customer.delegated_access && !customer.gdap.some((one) => one.status === "active"))
		fault(403, 900308, "Insufficient privileges.");
	return customer;
}

function profile({ id, domain, company }) {
	return {
		tenantId: id,
		domain,
		companyName: company,
		...attributes("CustomerCompanyProfile"),
	};
}

function page(call, customers, size) {
	const token = call.request.headers["ms-continuationtoken"];
	const start = token ? Number(/^sandbox-(\d+)$/.exec(token)?.[1] ?? NaN) : 0;
	if (Number.isNaN(start)) fault(400, 800002, "The continuation token is invalid.");
	const shown = size ? customers.slice(start, start + size) : customers;
	const items = shown.map((one) => ({
		id: one.id,
		companyProfile: profile(one),
		relationshipToPartner: one.relationship,
		...attributes("Customer"),
	}));
	const links = { self: link(`/customers?size=${size}`) };
	if (size && start + size < customers.length)
		links.next = link(`/customers?size=${size}&seekOperation=Next`, [
			{ key: "MS-ContinuationToken", value: `sandbox-${start + size}` },
		]);
	return json(200, collection(items, links));
}

function startsWith(call, customers) {
	const text = call.request.query.get("filter");
	if (text === null) return customers;
	let filter = {};
	try {
		filter = JSON.parse(text);
	} catch {
		/* refused below like any other filter that cannot be used */
	}
	const member = { CompanyName: "company", Domain: "domain" }[filter.Field];
	if (!member || filter.Operator !== "starts_with")
		fault(400, 800002, "Only CompanyName or Domain with starts_with can be filtered.");
	return customers.filter((one) =>
		one[member].toLowerCase().startsWith(String(filter.Value).toLowerCase()),
	);
}

export function listCustomers(call) {
	const size = Number(call.request.query.get("size") ?? NaN);
	if (!Number.isInteger(size) || size < 0)
		fault(400, 3000, "The size is missing or invalid.");
	const all = Object.entries(call.state.world.customers)
		.filter(([, one]) => one.relationship !== "none")
		.map(([id, one]) => ({ ...one, id }));
	return page(call, startsWith(call, all), size);
}

/* Without delegated access the answer omits address, e-mail and custom domains. */
export function getCustomer(call, id) {
	const customer = findCustomer(call, id);
	const isDelegated = customer.delegated_access;
	return json(200, {
		id: customer.id,
		commerceId: "00000000-0000-4000-8000-0000000000cc",
		companyProfile: {
			...profile(customer),
			...(isDelegated && {
				email: `it@${customer.domain}`,
				address: {
					country: "US",
					city: "Redmond",
					addressLine1: "1 Example Way",
					postalCode: "98052",
					phoneNumber: "4255550110",
				},
			}),
		},
		relationshipToPartner: customer.relationship,
		allowDelegatedAccess: isDelegated,
		...(isDelegated && { customDomains: [customer.domain] }),
		links: { self: link(`/customers/${customer.id}`) },
		...attributes("Customer"),
	});
}

function portalLink(customer, destination) {
	const domains =
		destination === "Exchange"
			? `&InitialDomain=${customer.domain}&PrimaryDomain=${customer.domain}`
			: "";
	return link(`${PORTAL}?CTID=${customer.id}&CSDEST=${destination}${domains}`);
}

/* Each of the three links may be missing. */
export function listManagedServices(call, id) {
	const customer = findServed(call, id);
	const names = ["adminService", "serviceHealth", "serviceTicket"];
	return withBom(
		call,
		collection(
			customer.managed_services.map((service) => ({
				id: service.id,
				name: service.name,
				groupName: service.groupName,
				links: Object.fromEntries(
					service.links
						.map((destination, i) => [
							names[i],
							destination &&
								portalLink(customer, destination),
						])
						.filter(([, l]) => l),
				),
				...attributes("ManagedService"),
			})),
		),
	);
}

/* Two shapes: legacy ones have no productType, new commerce ones do. */
export function listSubscriptions(call, id) {
	const customer = findCustomer(call, id);
	const self = `/customers/${customer.id}/subscriptions`;
	return json(
		200,
		collection(
			customer.subscriptions.map((one, i) => ({
				id: one.id,
				friendlyName: one.name,
				quantity: 1,
				status: "active",
				creationDate: partnerDate(CREATED, i * 7),
				effectiveStartDate: partnerDate(CREATED, i),
				contractType: "subscription",
				...(one.product
					? {
							offerName: one.name,
							isMicrosoftProduct: true,
							publisherName: "Microsoft",
							productType: {
								id: one.product,
								displayName: one.product,
							},
						}
					: {
							entitlementId: LEGACY_ENTITLEMENT,
						}),
				links: { self: link(`${self}/${one.id}`) },
				...attributes("Subscription"),
			})),
			{ self: link(self) },
		),
	);
}

/* Not for new-commerce subscriptions. */
export function getSupportContact(call, id, subscriptionId) {
	const customer = findCustomer(call, id);
	const subscription = customer.subscriptions.find((one) => one.id === subscriptionId);
	if (!subscription || subscription.product)
		fault(404, 20003, "The subscription was not found.");
	const { company, mpn } = call.state.world.partner;
	return withBom(call, {
		supportTenantId: call.token.tenant,
		supportMpnId: mpn,
		name: company,
		...attributes("SupportContact"),
	});
}

export function listSkus(call, id) {
	findCustomer(call, id);
	const plan = (displayName, serviceName) => ({
		displayName,
		serviceName,
		capabilityStatus: "Enabled",
		targetType: "User",
	});
	return json(
		200,
		collection([
			{
				availableUnits: 4,
				activeUnits: 5,
				consumedUnits: 1,
				totalUnits: 5,
				productSku: {
					id: "00000000-0000-4000-8000-000000000501",
					name: "Example mobility suite",
					skuPartNumber: "EMS",
					targetType: "User",
					licenseGroupId: "group1",
				},
				servicePlans: [
					plan("Example Intune", "INTUNE_A"),
					plan("Example mail", "EXCHANGE_S_FOUNDATION"),
				],
				capabilityStatus: "Enabled",
				...attributes("SubscribedSku"),
			},
		]),
	);
}

export function listDirectoryRoles(call, id) {
	findCustomer(call, id);
	return json(
		200,
		collection([
			{
				name: "Helpdesk Administrator",
				id: "729827e3-9c14-49f7-bb1b-9608f156bbb8",
				...attributes("DirectoryRole"),
			},
		]),
	);
}

const reseller = (one) => ({
	id: one.id,
	name: one.name,
	mpnId: one.mpn,
	relationshipType: "is_indirect_cloud_solution_provider_of",
	...attributes("PartnerRelationship"),
});

export function listCustomerRelationships(call, id) {
	findCustomer(call, id);
	return json(200, collection(call.state.world.partner.resellers.map(reseller)));
}

export function listRelationships(call) {
	const type = call.request.query.get("relationship_type");
	if (!["IsIndirectCloudSolutionProviderOf", "IsIndirectResellerOf"].includes(type))
		fault(400, 3000, "relationship_type is missing or invalid.");
	const items =
		type === "IsIndirectResellerOf"
			? []
			: call.state.world.partner.resellers.map((one) => ({
					...reseller(one),
					state: "Active",
					location: "US",
				}));
	return json(200, collection(items));
}

export function listCustomerAgreements(call, id) {
	const customer = findCustomer(call, id);
	const items = customer.mca_accepted
		? [
				{
					...AGREEMENT,
					type: "MicrosoftCustomerAgreement",
					dateAgreed: "2024-01-12T00:00:00",
					primaryContact: { firstName: "Ben", lastName: "Buyer" },
				},
			]
		: [];
	return json(200, { totalCount: items.length, items });
}

export const listAgreements = () =>
	json(
		200,
		collection(
			[
				{
					...AGREEMENT,
					versionRank: 0,
					agreementType: "MicrosoftCustomerAgreement",
				},
			],
			{ self: link("/agreements") },
		),
	);
