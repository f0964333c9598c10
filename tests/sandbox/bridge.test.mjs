/*
 * bridge.test.mjs - the bridge opens once for each key and never spends what is not there
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bearer, send, start } from "./client.mjs";

const ANNA = "anna@contoso.example";
const IDS = { access_id: "SANDBOX-ACCESS-4711", contract_id: "SANDBOX-CONTRACT-0815" };

async function caller(t) {
	const s = await start(t);
	const call = (method, path, body, headers = {}) =>
		send(`${s.urls.bridge}/v1/${path}`, {
			method,
			body,
			headers: { ...bearer("SANDBOX-SECRET-bridge"), ...headers },
		});
	const link = (account = ANNA, ids = IDS, headers) =>
		call("POST", "links", { account, contract: "c1", ...ids }, headers);
	const put = (key, body = {}) =>
		call(
			"PUT",
			`requests/${key}`,
			{ title: "t", account: ANNA, contract: "c1", ...body },
			{ "idempotency-key": key },
		);
	return { ...s, call, link, put };
}

test("a link is made once for an account; later it is already associated", async (t) => {
	const b = await caller(t);
	assert.deepEqual((await b.link()).body, {
		result: "linked",
		end: "2099-12-31",
		remaining: 7,
	});
	assert.equal((await b.link()).body.result, "already_associated");
	const wrong = await b.link(ANNA, { ...IDS, contract_id: "sandbox-contract-0815" });
	assert.deepEqual([wrong.body.result, wrong.body.code], ["refused", "add_error"]);
	const counts = await b.counts();
	assert.deepEqual(counts.links_made, { [`c1 ${ANNA}`]: 1 });
	assert.deepEqual(counts.links_asked, { [`c1 ${ANNA}`]: 3 });
});

test("a link with the same Idempotency-Key gives the first answer again", async (t) => {
	const b = await caller(t);
	const headers = { "idempotency-key": "k1" };
	for (let i = 0; i < 2; i++)
		assert.equal((await b.link(ANNA, IDS, headers)).body.result, "linked");
	const other = await b.link("ben@contoso.example", IDS, headers);
	assert.equal(other.status, 422);
});

test("a request opens once for its key, whatever is sent again", async (t) => {
	const b = await caller(t);
	await b.link();
	const first = await b.put("r1");
	assert.equal(first.status, 201);
	assert.match(first.body.ticket, /^\d{16}$/);
	const again = await b.put("r1");
	assert.deepEqual([again.status, again.body], [200, first.body]);
	assert.equal((await b.put("r1", { title: "other" })).status, 422);
	assert.deepEqual((await b.call("GET", "requests/r1")).body, first.body);
	const { incidents, creates } = await b.counts();
	assert.deepEqual([incidents, creates], [{ c1: 1 }, { "bridge r1": 1 }]);
});

test("a lost answer costs no second incident", async (t) => {
	const b = await caller(t);
	await b.link();
	await b.fault({
		match: { double: "bridge", method: "PUT" },
		fault: { cut: "after-processing" },
	});
	await assert.rejects(b.put("r1"));
	assert.equal((await b.put("r1")).body.result, "opened");
	assert.deepEqual((await b.counts()).incidents, { c1: 1 });
});

test("nothing is opened with no incident left, after the end, or without a link", async (t) => {
	const b = await caller(t);
	const code = async (key) => (await b.put(key)).body.code;
	assert.equal(await code("r0"), "plan_absent");
	await b.link();
	await b.control("PUT", "world/contracts/c1", { remaining: 1 });
	assert.equal((await b.put("r1")).body.result, "opened");
	assert.equal(await code("r2"), "unavailable_depleted");
	await b.control("PUT", "world/contracts/c1", { remaining: 9, end: "2020-01-31" });
	assert.equal(await code("r3"), "unavailable_expired");
	assert.deepEqual((await b.counts()).incidents, { c1: 1 });
});

test("a queued request opens when somebody has worked on it", async (t) => {
	const b = await caller(t);
	await b.link();
	await b.set({ bridge: { mode: "queue" } });
	assert.deepEqual((await b.put("r1")).body, { result: "queued" });
	await b.control("POST", "bridge/requests/r1", {});
	const { body } = await b.call("GET", "requests/r1");
	assert.equal(body.result, "opened");
	const ticket = () => b.call("GET", `tickets/${body.ticket}`);
	assert.deepEqual((await ticket()).body, { state: "open", detail: "" });
	await b.control("POST", `tickets/${body.ticket}/state`, {
		state: "solved",
		detail: "done",
	});
	assert.deepEqual((await ticket()).body, { state: "solved", detail: "done" });
});

test("a probe shows what is linked and says that it created nothing", async (t) => {
	const b = await caller(t);
	const probe = () => b.call("GET", `contracts/c1/remaining?account=${ANNA}`);
	assert.deepEqual((await probe()).body, { plans: [], created: false });
	await b.link();
	assert.deepEqual((await probe()).body, {
		plans: [{ plan: "Partner Support", end: "2099-12-31", remaining: 7 }],
		created: false,
	});
	assert.equal((await b.counts()).tickets.bridge, 0);
});

test("a wrong bearer token is refused, an unknown request is 404", async (t) => {
	const b = await caller(t);
	const answer = await b.call("GET", "requests/r1", undefined, bearer("x"));
	assert.equal(answer.status, 401);
	assert.equal(answer.headers["content-type"], "application/problem+json");
	assert.equal((await b.call("GET", "requests/r1")).status, 404);
});
