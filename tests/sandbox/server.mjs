/*
 * server.mjs - what all doubles have in common
 *
 * One HTTP server on loopback for each double: reads a bounded body, counts and logs the request,
 * lets a fault act, and sends the answer with the mark that says it comes from a double. The
 * doubles themselves are functions from a request to an answer { status, headers, body }.
 */
import http from "node:http";
import { faultAnswer, faultAnswers, faultProblem, takeFault } from "./faults.mjs";

const MOST_BODY = 8 * 1024 * 1024;
const MOST_LOGGED = 2000;
const MOST_VIOLATIONS = 5000;
const MOST_COUNTED = 10_000;
const MOST_KEPT = 100_000;
const TRIM_EVERY = 1000;
const LOGGED_BODY = 16 * 1024;

export const json = (status, body, headers = {}) => ({
	status,
	headers: { "content-type": "application/json; charset=utf-8", ...headers },
	body,
});
export const empty = (status, headers = {}) => ({ status, headers, body: null });

export function bump(map, key) {
	if (!(key in map) && Object.keys(map).length >= MOST_COUNTED) key = "(others)";
	map[key] = (map[key] ?? 0) + 1;
}

function pushBounded(list, item, most) {
	list.push(item);
	if (list.length > most) list.shift();
}

/* What only one exchange needs is forgotten, oldest first, when there is far too much of it.
 * Tickets are never forgotten: their number has an end of its own. */
function trim(state) {
	const { tokens, refresh, answered, operations, used_assertions: used } = state;
	for (const map of [tokens, refresh, answered, operations, used, state.bridge.links]) {
		const keys = Object.keys(map);
		for (const key of keys.slice(0, Math.max(0, keys.length - MOST_KEPT)))
			delete map[key];
	}
}

/* What must not stand in a log: everything marked as the sandbox's own secret, and the fields
 * that hold one by their name, whatever a test has put there. */
const MARKED = /SANDBOX-(?:SECRET|TOKEN|ACCESS|CONTRACT)-[\w-]+/g;
const NAMED = new RegExp(
	'("(?:access_token|refresh_token|id_token|client_secret|access_id|' +
		'contract_id|secret|token)"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"',
	"g",
);
const FORM = /\b(client_secret|refresh_token|client_assertion|password|code)=[^&\s"]*/g;
export const mask = (text) =>
	text
		.replace(NAMED, '$1"***"')
		.replace(FORM, "$1=***")
		.replace(/Bearer [\w.~+/-]+=*/g, "Bearer ***")
		.replace(MARKED, "***");

function readBody(incoming) {
	return new Promise((resolve, reject) => {
		const chunks = [];
		let bytes = 0;
		incoming.on("data", (chunk) => {
			bytes += chunk.length;
			if (bytes > MOST_BODY) reject(new Error("too large"));
			else chunks.push(chunk);
		});
		incoming.on("end", () => resolve(Buffer.concat(chunks)));
		incoming.on("error", reject);
		incoming.on("aborted", () => reject(new Error("aborted")));
	});
}

function decodeSegment(segment) {
	try {
		return decodeURIComponent(segment);
	} catch {
		return null;
	}
}

async function readRequest(sandbox, double, incoming) {
	const at = incoming.url.indexOf("?");
	const path = at < 0 ? incoming.url : incoming.url.slice(0, at);
	const request = {
		double,
		method: incoming.method,
		url: incoming.url,
		path,
		query: new URLSearchParams(at < 0 ? "" : incoming.url.slice(at + 1)),
		segments: path.split("/").slice(1).map(decodeSegment),
		headers: incoming.headers,
		bytes: await readBody(incoming),
	};
	request.text = request.bytes.toString("utf8");
	request.violation = (why, grade = "broken") =>
		pushBounded(
			sandbox.state.violations,
			{ double, method: request.method, path: mask(path), grade, why: mask(why) },
			MOST_VIOLATIONS,
		);
	request.json = () => {
		try {
			return JSON.parse(request.text.replace(/^\uFEFF/, ""));
		} catch {
			return undefined;
		}
	};
	if (new RegExp(MARKED.source).test(decodeSegment(incoming.url) ?? incoming.url))
		request.violation("a secret stands in the URL");
	return request;
}

function toBytes(body) {
	if (body === null || body === undefined) return Buffer.alloc(0);
	if (Buffer.isBuffer(body)) return body;
	return Buffer.from(typeof body === "string" ? body : JSON.stringify(body), "utf8");
}

/* A cut inside an answer without a body falls into its headers. */
function sendCut(outgoing, answer, bytes) {
	const socket = outgoing.socket;
	if (bytes.length === 0) {
		socket.write(`HTTP/1.1 ${answer.status} Cut\r\nX-Caseroute-Sand`);
	} else {
		outgoing.writeHead(answer.status, {
			...answer.headers,
			"content-length": bytes.length,
		});
		outgoing.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
	}
	setTimeout(() => socket.destroy(), 20);
}

/* A byte at a time, until it is all there or the client has had enough. */
function sendDripping(outgoing, answer, bytes, ms) {
	let at = 0;
	outgoing.writeHead(answer.status, { ...answer.headers, "content-length": bytes.length });
	outgoing.flushHeaders();
	const timer = setInterval(() => {
		if (at < bytes.length) outgoing.write(bytes.subarray(at, ++at));
		else outgoing.end();
	}, ms);
	outgoing.on("close", () => clearInterval(timer));
}

function send(outgoing, answer, fault) {
	const bytes = toBytes(answer.body);
	outgoing.setHeader("x-caseroute-sandbox", "1");
	if (fault?.cut === "mid-body") return sendCut(outgoing, answer, bytes);
	if (fault?.drip_ms) return sendDripping(outgoing, answer, bytes, fault.drip_ms);
	/* RFC 9110: no content-length with 204 */
	if (answer.status !== 204) outgoing.setHeader("content-length", bytes.length);
	outgoing.writeHead(
		answer.status,
		answer.reason ?? http.STATUS_CODES[answer.status] ?? "",
		answer.headers,
	);
	outgoing.end(bytes);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Does the work and lets the fault act; null as answer means: cut without one. */
async function work(double, request, fault) {
	if (fault?.delay_ms) await pause(fault.delay_ms);
	if (fault?.cut === "before-answer") return null;
	const answers = fault && faultAnswers(fault);
	const isDone = !answers || fault.process || fault.cut;
	const answer = isDone ? await double.handle(request) : null;
	if (fault?.cut === "after-processing") return null;
	return answers ? faultAnswer(fault, double.failure) : answer;
}

function logged(request, answer, fault, started) {
	const bytes = answer?.body ?? Buffer.alloc(0);
	const short = (text) => mask(text.slice(0, LOGGED_BODY));
	return {
		at: new Date(started).toISOString(),
		double: request.double,
		method: request.method,
		url: mask(request.url).slice(0, 8192),
		status: answer?.status ?? 0,
		fault: fault ?? undefined,
		headers: Object.fromEntries(
			Object.entries(request.headers).map(([name, value]) => [
				name,
				mask(String(value)).slice(0, 256),
			]),
		),
		request: short(request.text),
		answer: short(bytes.subarray(0, LOGGED_BODY).toString("utf8")),
	};
}

function pickFault(sandbox, double, request) {
	if (double.isControl) return null;
	let fault;
	try {
		fault = takeFault(sandbox.state.faults, request);
	} catch {
		fault = { status: 400, body: "x-sandbox-fault is not JSON" };
	}
	const problem = fault && faultProblem(fault);
	return problem ? { status: 400, body: `x-sandbox-fault: ${problem}` } : fault;
}

async function serveOne(sandbox, double, incoming, outgoing) {
	const started = Date.now();
	const request = await readRequest(sandbox, double.name, incoming);
	const fault = pickFault(sandbox, double, request);
	const state = sandbox.state;
	if (!double.isControl) {
		bump(
			state.counts.requests,
			`${double.name} ${request.method} ${mask(request.path)}`,
		);
		if (fault)
			bump(
				state.counts.faults,
				`${double.name} ${fault.status ?? fault.cut ?? "other"}`,
			);
	}
	const isPath = !request.segments.includes(null);
	const made = isPath ? await work(double, request, fault) : json(400, double.failure(400));
	const answer = made && { ...made, body: toBytes(made.body) };
	if (!double.isControl) {
		pushBounded(state.log, logged(request, answer, fault, started), MOST_LOGGED);
		if (answer && !fault?.cut) double.delivered?.(request);
	}
	if (++state.served % TRIM_EVERY === 0) trim(state);
	sandbox.save();
	if (answer) send(outgoing, answer, fault);
	else outgoing.socket?.destroy();
}

/* Listens on the port it had before, if it is free, else on any; resolves to the server. */
export async function listen(sandbox, double, wantedPort) {
	const server = http.createServer({ maxHeaderSize: 64 * 1024 }, (incoming, outgoing) => {
		serveOne(sandbox, double, incoming, outgoing).catch((error) => {
			if (outgoing.headersSent || outgoing.socket?.destroyed)
				return outgoing.socket?.destroy();
			const status = error.status ?? (error.message === "too large" ? 413 : 500);
			if (status === 500 && error.message !== "aborted")
				process.stderr.write(`sandbox: ${double.name}: ${error.stack}\n`);
			outgoing.setHeader("connection", "close");
			send(outgoing, json(status, { sandbox: error.message }));
		});
	});
	server.maxConnections = 1000;
	/* longer than any test's wait, so that a kept connection is not closed under a client */
	server.keepAliveTimeout = 60_000;
	const open = (port) =>
		new Promise((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, "127.0.0.1", () => {
				server.off("error", reject);
				resolve(server);
			});
		});
	if (!wantedPort) return open(0);
	return open(wantedPort).catch(() => open(0));
}
