/*
 * partner-requests.mjs - service requests of Partner Center: list, read, change
 *
 * There is no create: the call was retired on 2020-08-31. It answers as gone and is counted,
 * because nobody may call it.
 */
import { NEVER, attributes, link, partnerDate, problem } from "./partner-answers.mjs";
import { check } from "./schema.mjs";
import { bump, empty, json } from "./server.mjs";

const SEVERITIES = ["unknown", "critical", "moderate", "minimal"];
const STATUSES = ["none", "open", "closed", "attention_needed"];
const MOST_SIZE = 1000;
const PATCH_TYPES = ["application/json", "application/json-patch+json", "text/json"];
const NO_REFERENCES = { file: "service request", root: {} };

const maybeText = { type: ["string", "null"] };
const patchSchema = {
	type: "object",
	minProperties: 1,
	properties: {
		severity: { type: "string", enum: SEVERITIES },
		status: { type: "string", enum: STATUSES },
		newnote: {
			type: ["object", "null"],
			required: ["text"],
			properties: { text: { type: "string", minLength: 1 } },
		},
		title: { type: ["string", "null"], maxLength: 255 },
		description: maybeText,
		id: { type: "null" },
		supporttopicid: maybeText,
	},
};

const instance = (id) => `/v1/servicerequests/${id}`;

function organization(call) {
	const { company } = call.state.world.partner;
	return { id: call.token.tenant, name: company };
}

/* `legacy` is the old list form with ordinals in place of words. In lists notes are left out. */
function wire(call, record, i, { legacy = false, withNotes = false } = {}) {
	const notes = record.notes.map((note, n) => ({
		createdByName: note.by,
		createdDate: partnerDate(note.at, n + 2),
		text: note.text,
	}));
	return {
		title: record.title,
		...(withNotes && { description: record.description }),
		severity: legacy ? SEVERITIES.indexOf(record.severity) : record.severity,
		supportTopicId: record.topic[0],
		supportTopicName: record.topic[1],
		id: record.id,
		status: legacy ? STATUSES.indexOf(record.status) : record.status,
		organization: organization(call),
		productId: "10001",
		createdDate: partnerDate(record.created, i),
		lastModifiedDate: partnerDate(record.modified, i + 3),
		lastClosedDate: record.closed ? partnerDate(record.closed, i + 1) : NEVER,
		notes: withNotes ? notes : null,
		...attributes("ServiceRequest"),
		...(!withNotes && { primaryContact: { lastName: "Agent", firstName: "Ada" } }),
	};
}

function readNumber(call, name, usual, least, most) {
	const text = call.request.query.get(name);
	const value = text === null ? usual : Number(text);
	if (!Number.isInteger(value) || value < least || value > most)
		problem(
			400,
			"Bad Request",
			`${name} is not ${least} to ${most}.`,
			call.request.path,
		);
	return value;
}

/* Two filter forms exist and which one the server takes today is not documented: both work. */
function readFilter(call) {
	const { query, path } = call.request;
	const filter = query.get("filter");
	if (filter === null) return query.get("Field") === "Status" ? query.get("Value") : null;
	try {
		const { Field, Value, Operator } = JSON.parse(filter);
		if (Field === "Status" && Operator === "equals") return Value;
	} catch {
		/* told below, as any other filter that cannot be read */
	}
	return problem(400, "Bad Request", "The filter cannot be used.", path);
}

export function listRequests(call, customer = null) {
	const size = readNumber(call, "size", 100, 1, MOST_SIZE);
	const offset = readNumber(call, "offset", 0, 0, Number.MAX_SAFE_INTEGER);
	const status = readFilter(call)?.toLowerCase() ?? null;
	const fitting = call.state.world.service_requests.filter(
		(one) =>
			(!customer || one.customer === customer) &&
			(!status || one.status === status),
	);
	const items = fitting
		.slice(offset, offset + size)
		.map((one, i) => wire(call, one, offset + i, { legacy: customer !== null }));
	/* links come with or without /v1, so pages alternate */
	const uri = (at) => {
		const query = new URLSearchParams(call.request.query);
		query.set("size", size);
		query.set("offset", at);
		return `${(at / size) % 2 ? "/v1" : ""}${call.request.path.slice(3)}?${query}`;
	};
	const links = { self: link(uri(offset)) };
	if (offset + size < fitting.length) links.next = link(uri(offset + size));
	return json(200, { totalCount: fitting.length, items, links, ...attributes("Collection") });
}

function find(call, id, customer) {
	const record = call.state.world.service_requests.find(
		(one) => one.id === id && (!customer || one.customer === customer),
	);
	return (
		record ??
		problem(404, "Not Found", `Service request ${id} was not found.`, instance(id))
	);
}

export const getRequest = (call, id, customer = null) =>
	json(200, wire(call, find(call, id, customer), 2, { withNotes: true }));

/* Whether the server minds the case of names is not known: samples send capitals, the reference
 * lists small letters. */
function lowerKeys(value) {
	if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([k, v]) => [k.toLowerCase(), lowerKeys(v)]),
	);
}

function readPatch(call) {
	const type = (call.request.headers["content-type"] ?? "")
		.split(";")[0]
		.trim()
		.toLowerCase();
	if (!PATCH_TYPES.includes(type)) {
		call.request.violation(`the body is ${type || "untyped"}, not application/json`);
		problem(
			415,
			"Unsupported Media Type",
			"Content-Type is not supported.",
			call.request.path,
		);
	}
	const body = lowerKeys(call.request.json());
	const found =
		body === undefined
			? [{ at: "/", why: "is not JSON", grade: "broken" }]
			: check(patchSchema, body, NO_REFERENCES);
	for (const { at, why } of found) call.request.violation(`service request: ${at} ${why}`);
	if (found.length)
		problem(400, "Bad Request", `${found[0].at} ${found[0].why}`, call.request.path);
	return body;
}

/* "unknown", "none", null and the year 1 all mean: leave as it is. */
function apply(record, body) {
	const now = new Date().toISOString();
	if (body.severity && body.severity !== "unknown") record.severity = body.severity;
	if (body.status && body.status !== "none") {
		record.status = body.status;
		record.closed = body.status === "closed" ? now : null;
	}
	if (body.newnote) record.notes.push({ by: "Agent", at: now, text: body.newnote.text });
	for (const name of ["title", "description"]) record[name] = body[name] ?? record[name];
	record.modified = now;
}

export function patchRequest(call, id, customer = null) {
	const record = find(call, id, customer);
	apply(record, readPatch(call));
	const { patch } = call.state.settings.partner_center;
	const isBare = patch === 204 || (patch === "alternate" && call.state.patches++ % 2 === 1);
	return isBare ? empty(204) : json(200, wire(call, record, 2, { withNotes: true }));
}

export function retired(call) {
	const { retired_status: status } = call.state.settings.partner_center;
	bump(call.state.counts.retired, `${call.request.method} ${call.request.path}`);
	call.request.violation("this call was retired on 2020-08-31");
	return problem(
		status,
		status === 410 ? "Gone" : "Not Found",
		"This operation is not supported.",
		call.request.path,
	);
}
