/*
 * serve.mjs - load for tests/bench/serve.sh
 *
 *   node serve.mjs SOCKET PID CLIENTS COUNT KIND    KIND: asking, refused, azure
 *
 * Posts COUNT requests over CLIENTS kept connections; prints one JSON object: requests a second,
 * the latency's median and 99th percentile, the service's CPU and memory. For azure it also waits
 * until all are open, and tells the most memory seen meanwhile.
 */
import fs from "node:fs";
import http from "node:http";

const [socketPath, pid, clients, total, kind] = process.argv.slice(2);
const COUNT = Number(total);
const TICKS = 100;
const GIVE_UP_MS = 180_000;
const bodies = {
	asking: { title: "Backup fails", description: "Since the update." },
	refused: { title: "Mail", description: "x", product: "Microsoft Intune", severity: "C" },
	azure: {
		title: "The virtual machine does not start",
		description: "Since 09:00 UTC.",
		product: "Azure Virtual Machines",
		severity: "C",
		subscription: "11111111-1111-1111-1111-111111111111",
	},
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function send(path, agent, body) {
	const bytes = body ? JSON.stringify(body) : "";
	const headers = bytes ? { "content-type": "application/json", "content-length": Buffer.byteLength(bytes) } : {};
	return new Promise((resolve, reject) => {
		const request = http.request(
			{ socketPath, path, method: bytes ? "POST" : "GET", agent, headers },
			(answer) => {
				const chunks = [];
				answer.on("data", (chunk) => chunks.push(chunk));
				answer.on("end", () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
			},
		);
		request.on("error", reject);
		request.end(bytes);
	});
}

function cpuMs() {
	const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

const rssKiB = () => Number(fs.readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]);

let next = 0;
const latencies = [];
const statuses = {};

async function client() {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	while (next < COUNT) {
		const n = next++;
		const since = performance.now();
		const { status } = await send("/v1/requests", agent, { ...bodies[kind], reference: `${kind}-${n}` });
		latencies.push(performance.now() - since);
		statuses[status] = (statuses[status] ?? 0) + 1;
	}
	agent.destroy();
}

/* How many are still at work, and the most memory seen until none is. */
async function awaitRest(since) {
	let most = 0;
	for (;;) {
		most = Math.max(most, rssKiB());
		const left = [];
		for (const state of ["ready", "linking", "creating", "waiting"])
			left.push(...JSON.parse((await send(`/v1/requests?state=${state}&limit=1`)).text).requests);
		if (!left.length || performance.now() - since > GIVE_UP_MS) return { most, left: left.length };
		await sleep(100);
	}
}

const round = (value) => Math.round(value * 100) / 100;
const cpu = cpuMs();
const rss = rssKiB();
const since = performance.now();
await Promise.all(Array.from({ length: Number(clients) }, client));
const posted = performance.now() - since;
latencies.sort((a, b) => a - b);
const result = {
	kind,
	statuses,
	per_second: Math.round((COUNT * 1000) / posted),
	median_ms: round(latencies[COUNT >> 1]),
	p99_ms: round(latencies[Math.floor(COUNT * 0.99)]),
	cpu_us_each: Math.round(((cpuMs() - cpu) * 1000) / COUNT),
	rss_before_kib: rss,
	rss_after_kib: rssKiB(),
};
if (kind === "azure") {
	const { most, left } = await awaitRest(since);
	Object.assign(result, {
		all_at_rest: left === 0,
		full_work_per_second: round((COUNT * 1000) / (performance.now() - since)),
		cpu_us_each: Math.round(((cpuMs() - cpu) * 1000) / COUNT),
		rss_most_kib: most,
		kib_each: round((most - rss) / COUNT),
	});
}
console.log(JSON.stringify(result));
