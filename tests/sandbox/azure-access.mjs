/*
 * azure-access.mjs - who may do this at Azure Resource Manager
 *
 * In the order of ARM: is there a token for this audience, does the subscription exist, is the
 * token of its owner's tenant, has the caller a role. On behalf of a customer a second token, of
 * the partner's tenant, comes in x-ms-authorization-auxiliary.
 */
import { refuse } from "./azure-answers.mjs";
import { isGuid } from "./schema.mjs";
import { readToken } from "./tokens.mjs";

const CHALLENGE = { "www-authenticate": 'Bearer authorization_uri="/", error="invalid_token"' };
const WRITERS = ["Owner", "Contributor", "Support Request Contributor"];
const MOST_AUXILIARY = 3;

const unauthorized = (code, message) => refuse(401, code, message, CHALLENGE);

export function primaryToken(state, request) {
	const { token, problem } = readToken(state, request.headers.authorization);
	if (problem === "missing")
		unauthorized(
			"AuthenticationFailed",
			"Authentication failed. The 'Authorization' header is " + "missing.",
		);
	if (problem === "expired")
		unauthorized(
			"ExpiredAuthenticationToken",
			"The access token expiry UTC time is earlier than " + "current UTC time.",
		);
	if (problem) unauthorized("InvalidAuthenticationToken", "The access token is invalid.");
	if (token.resource !== "arm") {
		request.violation(
			`a token for ${token.resource} was sent to Azure Resource Manager`,
		);
		unauthorized(
			"InvalidAuthenticationTokenAudience",
			"The access token has been obtained for " + "wrong audience or resource.",
		);
	}
	return token;
}

const callerOf = (token) => token.user ?? token.client;

export function subscriptionScope(state, token, id, mayWrite) {
	if (!isGuid(id))
		refuse(
			400,
			"InvalidSubscriptionId",
			`The provided subscription identifier '${id}' is malformed ` +
				"or invalid.",
		);
	const key = Object.keys(state.world.subscriptions).find((one) => one === id.toLowerCase());
	const subscription = key && state.world.subscriptions[key];
	if (!subscription)
		refuse(404, "SubscriptionNotFound", `The subscription '${id}' could not be found.`);
	if (token.tenant !== subscription.owner)
		unauthorized(
			"InvalidAuthenticationTokenTenant",
			"The access token is from the wrong issuer. " +
				`It must match the subscription's '${subscription.owner}'.`,
		);
	const role = subscription.access[callerOf(token)];
	if (!role || (mayWrite && !WRITERS.includes(role)))
		refuse(
			403,
			"AuthorizationFailed",
			`The client '${callerOf(token)}' does not have ` +
				`authorization to perform action over '/subscriptions/${id}'.`,
		);
	return {
		key: `subscription ${key}`,
		prefix: `/subscriptions/${id}`,
		subscription,
		id: key,
	};
}

/* At tenant scope an administrator's role counts. Whether a service principal may create there is
 * not documented; the default world lets it. */
export function tenantScope(state, token, mayWrite) {
	const tenant = state.world.tenants[token.tenant];
	if (mayWrite && !tenant?.support_admins.includes(callerOf(token)))
		refuse(
			403,
			"AuthorizationFailed",
			`The client '${callerOf(token)}' does not have ` +
				"authorization to perform this action at tenant scope.",
		);
	return { key: `tenant ${token.tenant}`, prefix: "", subscription: null, id: null };
}

/* The tenants that auxiliary tokens prove; each token must be valid, one bad one fails the call. */
export function auxiliaryTenants(state, request) {
	const header = request.headers["x-ms-authorization-auxiliary"];
	if (header === undefined) return [];
	const parts = header.split(",").map((part) => part.trim());
	if (parts.length > MOST_AUXILIARY)
		refuse(
			400,
			"InvalidAuxiliaryTokens",
			"At most three auxiliary tokens are allowed.",
		);
	return parts.map((part) => {
		const { token, problem } = readToken(state, part);
		if (problem === "expired")
			unauthorized(
				"ExpiredAuthenticationToken",
				"An auxiliary token has expired: client " +
					`'${token.client}', tenant '${token.tenant}'.`,
			);
		if (problem || token.resource !== "arm")
			unauthorized(
				"InvalidAuthenticationToken",
				"An auxiliary access token is invalid.",
			);
		return token.tenant;
	});
}
