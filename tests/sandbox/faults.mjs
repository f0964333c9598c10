/*
 * faults.mjs - a double can be told to fail
 *
 * A fault is { status, headers, retry_after, body, bad_json, huge, deep, delay_ms, drip_ms, cut,
 * process }.
 * One that answers does so in place of the work, as a gateway would; with "process" the work is
 * done first and only its answer is lost, which is what a 504 means to the caller.
 */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_LEVELS = 1_000_000;
const MOST_DELAY_MS = 600_000;
const CUTS = ["before-answer", "mid-body", "after-processing"];
const KEYS = [
	"status",
	"headers",
	"retry_after",
	"body",
	"bad_json",
	"huge",
	"deep",
	"delay_ms",
	"drip_ms",
	"cut",
	"process",
];

/* Why this is no fault, or null. */
export function faultProblem(fault) {
	if (!fault || typeof fault !== "object" || Array.isArray(fault))
		return "a fault is an object";
	const unknown = Object.keys(fault).find((key) => !KEYS.includes(key));
	if (unknown) return `unknown key ${unknown}; known are ${KEYS.join(", ")}`;
	if (fault.cut !== undefined && !CUTS.includes(fault.cut))
		return `cut is one of ${CUTS.join(", ")}`;
	const bounded = [
		["status", 200, 599],
		["delay_ms", 0, MOST_DELAY_MS],
		["drip_ms", 1, MOST_DELAY_MS],
		["huge", 1, MOST_BYTES],
		["deep", 1, MOST_LEVELS],
	];
	for (const [key, least, most] of bounded) {
		const value = fault[key];
		if (
			value !== undefined &&
			!(Number.isInteger(value) && value >= least && value <= most)
		)
			return `${key} is a number from ${least} to ${most}`;
	}
	return null;
}

const pattern = (glob) =>
	new RegExp(
		"^" +
			glob
				.split("*")
				.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
				.join(".*") +
			"$",
		"i",
	);

function fits(match = {}, request) {
	if (match.double && match.double !== request.double) return false;
	if (match.method && match.method.toUpperCase() !== request.method) return false;
	return !match.path || pattern(match.path).test(request.path);
}

/* The fault for this request, if one is due: by header for hand tests, else the first scripted
 * one that fits. A script first lets `skip` requests pass, then acts `times` times. */
export function takeFault(scripts, request) {
	const header = request.headers["x-sandbox-fault"];
	if (header) {
		const given = JSON.parse(header);
		return given.fault ?? given;
	}
	for (const script of scripts) {
		if (script.times === 0 || !fits(script.match, request)) continue;
		if (script.skip > 0) {
			script.skip--;
			continue;
		}
		if (script.times !== "always") script.times--;
		return script.fault;
	}
	return null;
}

/* "7" is seconds; "date:7" is the other form that HTTP allows, seven seconds from now. */
function retryAfter(value) {
	const date = /^date:(\d+)$/.exec(String(value));
	return date ? new Date(Date.now() + Number(date[1]) * 1000).toUTCString() : String(value);
}

function faultBody(fault, usual) {
	if (fault.bad_json) return '{"properties":{"title":"cut of';
	if (fault.huge) return JSON.stringify({ padding: "x".repeat(fault.huge) });
	if (fault.deep) return "[".repeat(fault.deep) + "]".repeat(fault.deep);
	if (fault.body !== undefined) return fault.body;
	return usual;
}

/* True if the fault has an answer of its own. */
export const faultAnswers = (fault) =>
	["status", "body", "bad_json", "huge", "deep"].some((key) => fault[key] !== undefined);

export function faultAnswer(fault, usualBody) {
	const status = fault.status ?? 200;
	const headers = { "content-type": "application/json; charset=utf-8", ...fault.headers };
	if (fault.retry_after !== undefined) headers["retry-after"] = retryAfter(fault.retry_after);
	return { status, headers, body: faultBody(fault, usualBody(status)) };
}
