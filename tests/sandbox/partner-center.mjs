/*
 * partner-center.mjs - the double of the Partner Center API
 *
 * Service requests, managed services and profiles take App+User tokens with MFA only; customers
 * and subscriptions take app-only tokens as well. MS-RequestId is the idempotency key of a write:
 * the same value after a lost answer gives the first answer again, and is wrong after an answer.
 */
import crypto from "node:crypto";
import { Refused, fault, gateway, mfaRequired } from "./partner-answers.mjs";
import * as company from "./partner-company.mjs";
import * as customers from "./partner-customers.mjs";
import { getRequest, listRequests, patchRequest, retired } from "./partner-requests.mjs";
import { isGuid } from "./schema.mjs";
import { readToken } from "./tokens.mjs";

const CHALLENGE = { headers: { "www-authenticate": 'Bearer error="invalid_token"' } };

/* A customer's requests: the customer is looked up first, so that its errors come first. */
const ofCustomer =
	(run) =>
	(call, id, ...rest) => {
		const customer = customers.findServed(call, id);
		return run(call, ...rest, customer.id);
	};

/* method, path, handler, user: App+User only | any: app-only as well | agent: AdminAgents too
 * | nobody: retired */
const routes = [
	["GET", "servicerequests/supporttopics", retired, "nobody"],
	["POST", "servicerequests/{}", retired, "nobody"],
	["GET", "servicerequests", (call) => listRequests(call), "agent"],
	["GET", "servicerequests/{}", (call, id) => getRequest(call, id), "agent"],
	["PATCH", "servicerequests/{}", (call, id) => patchRequest(call, id), "agent"],
	["GET", "customers/{}/servicerequests", ofCustomer(listRequests), "agent"],
	["GET", "customers/{}/servicerequests/{}", ofCustomer(getRequest), "agent"],
	["PATCH", "customers/{}/servicerequests/{}", ofCustomer(patchRequest), "agent"],
	["GET", "customers", customers.listCustomers, "any"],
	["GET", "customers/{}", customers.getCustomer, "any"],
	["GET", "customers/{}/subscriptions", customers.listSubscriptions, "any"],
	["GET", "customers/{}/managedservices", customers.listManagedServices, "agent"],
	["GET", "customers/{}/subscribedskus", customers.listSkus, "user"],
	[
		"GET",
		"customers/{}/subscriptions/{}/supportcontact",
		customers.getSupportContact,
		"user",
	],
	["GET", "customers/{}/relationships", customers.listCustomerRelationships, "user"],
	["GET", "customers/{}/agreements", customers.listCustomerAgreements, "user"],
	["GET", "customers/{}/directoryroles", customers.listDirectoryRoles, "user"],
	["GET", "customers/{}/users/{}/directoryroles", customers.listDirectoryRoles, "user"],
	["GET", "relationships", customers.listRelationships, "user"],
	["GET", "profiles/mpn", company.getMpnProfile, "user"],
	["GET", "profiles/legalbusiness", company.getLegalProfile, "any"],
	["GET", "profiles/support", company.getSupportProfile, "user"],
	["GET", "profiles/organization", company.getOrganizationProfile, "user"],
	["GET", "roles", company.listRoles, "user"],
	["GET", "roles/{}/usermembers", company.listRoleMembers, "user"],
	["GET", "agreements", customers.listAgreements, "any"],
	["GET", "compliance/csp/agreementstatus", company.agreementStatus, "user"],
].map(([method, path, run, who]) => ({ method, steps: ["v1", ...path.split("/")], run, who }));

function findRoute(request) {
	const steps = request.segments;
	const fitting = routes.filter(
		(route) =>
			route.steps.length === steps.length &&
			route.steps.every(
				(step, i) => step === "{}" || step === steps[i].toLowerCase(),
			),
	);
	if (!fitting.length) fault(404, 1000, "The resource was not found.");
	return (
		fitting.find((route) => route.method === request.method) ??
		fault(405, 900141, "The operation is not supported.")
	);
}

function checkHeaders(request) {
	const accept = request.headers.accept ?? "";
	if (!accept.toLowerCase().includes("application/json"))
		request.violation("Accept: application/json is missing");
	for (const name of ["ms-requestid", "ms-correlationid"]) {
		const value = request.headers[name];
		if (value === undefined) request.violation(`${name} is missing`, "advice");
		else if (!isGuid(value)) request.violation(`${name} is not a guid`);
	}
}

function readCaller(state, request) {
	const { token, problem } = readToken(state, request.headers.authorization);
	if (problem === "missing")
		fault(401, 800001, "The partner token is missing from the request.", CHALLENGE);
	if (problem) fault(401, 400, "Access denied.", CHALLENGE);
	if (token.resource === "aad-graph")
		fault(401, 900420, "The token audience is no longer accepted.", CHALLENGE);
	if (token.resource !== "partner-center") {
		request.violation(`a token for ${token.resource} was sent to Partner Center`);
		fault(401, 400, "Access denied.", CHALLENGE);
	}
	if (state.world.tenants[token.tenant]?.kind !== "partner")
		fault(403, 2032, "Access denied: the token is not of a partner's tenant.", {
			data: null,
		});
	return token;
}

/* For app-only tokens both a bare 401 and a 403 with code 900329 have been reported. */
function checkRights(state, token, who) {
	if (who === "any") return;
	if (!token.user && state.settings.partner_center.app_only === "900329")
		fault(403, 900329, "This call does not take app-only tokens.");
	if (!token.user || !token.mfa) mfaRequired();
	const groups = state.world.users[token.user]?.groups ?? [];
	if (who === "agent" && !groups.some((g) => g.displayName.toLowerCase() === "adminagents"))
		fault(
			403,
			900150,
			"The supplied role does not have the rights to perform the requested " +
				"operation",
		);
}

const digest = (request) =>
	crypto
		.createHash("sha256")
		.update(`${request.method} ${request.url}\n${request.text}`)
		.digest("hex");

/* Writes only: the work is done once for each MS-RequestId. */
function onlyOnce(state, request, run) {
	const id = request.headers["ms-requestid"];
	if (request.method === "GET" || !isGuid(id)) return run();
	const before = state.answered[id];
	if (!before) {
		const answer = run();
		state.answered[id] = { digest: digest(request), answer, delivered: false };
		return answer;
	}
	if (before.digest !== digest(request))
		request.violation("MS-RequestId was used again for another request");
	else if (before.delivered)
		request.violation("MS-RequestId was used again after its answer");
	return before.answer;
}

function run(sandbox, request) {
	const { state } = sandbox;
	checkHeaders(request);
	const route = findRoute(request);
	/* nobody may call it, so it is told and counted whatever token comes along */
	if (route.who === "nobody") return route.run({ state, request });
	const token = readCaller(state, request);
	checkRights(state, token, route.who);
	const names = request.segments.filter((_, i) => route.steps[i] === "{}");
	return onlyOnce(state, request, () =>
		route.run({ sandbox, state, request, token }, ...names),
	);
}

export function partnerCenter(sandbox) {
	const handle = async (request) => {
		let answer;
		try {
			answer = run(sandbox, request);
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			answer = error.answer;
		}
		const echo = {
			"ms-requestid": request.headers["ms-requestid"] ?? crypto.randomUUID(),
			"ms-correlationid":
				request.headers["ms-correlationid"] ?? crypto.randomUUID(),
			"ms-cv": "sandbox.0",
			"ms-serverid": "sandbox",
		};
		return { ...answer, headers: { ...echo, ...answer.headers } };
	};
	const delivered = (request) => {
		const record = sandbox.state.answered[request.headers["ms-requestid"]];
		if (record) record.delivered = true;
	};
	const failure = (status) =>
		status === 429
			? gateway(57)
			: {
					code: 800003,
					description: "Unexpected service error.",
					data: [],
					source: "PartnerFD",
				};
	return { name: "partner_center", handle, delivered, failure };
}
