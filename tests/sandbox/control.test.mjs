/*
 * control.test.mjs - faults, counts, the log, and the process itself
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
	appToken,
	azureCaller,
	bearer,
	createTicket,
	send,
	start,
	tokenRequest,
	SECRET,
} from "./client.mjs";

const ENTRY = fileURLToPath(new URL("./sandbox.mjs", import.meta.url));
const SERVICES = "/providers/Microsoft.Support/services?api-version=2024-04-01";

test("a scripted fault acts on its match, as often as told, after what it skips", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await s.fault({
		match: { double: "azure", method: "GET", path: "*/supporttickets" },
		skip: 1,
		times: 2,
		fault: { status: 429, retry_after: "1" },
	});
	const seen = [];
	for (let i = 0; i < 4; i++) seen.push((await azure.call("GET", "supportTickets")).status);
	assert.deepEqual(seen, [200, 429, 429, 200]);
	assert.deepEqual((await s.counts()).faults, { "azure 429": 2 });
});

test("Retry-After comes as seconds or as a date", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	for (const retry_after of ["1", "date:5"]) {
		await s.fault({ match: { double: "azure" }, fault: { status: 429, retry_after } });
		const { headers, body } = await azure.call("GET", "supportTickets");
		assert.equal(body.error.code, "TooManyRequests");
		if (retry_after === "1") assert.equal(headers["retry-after"], "1");
		else
			assert.ok(
				Math.abs(Date.parse(headers["retry-after"]) - Date.now() - 5000) <
					2000,
			);
	}
});

test("a cut before the answer does no work, one after processing has done it", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const body = azure.billing();
	const put = (name) => azure.call("PUT", `supportTickets/${name}`, { body });
	for (const [name, cut, done] of [
		["x1", "before-answer", 404],
		["x2", "after-processing", 200],
		["x3", "mid-body", 200],
	]) {
		await s.fault({ match: { method: "PUT" }, fault: { cut } });
		await assert.rejects(put(name), cut);
		assert.equal((await azure.call("GET", `supportTickets/${name}`)).status, done, cut);
	}
	const { creates, puts } = await s.counts();
	assert.deepEqual(
		[creates, puts],
		[
			{ x2: 1, x3: 1 },
			{ x2: 1, x3: 1 },
		],
	);
});

test("a body is cut in its middle", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s, { subscription: null });
	await s.fault({ match: { path: "*/services" }, fault: { cut: "mid-body" } });
	await assert.rejects(azure.call("GET", "services"));
});

test("a gateway gives up although the work was done", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await s.fault({ match: { method: "PUT" }, fault: { status: 504, process: true } });
	const put = await azure.call("PUT", "supportTickets/x1", { body: azure.billing() });
	assert.deepEqual([put.status, put.body.error.code], [504, "GatewayTimeout"]);
	assert.equal((await azure.call("GET", "supportTickets/x1")).status, 200);
});

test("bodies can be damaged, huge or deep, and a header scripts one request by hand", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s, { subscription: null });
	const get = (fault) =>
		azure.call("GET", "services", {
			headers: { "x-sandbox-fault": JSON.stringify(fault) },
		});
	assert.equal((await get({ bad_json: true })).body, null);
	assert.ok((await get({ huge: 1_000_000 })).text.length > 1_000_000);
	assert.ok((await get({ fault: { deep: 500 } })).text.startsWith("[".repeat(500)));
	assert.equal((await get({ status: 503, body: "<html>" })).text, "<html>");
	assert.equal((await get({ status: 7 })).status, 400);
	const started = Date.now();
	assert.equal((await get({ delay_ms: 80 })).status, 200);
	assert.ok(Date.now() - started >= 75);
	assert.equal((await get({ drip_ms: 1, body: "slowly" })).text, "slowly");
});

test("a fault that makes no sense is refused", async (t) => {
	const s = await start(t);
	for (const script of [
		{},
		{ fault: { cut: "x" } },
		{ fault: {}, times: 0 },
		{ fault: {}, who: 1 },
		{ fault: { huge: 1e12 } },
		{ match: { double: "x" }, fault: {} },
	])
		assert.equal((await s.fault(script)).status, 400, JSON.stringify(script));
});

test("the log has bodies and no secret", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await createTicket(azure, "x1");
	await tokenRequest(s, { grant_type: "client_credentials", client_secret: "other-secret" });
	const { text } = await s.control("GET", "log");
	assert.match(text, /test ticket/);
	assert.match(text, /client_secret=\*\*\*/);
	assert.doesNotMatch(text, /SANDBOX-(SECRET|TOKEN)|other-secret/);
});

test("a secret in a URL is told", async (t) => {
	const s = await start(t);
	await send(`${s.urls.bridge}/v1/contracts/SANDBOX-CONTRACT-0815/remaining`);
	assert.match((await s.violations())[0].why, /secret stands in the URL/);
});

test("tickets of Azure are closed and answered from outside", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const end = await createTicket(azure, "x1");
	const number = end.body.properties.supportTicketId;
	await s.control("POST", `tickets/${number}/state`, { state: "closed" });
	await s.control("POST", `tickets/${number}/messages`, { body: "<p>Done.</p>" });
	assert.equal(
		(await azure.call("GET", "supportTickets/x1")).body.properties.status,
		"Closed",
	);
	const list = await azure.call("GET", "supportTickets/x1/communications");
	assert.equal(list.body.value[0].properties.communicationDirection, "Outbound");
	const all = (await s.control("GET", "tickets")).body;
	assert.deepEqual(
		all.azure.map((one) => one.number),
		[number],
	);
});

test("a reset gives the first world again and keeps the ports", async (t) => {
	const s = await start(t);
	await createTicket(await azureCaller(s), "x1");
	assert.equal((await s.control("POST", "reset")).status, 204);
	const { tickets, requests } = await s.counts();
	assert.deepEqual([tickets.azure, requests], [0, {}]);
	assert.equal(
		(
			await tokenRequest(s, {
				grant_type: "client_credentials",
				...SECRET,
				scope: "https://management.azure.com/.default",
			})
		).status,
		200,
	);
});

test("the control API refuses other hosts, other bodies and odd names", async (t) => {
	const s = await start(t);
	const url = `${s.urls.control}/world`;
	assert.equal((await send(url, { headers: { host: "evil.example" } })).status, 403);
	assert.equal((await send(url, { method: "PATCH", body: "{}" })).status, 415);
	const odd = await send(url, {
		method: "PATCH",
		body: '{"__proto__":{"x":1}}',
		headers: { "content-type": "application/json" },
	});
	assert.equal(odd.status, 400);
});

test("a body over the limit is refused", async (t) => {
	const s = await start(t);
	const answer = await send(s.urls.bridge, {
		method: "POST",
		body: "x".repeat(9_000_000),
	}).catch((error) => error);
	assert.ok(answer instanceof Error || answer.status === 413);
	assert.equal((await s.control("GET", "")).status, 200);
});

function launch(args, stdin = "pipe") {
	const child = spawn(process.execPath, [ENTRY, ...args], {
		stdio: [stdin, "pipe", "inherit"],
	});
	const ended = new Promise((resolve) => child.on("exit", resolve));
	const urls = new Promise((resolve, reject) => {
		child.stdout.once("data", (line) => resolve(JSON.parse(line)));
		child.once("exit", () => reject(new Error("ended early")));
	});
	urls.catch(() => {});
	return { child, ended, urls };
}

test("the program prints its addresses and ends with its standard input", async () => {
	const { child, ended, urls } = launch([]);
	assert.deepEqual(Object.keys(await urls), [
		"azure",
		"login",
		"partner_center",
		"graph",
		"bridge",
		"control",
	]);
	child.stdin.end();
	assert.equal(await ended, 0);
});

test("with --stay it outlives its input and ends on SIGTERM", async () => {
	const { child, ended, urls } = launch(["--stay"], "ignore");
	const { control } = await urls;
	assert.equal((await send(`${control}/counts`)).status, 200);
	child.kill("SIGTERM");
	assert.equal(await ended, 0);
});

test("with --state a restart forgets nothing and keeps the ports", async (t) => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sandbox-"));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	const args = [
		"--state",
		path.join(folder, "state"),
		"--port-file",
		path.join(folder, "ports"),
	];
	const first = launch(args);
	const urls = await first.urls;
	assert.deepEqual(JSON.parse(fs.readFileSync(path.join(folder, "ports"), "utf8")), urls);
	const azure = await azureCaller({ urls });
	const put = await azure.call("PUT", "supportTickets/x1", { body: azure.billing() });
	first.child.stdin.end();
	await first.ended;
	const second = launch(args);
	assert.deepEqual(await second.urls, urls);
	assert.equal((await azure.poll(put.headers["azure-asyncoperation"])).status, 200);
	assert.equal((await azure.call("GET", "supportTickets/x1")).status, 200);
	second.child.stdin.end();
	await second.ended;
	assert.equal(fs.statSync(path.join(folder, "state")).mode & 0o077, 0);
});

test("a wrong option is a usage error", async () => {
	const { ended } = launch(["--nonsense"]);
	assert.equal(await ended, 64);
});

test("every double says that it is one", async (t) => {
	const s = await start(t);
	const token = await appToken(s);
	for (const url of Object.values(s.urls)) {
		const { headers } = await send(url + SERVICES, { headers: bearer(token) });
		assert.equal(headers["x-caseroute-sandbox"], "1", url);
	}
});

test("a new subscription, credential and contract work with what they were not told", async (t) => {
	const s = await start(t);
	const put = (place, body) => s.control("PUT", `world/${place}`, body);
	const id = "44444444-4444-4444-8444-44444444444A";
	await put(`subscriptions/${id}`, { plan: "Unified" });
	const azure = await azureCaller(s, { subscription: id });
	assert.equal((await createTicket(azure, "x1")).body.status, "Succeeded");
	await put("apps/second", { secret: "SANDBOX-SECRET-second", expires_in: 7 });
	const token = await tokenRequest(s, {
		grant_type: "client_credentials",
		client_id: "second",
		client_secret: "SANDBOX-SECRET-second",
		scope: "https://management.azure.com/.default",
	});
	assert.equal(token.body.expires_in, 7);
	const contract = await put("contracts/c2", { access_id: "A", contract_id: "B" });
	assert.equal(contract.body.remaining, 20);
	assert.equal((await put("nonsense/x", {})).status, 400);
});
