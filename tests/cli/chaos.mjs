/*
 * chaos.mjs - never twice, never lost: requests are posted to a service that is killed again and
 * again, against doubles that fail in every way; then the record is held against the doubles'.
 *
 *   node chaos.mjs CASEROUTE SOCKET CONTROL-URL LOG    with the desk of sandbox.bash in force
 *
 * CHAOS_COUNT, CHAOS_KILLS, CHAOS_RELOADS, CHAOS_CLIENTS, CHAOS_REST (seconds until all must be at
 * rest), CHAOS_SEED. What the sandbox or the clock do is not in the seed's hands.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";

const [caseroute, socketPath, controlUrl, logFile] = process.argv.slice(2);
const number = (name, otherwise) => Number(process.env[`CHAOS_${name}`] || otherwise);
const COUNT = number("COUNT", 300);
const KILLS = number("KILLS", 8);
const RELOADS = number("RELOADS", 3);
const CLIENTS = number("CLIENTS", 8);
const REST_SECONDS = number("REST", 60);
const SEED = number("SEED", Date.now() % 1_000_000);
const SUBSCRIPTION = "11111111-1111-1111-1111-111111111111";

const wrong = [];
const check = (isGood, text) => isGood || wrong.push(text);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* ---- chance ------------------------------------------------------------------------- */

let chance = SEED;

function random() {
	chance = (chance + 0x6d2b79f5) | 0;
	let t = Math.imul(chance ^ (chance >>> 15), 1 | chance);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const between = (least, most) => least + Math.floor(random() * (most - least + 1));
const oneOf = (list) => list[between(0, list.length - 1)];

/* ---- speaking ------------------------------------------------------------------------ */

/* Resolves to { status, body }; rejects where there was no whole answer. */
function send(target, { method = "GET", body, agent } = {}) {
	const bytes = body === undefined ? "" : JSON.stringify(body);
	const headers = bytes ? { "content-type": "application/json" } : {};
	return new Promise((resolve, reject) => {
		const options = { ...target, method, agent, headers, timeout: 20000 };
		const request = http.request(options, (answer) => {
			const chunks = [];
			answer.on("data", (chunk) => chunks.push(chunk));
			answer.on("error", reject);
			answer.on("end", () => {
				const text = Buffer.concat(chunks).toString("utf8");
				if (!answer.complete) return reject(new Error("cut"));
				resolve({ status: answer.statusCode, body: text && JSON.parse(text) });
			});
		});
		request.on("timeout", () => request.destroy(new Error("no answer for 20 s")));
		request.on("error", reject);
		request.end(bytes);
	});
}

const service = (path, options) => send({ socketPath, path }, options);

async function control(path, options) {
	const url = new URL(`${controlUrl}/${path}`);
	const target = { host: url.hostname, port: url.port, path: url.pathname };
	return (await send(target, options)).body;
}

/* ---- the service ---------------------------------------------------------------------- */

let child = null;
let starts = 0;

async function startService() {
	const log = fs.openSync(logFile, "a");
	child = spawn(caseroute, ["serve", "--quiet", "--socket", socketPath], {
		stdio: ["ignore", log, log],
	});
	fs.closeSync(log);
	const mine = child;
	mine.ended = new Promise((resolve) => mine.on("exit", (code, signal) => resolve({ code, signal })));
	starts++;
	for (let at = 0; at < 400; at++) {
		if (mine.exitCode !== null) break;
		const isAlive = await service("/livez").then(() => true, () => false);
		if (isAlive) return;
		await sleep(25);
	}
	throw new Error(`start ${starts}: the service does not answer; see ${logFile}`);
}

async function killService() {
	child.kill("SIGKILL");
	const { code, signal } = await child.ended;
	check(signal === "SIGKILL", `start ${starts}: ended by itself with ${code ?? signal}`);
}

async function stopService() {
	child.kill("SIGTERM");
	const { code, signal } = await child.ended;
	check(code === 0, `the stop ended with ${code ?? signal}`);
}

/* ---- posting: again until it is acknowledged --------------------------------------------- */

const acknowledged = new Map(); /* reference: id */
let next = 0;
let allowed = 0;
let posts = 0;

const requestOf = (n) => ({
	title: `Chaos ${n}`,
	description: "Since 09:00 UTC.",
	product: "Azure Virtual Machines",
	severity: "C",
	subscription: SUBSCRIPTION,
	reference: `CHAOS-${n}`,
});

async function postOne(n, agent) {
	const body = requestOf(n);
	for (;;) {
		posts++;
		const answer = await service("/v1/requests", { method: "POST", body, agent }).catch(() => null);
		if (answer && (answer.status === 200 || answer.status === 202)) {
			acknowledged.set(body.reference, answer.body.id);
			return;
		}
		if (answer && answer.status < 500) {
			wrong.push(`${body.reference}: ${answer.status} ${JSON.stringify(answer.body)}`);
			return;
		}
		await sleep(between(5, 60));
	}
}

async function client() {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	while (next < COUNT) {
		if (next < allowed) await postOne(next++, agent);
		else await sleep(5);
	}
	agent.destroy();
}

/* ---- faults --------------------------------------------------------------------------------- */

const anyFault = () =>
	oneOf([
		{ status: 429, retry_after: "1" },
		{ status: 429 },
		{ status: 500 },
		{ status: 503, retry_after: "0" },
		{ status: 504, process: true },
		{ status: 502, process: true },
		{ cut: "before-answer" },
		{ cut: "mid-body" },
		{ cut: "after-processing" },
		{ delay_ms: between(300, 1800) },
		{ bad_json: true, process: random() < 0.8 },
		{ huge: 3_000_000, process: random() < 0.8 },
		{ deep: 5000, process: random() < 0.8 },
	]);
/* A token is either there or not: what is in it does not matter here. */
const loginFault = () => oneOf([{ status: 503 }, { cut: "mid-body" }, { delay_ms: 300 }, { status: 429 }]);

async function injectFaults(isOver) {
	while (!isOver()) {
		const double = random() < 0.1 ? "login" : "azure";
		const method = double === "login" ? "POST" : oneOf(["PUT", "PUT", "GET"]);
		const fault = double === "login" ? loginFault() : anyFault();
		await control("faults", {
			method: "POST",
			body: { match: { double, method }, times: between(1, 3), skip: between(0, 5), fault },
		});
		await sleep(between(10, 60));
	}
	await control("faults", { method: "DELETE" });
}

/* ---- the end ----------------------------------------------------------------------------------- */

async function record() {
	const all = [];
	for (let after = ""; after !== null; ) {
		const { body } = await service(`/v1/requests?limit=1000${after && `&after=${after}`}`);
		all.push(...body.requests);
		after = body.after;
	}
	return all;
}

const AT_WORK = ["ready", "linking", "creating", "waiting"];
const isAtWork = (one) => AT_WORK.includes(one.state);

/* Only the first that is found, one state after the other: to ask for all of them keeps the
 * service from its work. What goes from one to another meanwhile may be missed. */
async function isSomeAtWork() {
	for (const state of AT_WORK) {
		const { body } = await service(`/v1/requests?limit=1&state=${state}`);
		if (body.requests.length) return true;
	}
	return false;
}

async function awaitRest() {
	const until = Date.now() + REST_SECONDS * 1000;
	let all, busy;
	do {
		while (Date.now() < until && (await isSomeAtWork())) await sleep(200);
		all = await record();
		busy = all.filter(isAtWork);
	} while (busy.length && Date.now() < until);
	const some = busy.slice(0, 5).map((r) => `${r.reference} ${r.state} due ${r.due}`);
	check(!busy.length, `${busy.length} requests are not at rest: ${some.join("; ")}`);
	return all;
}

function count(list, of) {
	const counts = new Map();
	for (const one of list) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1);
	return counts;
}

function checkUnique(list, of, what) {
	for (const [value, n] of count(list, of)) check(n === 1, `${n} ${what} of ${value}`);
}

/* Every request has one end; what is not open says why, or what is to be done. */
function checkRecord(all) {
	const byReference = new Map(all.map((r) => [r.reference, r]));
	checkUnique(all, (r) => r.reference, "requests");
	checkUnique(all.filter((r) => r.ticket), (r) => r.ticket, "requests with the ticket");
	for (const [reference, id] of acknowledged)
		check(byReference.get(reference)?.id === id, `${reference}: acknowledged as ${id}, and lost`);
	for (const r of all.filter((one) => !isAtWork(one))) {
		const isGood =
			r.state === "open"
				? r.ticket
				: ["handed-off", "unsure", "parked"].includes(r.state) && r.reason;
		check(isGood, `${r.reference} is ${r.state}, ticket ${r.ticket}: ${r.reason}`);
	}
}

function checkTickets(all, tickets) {
	const byTitle = new Map(all.map((r) => [r.title, r]));
	checkUnique(tickets, (t) => t.properties.title, "tickets");
	checkUnique(tickets, (t) => t.number, "tickets");
	for (const t of tickets) {
		const r = byTitle.get(t.properties.title);
		const isKnown = r && (r.ticket === t.number || ["unsure", "parked"].includes(r.state));
		check(isKnown, `ticket ${t.number} of ${t.properties.title} is nobody's: ${r?.state} ${r?.ticket}`);
	}
	const numbers = new Set(tickets.map((t) => t.number));
	for (const r of all.filter((one) => one.ticket))
		check(numbers.has(r.ticket), `${r.reference}: there is no ticket ${r.ticket}`);
}

function checkIncidents(all, tickets, contracts) {
	const sum = (member) => contracts.reduce((n, c) => n + (c[member] ?? 0), 0);
	const open = all.filter((r) => r.state === "open").length;
	const unclear = all.filter((r) => r.state !== "open");
	const theirs = new Set(unclear.map((r) => r.title));
	const clear = tickets.filter((t) => !theirs.has(t.properties.title)).length;
	check(sum("spent") === open, `${sum("spent")} incidents are spent for ${open} open requests`);
	check(clear === open, `${clear} tickets exist for ${open} open requests`);
	check(sum("reserved") === unclear.length, `${sum("reserved")} are reserved for ${unclear.length}`);
}

async function checkAll(all) {
	const [tickets, counts, violations] = await Promise.all(
		["tickets", "counts", "violations"].map((path) => control(path)),
	);
	const contracts = (await service("/v1/contracts")).body;
	checkRecord(all);
	checkTickets(all, tickets.azure);
	checkIncidents(all, tickets.azure, contracts);
	for (const v of violations.filter((one) => one.grade === "broken")) check(false, JSON.stringify(v));
	const total = (name) => Object.values(counts[name] ?? {}).reduce((n, one) => n + one, 0);
	console.log(
		`puts ${total("puts")}, creates ${total("creates")}, again under the same name ` +
			`${total("duplicate_puts")}, tokens ${total("token_requests")}`,
	);
}

function checkLog() {
	const text = fs.readFileSync(logFile, "utf8");
	const report = text.match(/.*(ERROR: AddressSanitizer|WARNING: ThreadSanitizer|LeakSanitizer|runtime error:).*/);
	check(!report, `the log has a report: ${report?.[0]}`);
}

/* ---- the whole ----------------------------------------------------------------------------------- */

async function disturb() {
	const rounds = KILLS + RELOADS;
	const reloads = new Set();
	while (reloads.size < RELOADS) reloads.add(between(0, rounds - 1));
	for (let at = 0; at < rounds; at++) {
		allowed = Math.ceil((COUNT * (at + 1)) / (rounds + 1));
		await sleep(random() < 0.5 ? between(0, 60) : between(100, 1200));
		if (reloads.has(at)) {
			child.kill("SIGHUP");
			continue;
		}
		await killService();
		await startService();
	}
	allowed = COUNT;
}

console.log(`CHAOS_SEED=${SEED}: ${COUNT} requests, ${KILLS} kills, ${RELOADS} reloads`);
const since = Date.now();
let isOver = false;
await startService();
const faults = injectFaults(() => isOver);
await Promise.all([disturb(), ...Array.from({ length: CLIENTS }, client)]);
await sleep(500);
isOver = true;
await faults;
const all = await awaitRest();
await checkAll(all);
await stopService();
checkLog();
const words = (r) => `${r.state}: ${(r.reason ?? "").replace(/caseroute-[0-9a-f-]+/g, "NAME")}`;
for (const [text, n] of count(all.filter((r) => r.state !== "open"), words)) console.log(`  ${n} ${text}`);
const states = [...count(all, (r) => r.state)].map(([state, n]) => `${n} ${state}`).join(", ");
console.log(`${posts} posts for ${acknowledged.size} requests: ${states}; ${(Date.now() - since) / 1000} s`);
for (const text of wrong.slice(0, 30)) console.log(`WRONG: ${text}`);
if (wrong.length) console.log(`${wrong.length} things are wrong; CHAOS_SEED=${SEED}`);
process.exit(wrong.length ? 1 : 0);
