/*
 * azure-list.mjs - $top, $filter and nextLink
 *
 * A filter is a row of clauses joined by "and". Dates stand bare and reach back 540 days at most;
 * a quoted date is refused, and so is CreatedDate where createdDate is right (both reported).
 */
import { refuse } from "./azure-answers.mjs";
import { json } from "./server.mjs";

const OLDEST_MS = 540 * 24 * 3600 * 1000;
const CLAUSE = /^(\w+) (eq|ge|gt) (.+)$/;

function refuseQuery(call, property, allowed) {
	call.request.violation(`$filter or $top has an invalid value for ${property}`);
	refuse(
		400,
		"InvalidQueryParameter",
		"OData query param(s) contains invalid value for property " +
			`'${property}'. Allowed values are: ${allowed}`,
	);
}

const lower = (text) => String(text ?? "").toLowerCase();
const lastPart = (id) => lower(id).split("/").at(-1);

/* What a property of a filter is compared with. */
const ticketValues = {
	status: (p) => lower(p.status),
	serviceid: (p) => lastPart(p.serviceId),
	problemclassificationid: (p) => lastPart(p.problemClassificationId),
};
const messageValues = { communicationtype: (p) => lower(p.communicationType) };

function dateTest(call, property, operator, text) {
	const at = Date.parse(text);
	const isBare = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) && !Number.isNaN(at);
	if (
		property !== "createdDate" ||
		operator === "eq" ||
		!isBare ||
		at < Date.now() - OLDEST_MS
	)
		refuseQuery(call, property, "DateTime <= 540 days");
	return (p) =>
		operator === "gt"
			? Date.parse(p.createdDate) > at
			: Date.parse(p.createdDate) >= at;
}

function clauseTest(call, clause, values) {
	const parts = CLAUSE.exec(clause);
	if (!parts) refuseQuery(call, clause, "property operator value");
	const [, property, operator, value] = parts;
	if (lower(property) === "createddate") return dateTest(call, property, operator, value);
	const read = Object.hasOwn(values, lower(property)) ? values[lower(property)] : null;
	const quoted = /^'([^']*)'$/.exec(value)?.[1];
	if (!read || operator !== "eq" || quoted === undefined)
		refuseQuery(call, property, Object.keys(values).join(", "));
	return (p) => read(p) === lower(quoted);
}

function readTop(call, usual, most) {
	const text = call.request.query.get("$top");
	if (text === null) return usual;
	const top = Number(text);
	if (!Number.isInteger(top) || top < 1 || top > most)
		refuseQuery(call, "$top", `1 to ${most}`);
	return top;
}

/* The next page's address is to be followed as it is, so the place in the list is opaque. */
function nextLink(call, offset) {
	const query = new URLSearchParams(call.request.query);
	query.set("$skiptoken", Buffer.from(`sandbox:${offset}`).toString("base64url"));
	const text = [...query].map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join("&");
	return `${call.sandbox.urls.azure}${call.request.path}?${text}`;
}

function readOffset(call) {
	const token = call.request.query.get("$skiptoken");
	if (token === null) return 0;
	const offset = /^sandbox:(\d+)$/.exec(Buffer.from(token, "base64url").toString())?.[1];
	if (offset === undefined) refuseQuery(call, "$skiptoken", "the value of a nextLink");
	return Number(offset);
}

function page(call, bodies, values, usual, most) {
	const filter = call.request.query.get("$filter");
	const tests = filter
		? filter.split(" and ").map((c) => clauseTest(call, c.trim(), values))
		: [];
	const top = readTop(call, usual, most);
	const offset = readOffset(call);
	const fitting = bodies.filter((body) => tests.every((test) => test(body.properties)));
	const value = fitting.slice(offset, offset + top);
	const isLast = offset + top >= fitting.length;
	return json(200, isLast ? { value } : { value, nextLink: nextLink(call, offset + top) });
}

export const pageOfTickets = (call, bodies) => page(call, bodies, ticketValues, 25, 100);
export const pageOfMessages = (call, bodies) => page(call, bodies, messageValues, 10, 10);
