/*
 * partner-company.mjs - the partner's own profiles, agreement status and roles
 */
import { attributes, collection, fault, link } from "./partner-answers.mjs";
import { isGuid } from "./schema.mjs";
import { json } from "./server.mjs";

const ADMIN_AGENTS_ROLE = "00000000-0000-4000-8000-000000000a01";

/* Exactly one of mpnId and tenantId: neither is 2001, both or a malformed one 2000. */
export function agreementStatus(call) {
	const mpn = call.request.query.get("mpnId");
	const tenant = call.request.query.get("tenantId");
	const source = { source: "ComplianceController" };
	if (mpn === null && tenant === null)
		fault(400, 2001, "Neither an MPN id nor a tenant id was given.", source);
	if (
		(mpn !== null) === (tenant !== null) ||
		(mpn !== null ? !/^\d+$/.test(mpn) : !isGuid(tenant))
	)
		fault(400, 2000, "The MPN id or tenant id is invalid.", source);
	const found = call.state.world.partner.resellers.find(
		(one) => one.mpn === mpn || one.id === tenant,
	);
	return json(200, { isAgreementSigned: found?.mpa_signed ?? false });
}

const ownLink = (name) => ({ links: { self: link(`/profiles/${name}`) } });

export function getMpnProfile(call) {
	const { company, mpn } = call.state.world.partner;
	const wanted = call.request.query.get("mpnId") ?? mpn;
	if (wanted !== mpn)
		fault(
			404,
			3000,
			`Partner Organization with partner_id ${wanted} could not be found`,
		);
	return json(200, {
		partnerName: company,
		mpnId: mpn,
		profileType: "MpnProfile",
		...ownLink("mpn"),
		...attributes("MpnProfile"),
	});
}

export function getLegalProfile(call) {
	return json(200, {
		companyName: call.state.world.partner.company,
		vettingStatus: "authorized",
		vettingSubStatus: "none",
		profileType: "LegalBusinessProfile",
		...ownLink("legalbusiness"),
		...attributes("LegalBusinessProfile"),
	});
}

/* This sample's link has /v1 where the others have none. */
export function getSupportProfile(call) {
	return json(200, {
		email: call.state.world.partner.email,
		telephone: "4255550100",
		website: "www.contoso.example",
		profileType: "SupportProfile",
		links: { self: link("/v1/profiles/support") },
		...attributes("SupportProfile"),
	});
}

export function getOrganizationProfile(call) {
	const { company, email } = call.state.world.partner;
	return json(200, {
		companyName: company,
		tenantId: call.token.tenant,
		email,
		language: "en",
		domain: call.state.world.tenants[call.token.tenant].domain,
		culture: "en-US",
		profileType: "OrganizationProfile",
		...ownLink("organization"),
		...attributes("OrganizationProfile", '"sandbox-1"'),
	});
}

/* Undocumented calls of a community library. */
export const listRoles = () =>
	json(
		200,
		collection([
			{
				category: "tenant",
				id: ADMIN_AGENTS_ROLE,
				name: "AdminAgents",
				...attributes("Role"),
			},
		]),
	);

export function listRoleMembers(call, role) {
	if (role !== ADMIN_AGENTS_ROLE) fault(404, 1000, "The role was not found.");
	const members = Object.entries(call.state.world.users).filter(([, user]) =>
		user.groups.some((group) => group.displayName === "AdminAgents"),
	);
	return json(
		200,
		collection(
			members.map(([name, user]) => ({
				id: name,
				displayName: user.name,
				userPrincipalName: name,
				...attributes("UserMember"),
			})),
		),
	);
}
