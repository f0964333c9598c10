/*
 * entra.mjs - the double of the Entra ID token endpoint, v2.0 and v1
 *
 * POST /{tenant}/oauth2/v2.0/token and /{tenant}/oauth2/token, form-encoded. Grants:
 * client_credentials with a secret or a certificate, and refresh_token. Errors are JSON with an
 * AADSTS number in error_codes; a client decides on `error`.
 */
import crypto from "node:crypto";
import { assertionProblem } from "./assertion.mjs";
import { bump, json } from "./server.mjs";
import { issueAccess, issueRefresh, redeemRefresh, resourceOf } from "./tokens.mjs";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const OPENID_SCOPES = ["openid", "profile", "email", "offline_access"];
const NO_STORE = { "cache-control": "no-store, no-cache", pragma: "no-cache" };

class Refusal extends Error {
	constructor(error, code, text, status = 400) {
		super(text);
		Object.assign(this, { error, code, status });
	}
}

function errorBody(error, code, text) {
	const trace = crypto.randomUUID();
	const correlation = crypto.randomUUID();
	const timestamp = new Date().toISOString().replace("T", " ").replace(/\.\d+/, "");
	return {
		error,
		error_codes: [code],
		timestamp,
		trace_id: trace,
		correlation_id: correlation,
		error_description:
			`AADSTS${code}: ${text}\r\nTrace ID: ${trace}\r\n` +
			`Correlation ID: ${correlation}\r\nTimestamp: ${timestamp}`,
	};
}

function readForm(request) {
	if (request.method !== "POST")
		throw new Refusal(
			"invalid_request",
			900561,
			"The endpoint only accepts POST requests.",
		);
	const type = request.headers["content-type"] ?? "";
	if (!type.toLowerCase().startsWith("application/x-www-form-urlencoded")) {
		request.violation(`the token request is ${type || "untyped"}, not form-encoded`);
		throw new Refusal(
			"invalid_request",
			900144,
			"The request body must be form-encoded.",
		);
	}
	const form = new URLSearchParams(request.text);
	for (const key of new Set(form.keys())) {
		if (form.getAll(key).length > 1)
			throw new Refusal(
				"invalid_request",
				9002012,
				`The parameter ${key} is given twice.`,
			);
	}
	if (request.query.has("client_secret") || request.query.has("refresh_token"))
		request.violation("a secret stands in the URL");
	return form;
}

function need(form, name) {
	const value = form.get(name);
	if (!value)
		throw new Refusal(
			"invalid_request",
			900144,
			`The request body must contain '${name}'.`,
		);
	return value;
}

function findTenant(world, name) {
	const wanted = name.toLowerCase();
	const id = Object.keys(world.tenants).find(
		(one) =>
			one.toLowerCase() === wanted ||
			world.tenants[one].domain.toLowerCase() === wanted,
	);
	if (["common", "consumers", "organizations"].includes(wanted))
		throw new Refusal(
			"invalid_request",
			9001023,
			"The grant type is not supported over " +
				`the /${wanted} endpoint. Please use the tenant-specific endpoint.`,
		);
	if (!id) throw new Refusal("invalid_request", 90002, `Tenant '${name}' not found.`);
	return id;
}

function findApp(world, tenant, clientId) {
	const app = Object.hasOwn(world.apps, clientId) ? world.apps[clientId] : null;
	if (!app || !app.tenants.includes(tenant))
		throw new Refusal(
			"unauthorized_client",
			700016,
			`Application '${clientId}' was not found in the directory '${tenant}'.`,
		);
	if (app.disabled)
		throw new Refusal(
			"unauthorized_client",
			7000112,
			`Application '${clientId}' is disabled.`,
		);
	return app;
}

function checkAssertion(sandbox, request, form, app, clientId) {
	if (form.get("client_assertion_type") !== ASSERTION_TYPE)
		throw new Refusal(
			"invalid_request",
			900144,
			"client_assertion_type is wrong or missing.",
		);
	const problem = assertionProblem(form.get("client_assertion"), {
		clientId,
		certificates: app.certificates,
		used: sandbox.state.used_assertions,
		audience: sandbox.urls.login + request.path,
	});
	if (problem) {
		request.violation(`client assertion refused: ${problem[1]}`);
		throw new Refusal("invalid_client", problem[0], problem[1], 401);
	}
}

function checkClient(sandbox, request, form, app, clientId) {
	if (form.has("client_assertion"))
		return checkAssertion(sandbox, request, form, app, clientId);
	const secret = form.get("client_secret");
	if (!secret)
		throw new Refusal(
			"invalid_client",
			7000218,
			"The request body must contain 'client_assertion' or 'client_secret'.",
			401,
		);
	if (secret !== app.secret)
		throw new Refusal(
			"invalid_client",
			7000215,
			"Invalid client secret provided.",
			401,
		);
	if (app.secret_expired)
		throw new Refusal(
			"invalid_client",
			7000222,
			"The provided client secret is expired.",
			401,
		);
}

/* One request names one resource. v1 has it in `resource`, v2 in the scopes. */
function readResource(sandbox, form, isV1, grant) {
	if (isV1) {
		const resource = resourceOf(need(form, "resource"), sandbox.urls);
		if (!resource)
			throw new Refusal(
				"invalid_resource",
				500011,
				"The resource principal was not found.",
			);
		return { resource, scopes: (form.get("scope") ?? "").split(" ") };
	}
	const scopes = need(form, "scope").split(" ").filter(Boolean);
	const apiScopes = scopes.filter((scope) => !OPENID_SCOPES.includes(scope));
	const resources = new Set(apiScopes.map((scope) => resourceOf(scope, sandbox.urls)));
	if (resources.has(null))
		throw new Refusal(
			"invalid_resource",
			500011,
			"The resource principal was not found.",
		);
	if (resources.size !== 1)
		throw new Refusal("invalid_scope", 70011, "One request names one resource.");
	if (grant === "client_credentials" && !apiScopes.every((s) => s.endsWith("/.default")))
		throw new Refusal(
			"invalid_scope",
			70011,
			"Client credentials need the scope /.default.",
		);
	return { resource: [...resources][0], scopes };
}

function redeem(state, form, clientId) {
	const record = redeemRefresh(state, need(form, "refresh_token"));
	const user = record && state.world.users[record.user];
	if (!user || user.client !== clientId)
		throw new Refusal(
			"invalid_grant",
			70000,
			"The refresh token is invalid or has been replaced.",
		);
	if (user.refresh_expired)
		throw new Refusal(
			"invalid_grant",
			700082,
			"The refresh token has expired due to inactivity.",
		);
	if (user.interaction_required)
		throw new Refusal(
			"interaction_required",
			50076,
			"You must use multi-factor authentication.",
		);
	return { record, user };
}

function lifetime(state, app) {
	return Math.min(3599, Math.max(1, app.expires_in ?? state.settings.entra.expires_in));
}

function answerUser(sandbox, form, grant, scopes, isV1) {
	const { record, user } = redeem(sandbox.state, form, grant.client);
	const access = issueAccess(
		sandbox.state,
		{ ...grant, user: record.user, mfa: user.mfa },
		grant.seconds,
	);
	const answer = {
		scope: isV1 ? "user_impersonation" : scopes.join(" "),
		access_token: access,
	};
	/* v2 gives a new refresh token only with offline_access; v1 always */
	if (isV1 || scopes.includes("offline_access"))
		answer.refresh_token = issueRefresh(sandbox.state, record.user, record.family);
	if (scopes.includes("openid")) answer.id_token = `SANDBOX-TOKEN-id-${crypto.randomUUID()}`;
	return answer;
}

/* v1 writes every number as text. */
function finish(answer, seconds, isV1, form) {
	const v2 = {
		token_type: "Bearer",
		expires_in: seconds,
		ext_expires_in: seconds,
		...answer,
	};
	if (!isV1) return v2;
	const now = Math.floor(Date.now() / 1000);
	return {
		...v2,
		expires_in: String(seconds),
		ext_expires_in: String(seconds),
		expires_on: String(now + seconds),
		not_before: String(now - 300),
		resource: form.get("resource"),
	};
}

function grantToken(sandbox, request, tenantName, isV1) {
	const { state } = sandbox;
	const form = readForm(request);
	const kind = need(form, "grant_type");
	const tenant = findTenant(state.world, tenantName);
	const clientId = need(form, "client_id");
	if (!["client_credentials", "refresh_token"].includes(kind))
		throw new Refusal(
			"unsupported_grant_type",
			70003,
			`The grant type '${kind}' is not supported.`,
		);
	const app = findApp(state.world, tenant, clientId);
	checkClient(sandbox, request, form, app, clientId);
	const { resource, scopes } = readResource(sandbox, form, isV1, kind);
	bump(state.counts.token_requests, `${tenant} ${kind} ${resource}`);
	const seconds = lifetime(state, app);
	const grant = { tenant, resource, client: clientId, seconds };
	const answer =
		kind === "refresh_token"
			? answerUser(sandbox, form, grant, scopes, isV1)
			: {
					access_token: issueAccess(
						state,
						{ ...grant, user: null, mfa: false },
						seconds,
					),
				};
	return json(200, finish(answer, seconds, isV1, form), NO_STORE);
}

export function entra(sandbox) {
	const handle = async (request) => {
		const path = /^\/([^/]+)\/oauth2\/(v2\.0\/)?token$/i.exec(request.path);
		if (!path)
			return json(404, errorBody("invalid_request", 900023, "Unknown endpoint."));
		try {
			return grantToken(sandbox, request, decodeURIComponent(path[1]), !path[2]);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			const body = errorBody(error.error, error.code, error.message);
			return json(error.status, body, NO_STORE);
		}
	};
	const failure = (status) =>
		status >= 500 || status === 429
			? errorBody(
					"temporarily_unavailable",
					90033,
					"A transient error has occurred.",
				)
			: errorBody("invalid_request", 900144, "The request was refused.");
	return { name: "login", handle, failure };
}
