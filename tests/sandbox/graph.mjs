/*
 * graph.mjs - the double of the few Microsoft Graph calls that a partner needs
 *
 * Delegated admin relationships with their access assignments, service management details of a
 * customer, group membership of the signed-in user. Missing rights show as 200 with an empty list
 * where the real service does so by design.
 */
import crypto from "node:crypto";
import { isGuid } from "./schema.mjs";
import { json } from "./server.mjs";
import { readToken } from "./tokens.mjs";

const ROOT = "/v1.0/tenantRelationships";
const MANAGEMENT = "serviceManagementDetails";
const CONTEXT = "https://graph.microsoft.com/v1.0/tenantRelationships/$metadata#";
const MOST_TOP = 300;

class Refused extends Error {
	constructor(status, code, message) {
		super(message);
		Object.assign(this, { status, code });
	}
}

function errorBody(request, code, message) {
	return {
		error: {
			code,
			message,
			innerError: {
				date: new Date().toISOString().slice(0, 19),
				"request-id": crypto.randomUUID(),
				"client-request-id":
					request?.headers["client-request-id"] ??
					crypto.randomUUID(),
			},
		},
	};
}

function readCaller(state, request) {
	const { token, problem } = readToken(state, request.headers.authorization);
	if (problem)
		throw new Refused(
			401,
			"InvalidAuthenticationToken",
			"Access token is empty or invalid.",
		);
	if (token.resource !== "graph") {
		request.violation(`a token for ${token.resource} was sent to Microsoft Graph`);
		throw new Refused(401, "InvalidAuthenticationToken", "Invalid audience.");
	}
	if (!token.user)
		throw new Refused(
			403,
			"Authorization_RequestDenied",
			"Insufficient privileges to complete the operation.",
		);
	return { ...token, groups: state.world.users[token.user]?.groups ?? [] };
}

const isAgent = (caller) =>
	caller.groups.some((g) => g.displayName.toLowerCase() === "adminagents");
const roles = (ids) => ({ unifiedRoles: ids.map((id) => ({ roleDefinitionId: id })) });

function relationship(tenantId, customer, one) {
	const isResold = one.provider !== null;
	const isActive = one.status === "active";
	const kind = isResold ? "resellerDelegatedAdminRelationship" : "delegatedAdminRelationship";
	return {
		"@odata.type": `#microsoft.graph.${kind}`,
		"@odata.etag": 'W/"sandbox"',
		id: one.id,
		displayName: one.name,
		duration: "P730D",
		customer: { tenantId, displayName: customer.company },
		accessDetails: roles(one.roles),
		status: one.status,
		autoExtendDuration: "P180D",
		createdDateTime: "2024-01-10T12:00:00Z",
		lastModifiedDateTime: "2024-01-11T09:30:00.1234567Z",
		activatedDateTime: isActive ? "2024-01-11T09:30:00Z" : null,
		endDateTime: isActive ? (one.end ?? "2099-01-10T09:30:00Z") : null,
		...(isResold && {
			isPartnerConsentPending: !isActive,
			indirectProviderTenantId: one.provider,
		}),
	};
}

function allRelationships(state, caller) {
	if (!isAgent(caller)) return [];
	return Object.entries(state.world.customers).flatMap(([id, customer]) =>
		customer.gdap.map((one) => relationship(id, customer, one)),
	);
}

function filtered(list, filter) {
	if (filter === null) return list;
	return filter.split(" and ").reduce((rest, clause) => {
		const parts = /^(status|customer\/tenantId) eq '([^']*)'$/.exec(clause.trim());
		if (!parts)
			throw new Refused(
				400,
				"Request_UnsupportedQuery",
				"Unsupported or invalid query filter.",
			);
		return rest.filter(
			(one) =>
				parts[2] ===
				(parts[1] === "status" ? one.status : one.customer.tenantId),
		);
	}, list);
}

function listRelationships(call) {
	const { query } = call.request;
	const top = Number(query.get("$top") ?? MOST_TOP);
	if (!Number.isInteger(top) || top < 1 || top > MOST_TOP)
		throw new Refused(400, "Request_BadRequest", `$top is not 1 to ${MOST_TOP}.`);
	const skip = Number(query.get("$skipToken") ?? 0) || 0;
	const all = filtered(allRelationships(call.state, call.caller), query.get("$filter"));
	const body = {
		"@odata.context": `${CONTEXT}delegatedAdminRelationships`,
		value: all.slice(skip, skip + top),
	};
	if (skip + top < all.length) {
		const next = new URLSearchParams(query);
		next.set("$skipToken", skip + top);
		body["@odata.nextLink"] =
			`${call.sandbox.urls.graph}${ROOT}/delegatedAdminRelationships?${next}`;
	}
	return json(200, body);
}

const notFound = (what) => {
	throw new Refused(404, "Request_ResourceNotFound", `Resource '${what}' does not exist.`);
};

const getRelationship = (call, id) =>
	json(
		200,
		allRelationships(call.state, call.caller).find((one) => one.id === id) ??
			notFound(id),
	);

function listAssignments(call, id) {
	const found = Object.values(call.state.world.customers)
		.flatMap((one) => one.gdap)
		.find((one) => one.id === id);
	const shown = isAgent(call.caller) ? (found ?? notFound(id)).assignments : [];
	return json(200, {
		"@odata.context": `${CONTEXT}delegatedAdminRelationships/${id}/accessAssignments`,
		value: shown.map((one) => ({
			"@odata.type": "#microsoft.graph.delegatedAdminAccessAssignment",
			id: one.id,
			status: one.status,
			accessDetails: roles(one.roles),
			accessContainer: {
				accessContainerId: one.group,
				accessContainerType: "securityGroup",
			},
			createdDateTime: "2024-01-11T09:40:00Z",
			lastModifiedDateTime: "2024-01-11T09:41:00Z",
		})),
	});
}

/* Takes no OData query. A customer without an active relationship gives 200 and nothing. */
function listManagement(call, tenant) {
	if ([...call.request.query.keys()].some((key) => key.startsWith("$"))) {
		call.request.violation("serviceManagementDetails takes no OData query");
		throw new Refused(
			400,
			"Request_UnsupportedQuery",
			"Query options are not supported.",
		);
	}
	if (!isGuid(tenant))
		throw new Refused(400, "Request_BadRequest", "Invalid object identifier.");
	const customer = call.state.world.customers[tenant.toLowerCase()];
	const isAllowed =
		isAgent(call.caller) && customer?.gdap.some((one) => one.status === "active");
	const links = isAllowed ? customer.service_management : [];
	return json(200, {
		"@odata.context": `${CONTEXT}delegatedAdminCustomers/${tenant}/${MANAGEMENT}`,
		value: links.map(([serviceName, url], i) => ({
			"@odata.type": "#microsoft.graph.delegatedAdminServiceManagementDetail",
			id: `00000000-0000-4000-8000-000000000e${String(i + 1).padStart(2, "0")}`,
			serviceName,
			serviceManagementUrl: url
				.replace("{domain}", customer.domain)
				.replace("{tenant}", tenant),
		})),
	});
}

function listMemberOf(call) {
	return json(200, {
		"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects",
		value: call.caller.groups.map((group) => ({
			"@odata.type": "#microsoft.graph.group",
			...group,
		})),
	});
}

const getMe = (call) =>
	json(200, {
		id: "00000000-0000-4000-8000-0000000000b1",
		displayName: call.state.world.users[call.caller.user].name,
		userPrincipalName: call.caller.user,
	});

const routes = [
	["tenantRelationships/delegatedAdminRelationships", listRelationships],
	["tenantRelationships/delegatedAdminRelationships/{}", getRelationship],
	["tenantRelationships/delegatedAdminRelationships/{}/accessAssignments", listAssignments],
	["tenantRelationships/delegatedAdminCustomers/{}/serviceManagementDetails", listManagement],
	["me", getMe],
	["me/memberOf", listMemberOf],
].map(([path, run]) => ({ steps: `v1.0/${path}`.toLowerCase().split("/"), run }));

function run(sandbox, request) {
	const { state } = sandbox;
	const caller = readCaller(state, request);
	const steps = request.segments;
	const route = routes.find(
		(one) =>
			one.steps.length === steps.length &&
			one.steps.every(
				(step, i) => step === "{}" || step === steps[i].toLowerCase(),
			),
	);
	if (!route) notFound(request.path);
	if (request.method !== "GET")
		throw new Refused(405, "Request_BadRequest", "Only GET is doubled here.");
	const names = steps.filter((_, i) => route.steps[i] === "{}");
	return route.run({ sandbox, state, request, caller }, ...names);
}

export function graph(sandbox) {
	const handle = async (request) => {
		try {
			return run(sandbox, request);
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			return json(error.status, errorBody(request, error.code, error.message));
		}
	};
	const failure = (status) =>
		errorBody(
			null,
			status === 429 ? "TooManyRequests" : "ServiceError",
			`The sandbox was told to answer ${status}.`,
		);
	return { name: "graph", handle, failure };
}
