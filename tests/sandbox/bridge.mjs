/*
 * bridge.mjs - the double of an operator's own endpoint for Support for Business
 *
 * That portal has no API: the bridge is a protocol of ours. An incident is spent when a ticket is
 * opened and never when none is left; the key in the path makes a retry the same request.
 */
import crypto from "node:crypto";
import { nextNumber } from "./azure-tickets.mjs";
import { bump, json } from "./server.mjs";

const MOST_ID = 128;
const KEY = /^[\w.~-]{1,128}$/;

class Refused extends Error {
	constructor(status, title, detail) {
		super(detail);
		Object.assign(this, { status, title });
	}
}

const problem = (status, title, detail) =>
	json(
		status,
		{ type: "about:blank", title, status, detail },
		{ "content-type": "application/problem+json" },
	);

const refused = (code, reason) => ({ result: "refused", reason, code });
const digest = (text) => crypto.createHash("sha256").update(text).digest("hex");

function readObject(request) {
	const type = (request.headers["content-type"] ?? "").toLowerCase();
	if (!/^application\/json\s*(;|$)/.test(type)) {
		request.violation(`the body is ${type || "untyped"}, not application/json`);
		throw new Refused(
			415,
			"Unsupported Media Type",
			"The body is not application/json.",
		);
	}
	const body = request.json();
	if (body === null || typeof body !== "object" || Array.isArray(body)) {
		request.violation("the body is not a JSON object");
		throw new Refused(400, "Bad Request", "The body is not a JSON object.");
	}
	return body;
}

function needText(request, body, name) {
	const value = body[name];
	if (typeof value !== "string" || value === "") {
		request.violation(`${name} is not a text with content`);
		throw new Refused(400, "Bad Request", `${name} is missing.`);
	}
	return value;
}

const contractOf = (state, id) =>
	Object.hasOwn(state.world.contracts, id) ? state.world.contracts[id] : null;
const hasEnded = (contract) => contract.end < new Date().toISOString().slice(0, 10);

/* The codes are the ones a person could report for the same page. */
function planProblem(state, contractId, account) {
	const contract = contractOf(state, contractId);
	if (!contract || !contract.linked.includes(account))
		return refused("plan_absent", "No such plan is linked to this account.");
	if (hasEnded(contract)) return refused("unavailable_expired", "The contract has ended.");
	if (contract.remaining !== "unlimited" && contract.remaining < 1)
		return refused("unavailable_depleted", "No incidents remain.");
	return null;
}

/* The one place where an incident is spent. */
export function openIncident(state, entry) {
	const { contract: id, account } = entry;
	const why = id === null ? null : planProblem(state, id, account);
	if (why) return why;
	if (id !== null) {
		const contract = contractOf(state, id);
		if (contract.remaining !== "unlimited") contract.remaining--;
		bump(state.counts.incidents, id);
	}
	const ticket = nextNumber(state);
	state.bridge.tickets[ticket] = { state: "open", detail: "", key: entry.key };
	return { result: "opened", ticket };
}

function decide(state, entry) {
	const { mode, refusal } = state.settings.bridge;
	if (mode === "refuse") return { result: "refused", ...refusal };
	if (mode === "queue") return { result: "queued" };
	return openIncident(state, entry);
}

function checkKey(request, key) {
	if (!KEY.test(key))
		throw new Refused(
			400,
			"Bad Request",
			"The key is not 1 to 128 letters, digits, . _ ~ or -.",
		);
	const header = request.headers["idempotency-key"];
	if (header === undefined) request.violation("Idempotency-Key is missing", "advice");
	else if (header.replace(/^"|"$/g, "") !== key)
		request.violation("Idempotency-Key differs from the key in the path");
}

/* Same key and same body: the first answer. Same key and another body: 422. A refusal opened
 * nothing, so the key may be tried again after one. */
function putRequest(state, request, key) {
	checkKey(request, key);
	const body = readObject(request);
	const title = needText(request, body, "title");
	const account = needText(request, body, "account");
	const contract = typeof body.contract === "string" ? body.contract : null;
	bump(state.counts.puts, `bridge ${key}`);
	const before = state.bridge.requests[`/${key}`];
	if (before && before.answer.result !== "refused") {
		bump(state.counts.duplicate_puts, `bridge ${key}`);
		return before.digest === digest(request.text)
			? json(200, before.answer)
			: problem(
					422,
					"Unprocessable Content",
					"The key was used with another body.",
				);
	}
	const entry = { key, title, account, contract, digest: digest(request.text) };
	entry.answer = decide(state, entry);
	state.bridge.requests[`/${key}`] = entry;
	if (entry.answer.result === "opened") bump(state.counts.creates, `bridge ${key}`);
	return json(entry.answer.result === "opened" ? 201 : 200, entry.answer);
}

const missing = (what) => problem(404, "Not Found", `${what} is not known.`);

function getRequest(state, request, key) {
	const entry = state.bridge.requests[`/${key}`];
	return entry ? json(200, entry.answer) : missing(`request ${key}`);
}

function idProblem(value) {
	const isBad =
		value.trim() === "" ||
		/[\u0000-\u001f\u007f]/.test(value) ||
		Buffer.byteLength(value) > MOST_ID;
	return isBad
		? refused("add_error", "An id is empty, too long or has control characters.")
		: null;
}

function linkOutcome(state, { account, accessId, contractId }) {
	const bad = idProblem(accessId) ?? idProblem(contractId);
	if (bad) return bad;
	/* byte by byte: the ids are opaque */
	const found = Object.entries(state.world.contracts).find(
		([, one]) => one.access_id === accessId && one.contract_id === contractId,
	);
	if (!found) return refused("add_error", "These ids are not accepted.");
	const [id, contract] = found;
	const seen = { end: contract.end, remaining: contract.remaining };
	if (contract.linked.includes(account)) return { result: "already_associated", ...seen };
	contract.linked.push(account);
	bump(state.counts.links_made, `${id} ${account}`);
	return { result: "linked", ...seen };
}

function postLink(state, request) {
	const body = readObject(request);
	const link = {
		account: needText(request, body, "account"),
		accessId: needText(request, body, "access_id"),
		contractId: needText(request, body, "contract_id"),
	};
	const key = request.headers["idempotency-key"];
	if (key === undefined) request.violation("Idempotency-Key is missing", "advice");
	const before = key && state.bridge.links[`/${key}`];
	if (before && before.digest !== digest(request.text))
		return problem(422, "Unprocessable Content", "The key was used with another body.");
	bump(state.counts.links_asked, `${body.contract ?? "?"} ${link.account}`);
	if (before) return json(200, before.answer);
	const answer = linkOutcome(state, link);
	if (key) state.bridge.links[`/${key}`] = { digest: digest(request.text), answer };
	return json(200, answer);
}

/* A probe reads and never creates; it says so. */
function getRemaining(state, request, id) {
	const account = request.query.get("account");
	if (!account) throw new Refused(400, "Bad Request", "account is missing.");
	const contract = contractOf(state, id);
	if (!contract) return missing(`contract ${id}`);
	const plans = contract.linked.includes(account)
		? [{ plan: contract.plan, end: contract.end, remaining: contract.remaining }]
		: [];
	return json(200, { plans, created: false });
}

function getTicket(state, request, number) {
	const ticket = Object.hasOwn(state.bridge.tickets, number)
		? state.bridge.tickets[number]
		: null;
	return ticket
		? json(200, { state: ticket.state, detail: ticket.detail })
		: missing(`ticket ${number}`);
}

const routes = [
	["PUT", ["v1", "requests", "{}"], putRequest],
	["GET", ["v1", "requests", "{}"], getRequest],
	["POST", ["v1", "links"], postLink],
	["GET", ["v1", "contracts", "{}", "remaining"], getRemaining],
	["GET", ["v1", "tickets", "{}"], getTicket],
];

function run(state, request) {
	const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
	if (bearer !== state.world.bridge.token)
		return {
			...problem(401, "Unauthorized", "The bearer token is missing or wrong."),
			headers: {
				"content-type": "application/problem+json",
				"www-authenticate": "Bearer",
			},
		};
	const { segments } = request;
	const route = routes.find(
		([method, steps]) =>
			method === request.method &&
			steps.length === segments.length &&
			steps.every((step, i) => step === "{}" || step === segments[i]),
	);
	if (!route) return missing(request.path);
	const names = segments.filter((_, i) => route[1][i] === "{}");
	return route[2](state, request, ...names);
}

export function bridge(sandbox) {
	const handle = async (request) => {
		try {
			return run(sandbox.state, request);
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			return problem(error.status, error.title, error.message);
		}
	};
	const failure = (status) => ({
		type: "about:blank",
		title: "Fault",
		status,
		detail: `The sandbox was told to answer ${status}.`,
	});
	return { name: "bridge", handle, failure };
}
