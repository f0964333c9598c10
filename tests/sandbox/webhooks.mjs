/*
 * webhooks.mjs - a receiver of events, written from Standard Webhooks 1.0 and CloudEvents 1.0
 *
 *   node webhooks.mjs --port-file FILE SECRET-FILE...
 *
 * POST /hook takes an event if its signature is good. /control, for the tests: PUT scripts the
 * next answers ({answers: [{status, headers, hang, huge, slow}], always: {...}}), GET tells what
 * has come, DELETE forgets it.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import { pathToFileURL } from "node:url";

const TOLERANCE_S = 5 * 60;
const MOST_SEEN = 10000;
const ATTRIBUTE = /^[a-z0-9]+$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:\S+$/i;

function keyOf(secret) {
	return Buffer.from(secret.trim().replace(/^whsec_/, ""), "base64");
}

function fits(signature, key, signed) {
	const [version, value] = signature.split(",");
	const wanted = createHmac("sha256", key).update(signed).digest();
	const given = Buffer.from(value ?? "", "base64");
	return version === "v1" && given.length === wanted.length && timingSafeEqual(given, wanted);
}

/* Which of the secrets have signed it; throws what is wrong with the headers. */
export function signers(headers, body, secrets, nowSeconds = Date.now() / 1000) {
	const id = headers["webhook-id"];
	const timestamp = headers["webhook-timestamp"];
	const signatures = headers["webhook-signature"];
	if (!id || !timestamp || !signatures) throw new Error("a webhook header is missing");
	if (!/^\d+$/.test(timestamp)) throw new Error("webhook-timestamp is not a number");
	if (Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_S) throw new Error("it is too old");
	const signed = `${id}.${timestamp}.${body}`;
	return secrets
		.map((_, i) => i)
		.filter((i) => signatures.split(" ").some((one) => fits(one, keyOf(secrets[i]), signed)));
}

/* What is wrong with an event in structured mode; "" if nothing is. */
export function eventProblem(type, event) {
	if (!/^application\/cloudevents\+json(;|$)/.test(type ?? "")) return `Content-Type is ${type}`;
	if (event.specversion !== "1.0") return "specversion is not 1.0";
	for (const name of ["id", "source", "type"])
		if (typeof event[name] !== "string" || !event[name]) return `${name} is missing`;
	for (const name of Object.keys(event))
		if (name !== "data" && !ATTRIBUTE.test(name)) return `${name} is no attribute`;
	if ("time" in event && !TIME.test(event.time)) return "time is not RFC 3339";
	if ("subject" in event && !event.subject) return "subject is empty";
	if ("dataschema" in event && !ABSOLUTE_URI.test(event.dataschema)) return "dataschema is no URI";
	return "";
}

function look(request, body, secrets) {
	const seen = { id: request.headers["webhook-id"], at: Date.now(), problem: "", signers: [] };
	try {
		seen.signers = signers(request.headers, body, secrets);
		seen.event = JSON.parse(body);
		seen.problem = eventProblem(request.headers["content-type"], seen.event);
		if (!seen.signers.length) seen.problem = "no signature fits";
		else if (seen.event.id !== seen.id) seen.problem ||= "webhook-id is not the event's id";
	} catch (error) {
		seen.problem = error.message;
	}
	return seen;
}

function answer(response, { status = 204, headers = {}, hang, huge, slow = 0 }) {
	if (hang) return;
	setTimeout(() => {
		response.writeHead(status, headers);
		if (huge) for (let i = 0; i < 64; i++) response.write("x".repeat(65536));
		response.end();
	}, slow);
}

function control(state, request, body) {
	if (request.method === "PUT") Object.assign(state, { answers: [], always: {} }, JSON.parse(body));
	if (request.method === "DELETE") state.seen = [];
	return JSON.stringify(state.seen);
}

export function receiver(secrets) {
	const state = { seen: [], answers: [], always: {} };
	return http.createServer((request, response) => {
		const pieces = [];
		request.on("data", (piece) => pieces.push(piece));
		request.on("end", () => {
			const body = Buffer.concat(pieces).toString("utf8");
			if (request.url === "/control") {
				response.end(control(state, request, body));
				return;
			}
			const seen = look(request, body, secrets);
			const next = state.answers.shift() ?? state.always;
			seen.path = request.url;
			seen.taken = !seen.problem && !next.hang && (next.status ?? 204) < 300;
			if (state.seen.length < MOST_SEEN) state.seen.push(seen);
			answer(response, seen.problem ? { status: 400 } : next);
		});
	});
}

function main([flag, portFile, ...files]) {
	if (flag !== "--port-file") throw new Error("usage: webhooks.mjs --port-file FILE SECRET-FILE...");
	const server = receiver(files.map((file) => fs.readFileSync(file, "utf8")));
	const port = fs.existsSync(portFile) ? Number(fs.readFileSync(portFile, "utf8")) : 0;
	server.listen(port, "127.0.0.1", () => {
		fs.writeFileSync(`${portFile}.new`, String(server.address().port));
		fs.renameSync(`${portFile}.new`, portFile);
		console.log("listens");
	});
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(process.argv.slice(2));
