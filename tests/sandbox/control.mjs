/*
 * control.mjs - the tests' own door: alter the world, script faults, read what happened
 *
 * Only for loopback names as Host and JSON as body, so that no web page can use it.
 */
import { openIncident } from "./bridge.mjs";
import { addMessage } from "./azure-messages.mjs";
import { faultProblem } from "./faults.mjs";
import { empty, json } from "./server.mjs";
import { isGuid } from "./schema.mjs";
import { newCounts, newMember, newState } from "./world.mjs";

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
const COLLECTIONS = ["tenants", "apps", "users", "subscriptions", "customers", "contracts"];
const FORBIDDEN_KEYS = ["__proto__", "constructor", "prototype"];
const DOUBLES = ["azure", "login", "partner_center", "graph", "bridge"];
const MOST_FAULTS = 1000;
const TICKET_STATES = { open: "Open", waiting: "Waiting", solved: "Closed", closed: "Closed" };
const PARTNER_STATES = {
	open: "open",
	waiting: "attention_needed",
	solved: "closed",
	closed: "closed",
};

class Bad extends Error {}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/* As RFC 7396, but null is kept: it is a value of the world's own. */
function merge(target, patch) {
	for (const [key, value] of Object.entries(patch)) {
		if (FORBIDDEN_KEYS.includes(key)) throw new Bad(`${key} is not a name`);
		if (isObject(value) && isObject(target[key])) merge(target[key], value);
		else target[key] = value;
	}
	return target;
}

function readObject(request) {
	const body = request.json();
	if (!isObject(body)) throw new Bad("the body is not a JSON object");
	return body;
}

function addFault(state, request) {
	const { match = {}, times = 1, skip = 0, fault, ...rest } = readObject(request);
	const unknown =
		Object.keys(rest)[0] ??
		Object.keys(match).find((key) => !["double", "method", "path"].includes(key));
	if (unknown) throw new Bad(`unknown key ${unknown}`);
	if (match.double !== undefined && !DOUBLES.includes(match.double))
		throw new Bad(`double is one of ${DOUBLES.join(", ")}`);
	if (times !== "always" && !(Number.isInteger(times) && times > 0))
		throw new Bad('times is a number from 1 or "always"');
	const problem = faultProblem(fault);
	if (problem) throw new Bad(problem);
	if (state.faults.length >= MOST_FAULTS) throw new Bad("too many faults");
	state.faults.push({ match, times, skip, fault });
	return json(201, { faults: state.faults.length });
}

/* Guids are looked up in small letters. */
function putMember(state, request, collection, name) {
	const blank = newMember(collection);
	const id = isGuid(name) ? name.toLowerCase() : name;
	if (!blank) throw new Bad(`collections are ${COLLECTIONS.join(", ")}`);
	if (FORBIDDEN_KEYS.includes(id)) throw new Bad(`${id} is not a name`);
	const world = state.world[collection];
	world[id] = merge(Object.hasOwn(world, id) ? world[id] : blank, readObject(request));
	return json(200, world[id]);
}

function deleteMember(state, request, collection, id) {
	if (!COLLECTIONS.includes(collection))
		throw new Bad(`collections are ${COLLECTIONS.join(", ")}`);
	delete state.world[collection][id];
	return empty(204);
}

const list = (map) => Object.values(map);

function listTickets(state) {
	return json(200, {
		azure: list(state.tickets).map((t) => ({
			number: t.number,
			name: t.name,
			scope: t.scope,
			properties: t.properties,
			messages: list(t.messages),
		})),
		partner_center: state.world.service_requests,
		bridge: Object.entries(state.bridge.tickets).map(([number, t]) => ({
			number,
			...t,
		})),
	});
}

function counts(state) {
	const spent = Object.values(state.counts.incidents).reduce((sum, n) => sum + n, 0);
	return json(200, {
		...state.counts,
		tickets: {
			azure: list(state.tickets).length,
			bridge: list(state.bridge.tickets).length,
			incidents: spent,
		},
	});
}

const azureTicket = (state, number) =>
	list(state.tickets).find((t) => t.number === number || t.name === number);

/* One call for the tickets of all doubles; numbers do not collide. Azure's status is free text:
 * `word` sets one of its own, such as Updating. */
function setTicketState(state, request, number) {
	const { state: wanted, detail = "", word } = readObject(request);
	if (!Object.hasOwn(TICKET_STATES, wanted))
		throw new Bad(`state is one of ${Object.keys(TICKET_STATES).join(", ")}`);
	const azure = azureTicket(state, number);
	const partner = state.world.service_requests.find((one) => one.id === number);
	const bridge = Object.hasOwn(state.bridge.tickets, number)
		? state.bridge.tickets[number]
		: null;
	if (azure) azure.properties.status = word ?? TICKET_STATES[wanted];
	else if (partner)
		Object.assign(partner, {
			status: PARTNER_STATES[wanted],
			closed:
				PARTNER_STATES[wanted] === "closed"
					? new Date().toISOString()
					: null,
		});
	else if (bridge) Object.assign(bridge, { state: wanted, detail });
	else throw new Bad(`no ticket ${number}`);
	return json(200, { number, state: wanted });
}

/* What an engineer writes. */
function addReply(state, request, number) {
	const { name, ...message } = readObject(request);
	const ticket = azureTicket(state, number);
	if (!ticket) throw new Bad(`no Azure ticket ${number}`);
	const key = name ?? `engineer-${list(ticket.messages).length + 1}`;
	addMessage(
		ticket,
		key,
		{ subject: "Update", body: "", sender: "engineer@sandbox.example", ...message },
		"Outbound",
	);
	return json(201, { name: key });
}

/* A person has worked off a queued request of the bridge. */
function finishQueued(state, request, key) {
	const entry = state.bridge.requests[`/${key}`];
	if (!entry || entry.answer.result !== "queued") throw new Bad(`no queued request ${key}`);
	const { result = "opened", ...rest } = readObject(request);
	entry.answer = result === "opened" ? openIncident(state, entry) : { result, ...rest };
	return json(200, entry.answer);
}

function reset(sandbox) {
	sandbox.state = { ...newState(), ports: sandbox.state.ports };
	return empty(204);
}

function clear(state, what) {
	if (what === "counts") state.counts = newCounts();
	else state[what] = [];
	return empty(204);
}

const routes = [
	[
		"GET",
		"",
		(s, r, sandbox) =>
			json(200, {
				sandbox: "caseroute",
				facts: sandbox.facts.source,
				urls: sandbox.urls,
				routes: routes.map(([m, p]) => `${m} /${p}`),
			}),
	],
	["POST", "reset", (s, r, sandbox) => reset(sandbox)],
	["GET", "world", (s) => json(200, s.world)],
	["PATCH", "world", (s, r) => json(200, merge(s.world, readObject(r)))],
	["GET", "settings", (s) => json(200, s.settings)],
	["PATCH", "settings", (s, r) => json(200, merge(s.settings, readObject(r)))],
	["PUT", "world/{}/{}", (s, r, sandbox, collection, id) => putMember(s, r, collection, id)],
	[
		"DELETE",
		"world/{}/{}",
		(s, r, sandbox, collection, id) => deleteMember(s, r, collection, id),
	],
	["GET", "faults", (s) => json(200, s.faults)],
	["POST", "faults", addFault],
	["DELETE", "faults", (s) => clear(s, "faults")],
	["GET", "counts", counts],
	["DELETE", "counts", (s) => clear(s, "counts")],
	["GET", "violations", (s) => json(200, s.violations)],
	["DELETE", "violations", (s) => clear(s, "violations")],
	["GET", "log", (s) => json(200, s.log)],
	["DELETE", "log", (s) => clear(s, "log")],
	["GET", "tickets", listTickets],
	["POST", "tickets/{}/state", (s, r, sandbox, number) => setTicketState(s, r, number)],
	["POST", "tickets/{}/messages", (s, r, sandbox, number) => addReply(s, r, number)],
	["POST", "bridge/requests/{}", (s, r, sandbox, key) => finishQueued(s, r, key)],
];

function run(sandbox, request) {
	const { segments } = request;
	const route = routes.find(([method, path]) => {
		const steps = path.split("/");
		return (
			method === request.method &&
			steps.length === segments.length &&
			steps.every((step, i) => step === "{}" || step === segments[i])
		);
	});
	if (!route) return json(404, { error: "no such control call; GET / lists them" });
	const names = segments.filter((_, i) => route[1].split("/")[i] === "{}");
	return route[2](sandbox.state, request, sandbox, ...names);
}

export function control(sandbox) {
	const handle = async (request) => {
		const type = request.headers["content-type"] ?? "";
		if (!LOOPBACK.test(request.headers.host ?? ""))
			return json(403, { error: "the control API is for loopback only" });
		if (request.bytes.length && !type.startsWith("application/json"))
			return json(415, { error: "the body is not application/json" });
		try {
			return run(sandbox, request);
		} catch (error) {
			if (!(error instanceof Bad)) throw error;
			return json(400, { error: error.message });
		}
	};
	return {
		name: "control",
		handle,
		failure: () => ({ error: "bad request" }),
		isControl: true,
	};
}
