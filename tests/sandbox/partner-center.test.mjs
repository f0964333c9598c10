/*
 * partner-center.test.mjs - each quirk of Partner Center that the double shows
 */
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { test } from "node:test";
import { appToken, bearer, FABRIKAM, send, start, userToken } from "./client.mjs";

const SCOPE = "https://api.partnercenter.microsoft.com/user_impersonation";
const AGENT = "agent@contoso.example";

async function partner(t, token) {
	const s = await start(t);
	const mine = token ? await token(s) : await userToken(s, SCOPE);
	const call = (method, path, { body, headers = {} } = {}) =>
		send(`${s.urls.partner_center}/v1/${path}`, {
			method,
			body,
			headers: {
				...bearer(mine),
				accept: "application/json",
				"ms-requestid": crypto.randomUUID(),
				"ms-correlationid": crypto.randomUUID(),
				...headers,
			},
		});
	return { ...s, call, get: (path, headers) => call("GET", path, { headers }) };
}

const appOnly = (s) =>
	appToken(s, undefined, { scope: "https://api.partnercenter.microsoft.com/.default" });

test("an app-only token gets 401 MFA required without a body where a user is needed", async (t) => {
	const p = await partner(t, appOnly);
	const answer = await p.get("servicerequests");
	assert.deepEqual([answer.status, answer.reason, answer.text], [401, "MFA required", ""]);
	assert.equal(answer.headers["www-authenticate"], 'Bearer error="invalid_token"');
	assert.equal((await p.get("customers?size=10")).status, 200);
	await p.set({ partner_center: { app_only: "900329" } });
	assert.deepEqual((await p.get("servicerequests")).body.code, 900329);
});

test("a user without MFA, without AdminAgents, or without a token is refused", async (t) => {
	const p = await partner(t);
	const { status, body } = await p.get("servicerequests", { authorization: "" });
	assert.deepEqual([status, body.code], [401, 800001]);
	await p.world({ users: { [AGENT]: { groups: [] } } });
	const noRole = await p.get(`customers/${FABRIKAM}/managedservices`);
	assert.deepEqual([noRole.status, noRole.body.code], [403, 900150]);
	await p.world({ users: { [AGENT]: { mfa: false } } });
	const token = await userToken(p, SCOPE);
	assert.equal((await p.get("roles", bearer(token))).reason, "MFA required");
});

test("a customer is shown with or without delegated access, or refused", async (t) => {
	const p = await partner(t);
	const dap = (await p.get(`customers/${FABRIKAM}`)).body;
	assert.deepEqual([dap.relationshipToPartner, dap.allowDelegatedAccess], ["reseller", true]);
	const none = (await p.get("customers/aaaaaaaa-0000-4000-8000-00000000000b")).body;
	assert.equal(none.allowDelegatedAccess, false);
	assert.ok(!("address" in none.companyProfile) && !("customDomains" in none));
	const codes = {
		"aaaaaaaa-0000-4000-8000-00000000000c": [403, 20002],
		"aaaaaaaa-0000-4000-8000-0000000000ff": [404, 60003],
		nonsense: [400, 900118],
	};
	for (const [id, expected] of Object.entries(codes)) {
		const { status, body } = await p.get(`customers/${id}`);
		assert.deepEqual([status, body.code], expected);
	}
});

test("customers page by a continuation token that stands in the link's headers", async (t) => {
	const p = await partner(t);
	const first = (await p.get("customers?size=1")).body;
	const { uri, headers } = first.links.next;
	assert.equal(uri, "/customers?size=1&seekOperation=Next");
	const next = await p.get(uri.slice(1), { [headers[0].key]: headers[0].value });
	assert.equal(next.body.items[0].companyProfile.companyName, "Northwind");
	assert.ok(!("next" in next.body.links));
	const filter = { Field: "CompanyName", Value: "FABR", Operator: "starts_with" };
	const found = await p.get(
		`customers?size=0&filter=${encodeURIComponent(JSON.stringify(filter))}`,
	);
	assert.equal(found.body.items.length, 1);
});

test("managed services begin with a byte order mark and may lack a ticket link", async (t) => {
	const p = await partner(t);
	const answer = await p.get(`customers/${FABRIKAM}/managedservices`);
	assert.equal(answer.text.charCodeAt(0), 0xfeff);
	const by = Object.fromEntries(answer.body.items.map((one) => [one.id, one.links]));
	assert.match(by.Exchange.serviceTicket.uri, /CTID=aaaaaaaa-.*&CSDEST=Support$/);
	assert.ok(!("serviceTicket" in by.SharePoint));
	assert.ok("SandboxUnheardOf" in by);
	await p.set({ partner_center: { bom: false } });
	const plain = await p.get(`customers/${FABRIKAM}/managedservices`);
	assert.equal(plain.text[0], "{");
});

test("lists leave notes out, a customer's list has ordinals, a single read has all", async (t) => {
	const p = await partner(t);
	const { items } = (await p.get("servicerequests")).body;
	assert.ok(items.every((one) => one.notes === null));
	assert.deepEqual(
		items.map((one) => one.status),
		["open", "attention_needed", "closed"],
	);
	const mine = (await p.get(`customers/${FABRIKAM}/servicerequests`)).body.items;
	assert.deepEqual(
		mine.map((one) => [one.severity, one.status]),
		[
			[1, 1],
			[3, 3],
		],
	);
	const one = (await p.get("servicerequests/900000000000001")).body;
	assert.equal(one.notes[0].text, "Queue length is 412.");
	assert.equal(one.lastClosedDate, "0001-01-01T00:00:00");
	const digits = new Set(
		items
			.flatMap((i) => [i.createdDate, i.lastModifiedDate])
			.map((date) => /\.(\d+)/.exec(date)?.[1].length ?? 0),
	);
	assert.ok(digits.size >= 4, [...digits].join());
});

test("service requests page by size and offset and filter in both forms", async (t) => {
	const p = await partner(t);
	/* links come with and without /v1 */
	const first = (await p.get("servicerequests?size=1")).body;
	assert.equal(first.links.next.uri, "/v1/servicerequests?size=1&offset=1");
	const second = (await p.get("servicerequests?size=1&offset=1")).body;
	assert.equal(second.links.next.uri, "/servicerequests?size=1&offset=2");
	const last = (await p.get("servicerequests?size=1&offset=2")).body;
	assert.ok(!("next" in last.links));
	assert.deepEqual([last.totalCount, last.items.length], [3, 1]);
	const sdk = encodeURIComponent('{"Field":"Status","Value":"Open","Operator":"equals"}');
	for (const query of [`filter=${sdk}`, "Field=Status&Value=Open"])
		assert.equal((await p.get(`servicerequests?${query}`)).body.items.length, 1, query);
	const bad = await p.get("servicerequests?filter=nonsense");
	assert.deepEqual([bad.status, bad.body.status, bad.body.title], [400, 400, "Bad Request"]);
});

test("a change answers 200 with a body and 204 without in turn", async (t) => {
	const p = await partner(t);
	const patch = (body) => p.call("PATCH", "servicerequests/900000000000001", { body });
	const note = await patch({
		NewNote: { Text: "First." },
		Status: "none",
		Severity: "unknown",
	});
	assert.equal(note.status, 200);
	assert.deepEqual([note.body.status, note.body.severity], ["open", "critical"]);
	assert.equal(note.body.notes.at(-1).text, "First.");
	const close = await patch({
		Status: "closed",
		Attributes: { ObjectType: "ServiceRequest" },
	});
	assert.deepEqual([close.status, close.text], [204, ""]);
	const { body } = await p.get("servicerequests/900000000000001");
	assert.equal(body.status, "closed");
	assert.notEqual(body.lastClosedDate, "0001-01-01T00:00:00");
	assert.equal((await patch({ Severity: "terrible" })).status, 400);
});

test("the same MS-RequestId after a lost answer changes nothing twice", async (t) => {
	const p = await partner(t);
	const headers = { "ms-requestid": crypto.randomUUID() };
	const patch = () =>
		p.call("PATCH", "servicerequests/900000000000001", {
			headers,
			body: { NewNote: { Text: "Once." } },
		});
	await p.fault({ match: { method: "PATCH" }, fault: { cut: "after-processing" } });
	await assert.rejects(patch());
	const again = await patch();
	assert.equal(again.body.notes.filter((one) => one.text === "Once.").length, 1);
	assert.deepEqual(await p.violations(), []);
	await patch();
	assert.match((await p.violations())[0].why, /again after its answer/);
});

test("the retired create answers as gone and is counted", async (t) => {
	const p = await partner(t);
	const headers = { authorization: "" };
	const body = { Title: "x" };
	const answer = await p.call("POST", "servicerequests/en-US", { body, headers });
	assert.equal(answer.status, 410);
	await p.set({ partner_center: { retired_status: 404 } });
	assert.equal((await p.get("servicerequests/supporttopics")).status, 404);
	const { retired } = await p.counts();
	assert.deepEqual(retired, {
		"POST /v1/servicerequests/en-US": 1,
		"GET /v1/servicerequests/supporttopics": 1,
	});
	assert.equal((await p.violations()).length, 2);
});

test("profiles, roles and agreements answer in their documented shapes", async (t) => {
	const p = await partner(t);
	const code = async (path) => (await p.get(path)).body.code;
	assert.equal((await p.get("profiles/mpn")).body.mpnId, "1234567");
	assert.deepEqual((await p.get("profiles/mpn?mpnId=9")).status, 404);
	assert.equal((await p.get("profiles/support")).body.links.self.uri, "/v1/profiles/support");
	const role = (await p.get("roles")).body.items[0];
	assert.equal((await p.get(`roles/${role.id}/usermembers`)).body.items[0].id, AGENT);
	assert.equal(await code("compliance/csp/agreementstatus"), 2001);
	assert.equal(await code("compliance/csp/agreementstatus?mpnId=x"), 2000);
	const signed = await p.get("compliance/csp/agreementstatus?mpnId=7654321");
	assert.deepEqual(signed.body, { isAgreementSigned: true });
	assert.equal((await p.get(`customers/${FABRIKAM}/agreements`)).body.totalCount, 1);
	const subscriptions = (await p.get(`customers/${FABRIKAM}/subscriptions`)).body.items;
	assert.deepEqual(
		subscriptions.map((one) => one.productType?.id),
		[undefined, "Software", "Azure"],
	);
	assert.equal(await code("nonsense"), 1000);
	assert.deepEqual(await p.violations(), []);
});

test("a throttled call has the gateway's body and a Retry-After", async (t) => {
	const p = await partner(t);
	await p.fault({
		match: { double: "partner_center" },
		fault: { status: 429, retry_after: "57" },
	});
	const { status, body, headers } = await p.get(`customers/${FABRIKAM}`);
	assert.deepEqual([status, headers["retry-after"]], [429, "57"]);
	assert.deepEqual(body, {
		statusCode: 429,
		message: "Rate limit is exceeded. Try again in 57 seconds.",
	});
});

test("missing headers are told", async (t) => {
	const p = await partner(t);
	await p.get("roles", { accept: "text/html", "ms-requestid": "1" });
	const why = (await p.violations()).map((one) => one.why).join("; ");
	assert.match(why, /Accept: application\/json is missing; ms-requestid is not a guid/);
});

test("a customer without delegated rights is not served", async (t) => {
	const p = await partner(t);
	for (const name of ["servicerequests", "managedservices"]) {
		const path = `customers/aaaaaaaa-0000-4000-8000-00000000000b/${name}`;
		const { status, body } = await p.get(path);
		assert.deepEqual([status, body.code], [403, 900308]);
	}
});
