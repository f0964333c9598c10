/*
 * client.mjs - what the tests of the sandbox speak to it with: bare node:http, so that cuts, raw
 * headers and byte order marks are seen as they are
 */
import http from "node:http";
import { CLIENT, FABRIKAM, OWN_SUBSCRIPTION, PARTNER } from "./world.mjs";
import { startSandbox } from "./start.mjs";

/* Resolves to { status, reason, headers, text, body }; rejects if the connection is cut. */
export function send(url, { method = "GET", headers = {}, body } = {}) {
	return new Promise((resolve, reject) => {
		const isObject = body !== undefined && typeof body !== "string";
		const bytes = Buffer.from(isObject ? JSON.stringify(body) : (body ?? ""));
		const all = { ...(isObject && { "content-type": "application/json" }), ...headers };
		if (bytes.length || method === "PUT" || method === "POST")
			all["content-length"] = bytes.length;
		const request = http.request(
			url,
			{ method, headers: all, agent: false },
			(answer) => {
				const chunks = [];
				answer.on("data", (chunk) => chunks.push(chunk));
				answer.on("error", reject);
				answer.on("end", () =>
					resolve(
						read(
							answer,
							Buffer.concat(chunks).toString("utf8"),
						),
					),
				);
			},
		);
		request.on("error", reject);
		request.end(bytes);
	});
}

function read(answer, text) {
	let body = null;
	try {
		body = JSON.parse(text.replace(/^\uFEFF/, ""));
	} catch {
		/* empty or damaged on purpose */
	}
	const { statusCode: status, statusMessage: reason, headers, rawHeaders } = answer;
	return { status, reason, headers, rawHeaders, text, body };
}

export async function start(t, options) {
	const sandbox = await startSandbox(options);
	t.after(() => sandbox.end());
	const { urls } = sandbox;
	const control = (method, path, body) => send(`${urls.control}/${path}`, { method, body });
	return {
		sandbox,
		urls,
		control,
		set: (settings) => control("PATCH", "settings", settings),
		world: (change) => control("PATCH", "world", change),
		fault: (script) => control("POST", "faults", script),
		counts: async () => (await control("GET", "counts")).body,
		violations: async () =>
			(await control("GET", "violations")).body.filter(
				(one) => one.grade === "broken",
			),
	};
}

export function tokenRequest(s, fields, tenant = PARTNER, version = "v2.0/") {
	return send(`${s.urls.login}/${tenant}/oauth2/${version}token`, {
		method: "POST",
		headers: { "content-type": "application/x-www-form-urlencoded" },
		body: new URLSearchParams({ client_id: CLIENT, ...fields }).toString(),
	});
}

export const SECRET = { client_secret: "SANDBOX-SECRET-client" };
const ARM = { scope: "https://management.azure.com/.default" };

export async function appToken(s, tenant = PARTNER, fields = ARM) {
	const answer = await tokenRequest(
		s,
		{ grant_type: "client_credentials", ...SECRET, ...fields },
		tenant,
	);
	return answer.body.access_token;
}

export async function userToken(s, scope, tenant = PARTNER) {
	const answer = await tokenRequest(
		s,
		{
			grant_type: "refresh_token",
			refresh_token: "SANDBOX-SECRET-refresh-0",
			scope,
			...SECRET,
		},
		tenant,
	);
	return answer.body.access_token;
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` });

const PROVIDER = "/providers/Microsoft.Support";
const SERVICE = "/providers/Microsoft.Support/services/517f2da6-78fd-0498-4e22-ad26996b1dfc";

/* A billing ticket as an official client sent it. */
export function ticket(classification, changes = {}) {
	return {
		properties: {
			serviceId: SERVICE,
			problemClassificationId: classification,
			title: "test ticket",
			description: "test ticket",
			severity: "minimal",
			advancedDiagnosticConsent: "no",
			contactDetails: {
				firstName: "test",
				lastName: "test",
				preferredContactMethod: "email",
				primaryEmailAddress: "test@example.com",
				preferredTimeZone: "Pacific Standard Time",
				country: "usa",
				preferredSupportLanguage: "en-US",
			},
			...changes,
		},
	};
}

/* An Azure caller: paths below the provider, at a subscription or at tenant scope. */
export async function azureCaller(s, { subscription = OWN_SUBSCRIPTION, token } = {}) {
	const mine = token ?? (await appToken(s));
	const prefix = subscription ? `/subscriptions/${subscription}` : "";
	const call = (method, path, { body, headers = {}, query = "" } = {}) =>
		send(`${s.urls.azure}${prefix}${PROVIDER}/${path}?api-version=2024-04-01${query}`, {
			method,
			body,
			headers: {
				...bearer(mine),
				"x-ms-client-request-id": "77777777-7777-7777-7777-777777777777",
				...headers,
			},
		});
	const list = await send(
		`${s.urls.azure}${SERVICE}/problemClassifications?api-version=2024-04-01`,
		{ headers: bearer(mine) },
	);
	const classification = list.body?.value?.[0].id;
	const poll = (url) => send(url, { headers: bearer(mine) });
	return {
		call,
		poll,
		token: mine,
		classification,
		prefix,
		billing: (changes) => ticket(classification, changes),
	};
}

/* Puts a ticket and polls it to its end; resolves to the last poll. */
export async function createTicket(caller, name, body = caller.billing(), headers = {}) {
	const put = await caller.call("PUT", `supportTickets/${name}`, { body, headers });
	if (put.status !== 202) return put;
	for (;;) {
		const poll = await caller.poll(put.headers["azure-asyncoperation"]);
		if (["Succeeded", "Failed", "Canceled"].includes(poll.body.status)) return poll;
	}
}

export { CLIENT, FABRIKAM, OWN_SUBSCRIPTION, PARTNER };
