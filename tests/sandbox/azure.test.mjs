/*
 * azure.test.mjs - each quirk of Microsoft.Support 2024-04-01 that the double shows
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { azureFacts } from "./azure-facts.mjs";
import {
	appToken,
	azureCaller,
	bearer,
	createTicket,
	FABRIKAM,
	send,
	start,
	ticket,
	userToken,
} from "./client.mjs";
import { CSP_PLAN_SUBSCRIPTION, CUSTOMER_SUBSCRIPTION } from "./world.mjs";

const REFUSED_NAME = "Communication resource name is invalid. Please provide a valid name.";
const headerBytes = (answer) => answer.rawHeaders.join("").length;

test("a create is answered 202 with an empty body and two long signed URLs", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const put = await azure.call("PUT", "supportTickets/router-1", { body: azure.billing() });
	assert.equal(put.status, 202);
	assert.equal(put.text, "");
	assert.equal(put.headers["content-length"], "0");
	assert.ok(put.headers["azure-asyncoperation"].length > 2800);
	assert.ok(put.headers.location.length > 2800);
	assert.ok(headerBytes(put) > 6 * 1024 && headerBytes(put) < 16 * 1024);
	assert.equal(put.headers["x-ms-ratelimit-remaining-subscription-writes"], "1199");
	assert.equal(put.headers["x-ms-request-id"], put.headers["x-ms-correlation-request-id"]);
	assert.equal(put.headers["retry-after"], undefined);
	assert.equal(put.headers["x-caseroute-sandbox"], "1");
});

test("an operation is in progress as often as told, then has the 16 digit number", async (t) => {
	const s = await start(t);
	await s.set({ azure: { polls: 2 } });
	const azure = await azureCaller(s);
	const put = await azure.call("PUT", "supportTickets/router-1", { body: azure.billing() });
	const url = put.headers["azure-asyncoperation"];
	for (let i = 0; i < 2; i++) assert.equal((await azure.poll(url)).body.status, "InProgress");
	const { body } = await azure.poll(url);
	assert.equal(body.status, "Succeeded");
	assert.match(body.properties.supportTicketId, /^\d{16}$/);
	assert.equal(body.properties.supportTicketCreationWarning, "");
});

test("an operation URL that comes back changed is refused and told", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const put = await azure.call("PUT", "supportTickets/router-1", { body: azure.billing() });
	const poll = await azure.poll(`${put.headers["azure-asyncoperation"]}&extra=1`);
	assert.equal(poll.status, 400);
	assert.match((await s.violations())[0].why, /operation URL was changed/);
});

test("words come back in another case, with members nobody described", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await createTicket(azure, "router-1");
	const { body } = await azure.call("GET", "supporttickets/ROUTER-1");
	const p = body.properties;
	assert.equal(body.name, "router-1");
	assert.deepEqual(
		[
			p.severity,
			p.contactDetails.preferredContactMethod,
			p.contactDetails.country,
			p.status,
		],
		["Minimal", "Email", "USA", "Open"],
	);
	assert.equal(p.advancedDiagnosticConsent, "No");
	assert.equal(p.supportPlanDisplayName, "Azure Support Plan \u2013 ProDirect");
	assert.equal(p.fileWorkspaceName, p.supportTicketId);
	assert.ok("productionOutage" in p);
	assert.deepEqual(
		azureFacts()
			.checkAnswer("SupportTicketDetails", body)
			.filter((f) => f.grade === "broken"),
		[],
	);
});

test("a second PUT with a used name gives the same ticket and is counted", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await createTicket(azure, "router-1");
	const again = await azure.call("PUT", "supportTickets/router-1", { body: azure.billing() });
	assert.equal(again.status, 200);
	const counts = await s.counts();
	assert.deepEqual(counts.creates, { "router-1": 1 });
	assert.deepEqual(counts.puts, { "router-1": 2 });
	assert.deepEqual(counts.duplicate_puts, { "router-1": 1 });
	assert.equal(counts.tickets.azure, 1);
});

test("a fresh ticket can be invisible for some reads", async (t) => {
	const s = await start(t);
	await s.set({ azure: { hidden_gets: 1 } });
	const azure = await azureCaller(s);
	await createTicket(azure, "router-1");
	const first = await azure.call("GET", "supportTickets/router-1");
	assert.deepEqual([first.status, first.body.error.code], [404, "ResourceNotFound"]);
	assert.equal((await azure.call("GET", "supportTickets/router-1")).status, 200);
});

test("the plan refuses inside the operation and opens nothing", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s, {
		subscription: CSP_PLAN_SUBSCRIPTION,
		token: await appToken(s, FABRIKAM),
	});
	const auxiliary = { "x-ms-authorization-auxiliary": `Bearer ${await appToken(s)}` };
	const end = await createTicket(azure, "router-1", azure.billing(), auxiliary);
	assert.equal(end.body.status, "Failed");
	assert.match(
		end.body.error.message,
		/^Your support plan type is CSP\. To create and update support tickets, and add/,
	);
	assert.equal((await azure.call("GET", "supportTickets/router-1")).status, 404);
	assert.equal((await s.counts()).tickets.azure, 0);
});

test("on behalf of a customer the partner's token must come along", async (t) => {
	const s = await start(t);
	const token = await appToken(s, FABRIKAM);
	const azure = await azureCaller(s, { subscription: CUSTOMER_SUBSCRIPTION, token });
	const without = await createTicket(azure, "router-1");
	assert.equal(without.body.status, "Failed");
	assert.match((await s.violations())[0].why, /auxiliary is missing/);
	const wrong = await createTicket(azure, "router-1", azure.billing(), {
		"x-ms-authorization-auxiliary": `Bearer ${token}`,
	});
	assert.equal(wrong.status, 401);
	const right = await createTicket(azure, "router-1", azure.billing(), {
		"x-ms-authorization-auxiliary": `Bearer ${await appToken(s)}`,
	});
	assert.equal(right.body.status, "Succeeded");
});

test("tokens are refused by kind: none, bad, expired, of another API or tenant", async (t) => {
	const s = await start(t);
	const code = async (token, subscription) => {
		const azure = await azureCaller(s, { token, subscription });
		const answer = await azure.call("GET", "supportTickets", {
			headers: token ? {} : { authorization: "" },
		});
		return `${answer.status} ${answer.body.error.code}`;
	};
	assert.equal(await code(""), "401 AuthenticationFailed");
	assert.equal(await code("nonsense"), "401 InvalidAuthenticationToken");
	const graph = await appToken(s, undefined, {
		scope: "https://graph.microsoft.com/.default",
	});
	assert.equal(await code(graph), "401 InvalidAuthenticationTokenAudience");
	const token = await appToken(s);
	assert.equal(
		await code(token, CUSTOMER_SUBSCRIPTION),
		"401 InvalidAuthenticationTokenTenant",
	);
	const unknown = "99999999-9999-4999-8999-999999999999";
	assert.equal(await code(token, unknown), "404 SubscriptionNotFound");
	s.sandbox.state.tokens[token].expires = 0;
	assert.equal(await code(token), "401 ExpiredAuthenticationToken");
});

test("a caller without a role is forbidden, a reader only reads", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const role = (access) =>
		s.control("PUT", "world/subscriptions/11111111-1111-1111-1111-111111111111", {
			access,
		});
	await role({ "66666666-6666-6666-6666-666666666666": "Reader" });
	assert.equal((await azure.call("GET", "supportTickets")).status, 200);
	const put = await azure.call("PUT", "supportTickets/x1", { body: azure.billing() });
	assert.deepEqual([put.status, put.body.error.code], [403, "AuthorizationFailed"]);
});

test("about 25 services have guids, and some classifications ask for consent", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s, { subscription: null });
	const { body } = await azure.call("GET", "services");
	assert.equal(body.value.length, 25);
	for (const service of body.value)
		for (const type of service.properties.resourceTypes)
			assert.equal(type, type.toUpperCase());
	const linux = body.value.find((one) => /Linux/.test(one.properties.displayName));
	const list = await azure.call("GET", `services/${linux.name}/problemClassifications`);
	const asking = list.body.value.find((one) => one.properties.secondaryConsentEnabled);
	const body2 = ticket(asking.id, { serviceId: linux.id });
	const refused = await azure.call("PUT", "supportTickets/x1", { body: body2 });
	assert.match(refused.body.error.message, /secondaryConsent of type/);
});

test("a broken body is refused, told, and never becomes a ticket", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const contact = azure.billing().properties.contactDetails;
	const changes = [
		{ title: undefined },
		{ severity: 3 },
		{ problemStartTime: "yesterday" },
		{
			serviceId: "/providers/Microsoft.Support/services/none",
		},
		{ contactDetails: { ...contact, preferredContactMethod: "phone" } },
		{ contactDetails: { ...contact, country: "us" } },
		{ contactDetails: { ...contact, preferredTimeZone: "Europe/Berlin" } },
		{ fileWorkspaceName: "none-such" },
		{ problemScopingQuestions: "no json" },
		{ technicalTicketDetails: { resourceId: "/subscriptions/other/x" } },
	];
	for (const change of changes) {
		const body = azure.billing(change);
		const answer = await azure.call("PUT", "supportTickets/x1", { body });
		assert.equal(answer.status, 400, JSON.stringify(change));
	}
	assert.equal((await s.violations()).length, changes.length);
	assert.deepEqual((await s.counts()).creates, {});
});

test("read-only members are told, but not refused", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const end = await createTicket(azure, "x1", azure.billing({ status: "Open" }));
	assert.equal(end.body.status, "Succeeded");
	const all = (await s.control("GET", "violations")).body;
	assert.ok(all.some((one) => one.grade === "advice" && /read-only/.test(one.why)));
});

test("a name check always answers 200, with the service's own text", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await createTicket(azure, "router-1");
	const ask = async (name, type = "Microsoft.Support/supportTickets") => {
		const answer = await azure.call("POST", "checkNameAvailability", {
			body: { name, type },
		});
		assert.equal(answer.status, 200);
		return answer.body;
	};
	assert.deepEqual(await ask("free-1"), { nameAvailable: true });
	assert.equal((await ask("ROUTER-1")).reason, "Name is already in use");
	for (const bad of ["12345", "tmp-1", "a:b", "a".repeat(256)])
		assert.equal((await ask(bad)).reason, "Invalid", bad);
	assert.match(
		(await ask("12345")).message,
		/^Name 12345 is invalid\. The name cannot include/,
	);
	assert.equal((await ask("ws-1", "Microsoft.Support/fileWorkspaces")).nameAvailable, true);
});

test("lists page by nextLink and filter by bare dates of at most 540 days", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	for (const name of ["a1", "a2", "a3"]) await createTicket(azure, name);
	const first = await azure.call("GET", "supportTickets", { query: "&$top=2" });
	assert.deepEqual(
		first.body.value.map((one) => one.name),
		["a3", "a2"],
	);
	const rest = await azure.poll(first.body.nextLink);
	assert.deepEqual(
		rest.body.value.map((one) => one.name),
		["a1"],
	);
	assert.ok(!("nextLink" in rest.body));
	const filter = (text) =>
		azure.call("GET", "supportTickets", {
			query: `&$filter=${encodeURIComponent(text)}`,
		});
	const today = new Date().toISOString().slice(0, 10);
	const good = `status eq 'Open' and createdDate ge ${today}`;
	assert.equal((await filter(good)).body.value.length, 3);
	assert.equal((await filter("status eq 'Closed'")).body.value.length, 0);
	for (const bad of [
		"createdDate ge 2019-12-20",
		`createdDate ge '${today}'`,
		`CreatedDate ge ${today}`,
		"supportTicketId eq '1'",
	]) {
		const answer = await filter(bad);
		assert.deepEqual(
			[answer.status, answer.body.error.code],
			[400, "InvalidQueryParameter"],
			bad,
		);
	}
	const many = await azure.call("GET", "supportTickets", { query: "&$top=101" });
	assert.equal(many.status, 400);
});

test("a change is flat, and severity stays while an engineer works", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await createTicket(azure, "x1");
	const patch = (body) => azure.call("PATCH", "supportTickets/x1", { body });
	assert.equal((await patch({ status: "closed" })).body.properties.status, "Closed");
	assert.equal((await patch({ properties: { status: "open" } })).status, 400);
	await s.set({ azure: { engineer_at_work: true } });
	assert.equal((await patch({ severity: "moderate" })).status, 400);
});

test("a message needs a sender from a service principal and no bare guid as name", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	await createTicket(azure, "x1");
	const put = (name, properties, caller = azure) =>
		caller.call("PUT", `supportTickets/x1/communications/${name}`, {
			body: { properties },
		});
	const text = { subject: "s", body: "b" };
	const bare = await put("m1", text);
	assert.deepEqual([bare.status, bare.body.Error.Code], [400, "InvalidData"]);
	const guid = await put("12345678-1234-1234-1234-123412341234", {
		...text,
		sender: "a@b.example",
	});
	assert.deepEqual(guid.body, {
		Error: {
			Code: "InvalidData",
			Message: REFUSED_NAME,
			Target: null,
			InnerError: null,
			Details: [],
		},
	});
	assert.equal((await put("m1", { ...text, sender: "a@b.example" })).status, 202);
	const token = await userToken(s, "https://management.azure.com/.default");
	const person = await azureCaller(s, { token });
	assert.equal((await put("m2", text, person)).status, 202);
	const { body } = await azure.call("GET", "supportTickets/x1/communications/m1");
	assert.equal(body.properties.communicationDirection, "Inbound");
	const list = await azure.call("GET", "supportTickets/x1/communications", {
		query: `&$filter=${encodeURIComponent("communicationType eq 'web'")}`,
	});
	assert.equal(list.body.value.length, 2);
});

test("a file goes up in two chunks of the promised size", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	assert.equal((await azure.call("PUT", "fileWorkspaces/ws1")).status, 201);
	const file = (name, fileSize, chunkSize, numberOfChunks) =>
		azure.call("PUT", `fileWorkspaces/ws1/files/${name}`, {
			body: { properties: { fileSize, chunkSize, numberOfChunks } },
		});
	const chunk = (chunkIndex, bytes) =>
		azure.call("POST", "fileWorkspaces/ws1/files/log.txt/upload", {
			body: { chunkIndex, content: Buffer.alloc(bytes, 7).toString("base64") },
		});
	assert.equal((await file("log.txt", 5_000_000, 2_621_440, 2)).status, 201);
	const early = await azure.call("PUT", "supportTickets/x1", {
		body: azure.billing({ fileWorkspaceName: "ws1" }),
	});
	assert.match(early.body.error.message, /not uploaded completely/);
	assert.equal((await chunk(0, 2_621_440)).status, 204);
	assert.equal((await chunk(1, 7)).status, 400);
	assert.equal((await chunk(1, 5_000_000 - 2_621_440)).status, 204);
	assert.equal((await chunk(2, 1)).status, 400);
	for (const bad of [
		["big.txt", 5_242_881, 2_621_440, 2],
		["many.txt", 3000, 1000, 3],
		["wrong.txt", 1000, 1000, 2],
		["run.ps1", 10, 10, 1],
		[`${"n".repeat(107)}.txt`, 10, 10, 1],
	])
		assert.equal((await file(...bad)).status, 400, bad[0]);
	const end = await createTicket(azure, "x1", azure.billing({ fileWorkspaceName: "ws1" }));
	assert.equal(end.body.status, "Succeeded");
});

test("a ticket at tenant scope runs under the basic plan", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s, { subscription: null });
	const end = await createTicket(azure, "x1");
	assert.equal(end.body.status, "Succeeded");
	const { body, headers } = await azure.call("GET", "supportTickets/x1");
	assert.equal(body.properties.supportPlanDisplayName, "Basic support");
	assert.equal(body.properties.serviceLevelAgreement.slaMinutes, 480);
	assert.equal(headers["x-ms-ratelimit-remaining-tenant-reads"], "11999");
});

test("an unknown api-version, a missing one and another provider are refused", async (t) => {
	const s = await start(t);
	const token = await appToken(s);
	const code = async (path) =>
		(await send(s.urls.azure + path, { headers: bearer(token) })).body.error.code;
	const root = "/providers/Microsoft.Support/services";
	assert.equal(await code(root), "MissingApiVersionParameter");
	assert.equal(await code(`${root}?api-version=1999-01-01`), "InvalidResourceType");
	const other = "/providers/Microsoft.Compute/x?api-version=2024-04-01";
	assert.equal(await code(other), "InvalidResourceNamespace");
});

test("an operation can end Failed or Canceled, and then there is no ticket", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	for (const end of ["Failed", "Canceled"]) {
		await s.set({ azure: { end, running: "Accepted", retry_after: 1 } });
		const put = await azure.call("PUT", "supportTickets/x1", { body: azure.billing() });
		assert.equal(put.headers["retry-after"], "1");
		const url = put.headers["azure-asyncoperation"];
		assert.equal((await azure.poll(url)).body.status, "Accepted");
		const { body } = await azure.poll(url);
		assert.deepEqual([body.status, body.error.code], [end, "SandboxEnd"]);
		assert.equal((await azure.call("GET", "supportTickets/x1")).status, 404);
	}
});

test("Location alone is 202 while it runs and 204 at the end", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const put = await azure.call("PUT", "supportTickets/x1", { body: azure.billing() });
	const running = await azure.poll(put.headers.location);
	assert.deepEqual([running.status, running.headers.location], [202, put.headers.location]);
	assert.equal((await azure.poll(put.headers.location)).status, 204);
});

test("a file can go into the workspace of a ticket that exists", async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	const end = await createTicket(azure, "x1");
	const file = `fileWorkspaces/${end.body.properties.supportTicketId}/files/a.txt`;
	const body = { properties: { fileSize: 3, chunkSize: 3, numberOfChunks: 1 } };
	assert.equal((await azure.call("PUT", file, { body })).status, 201);
	const upload = { body: { chunkIndex: 0, content: "YWJj" } };
	assert.equal((await azure.call("POST", `${file}/upload`, upload)).status, 204);
	assert.equal((await azure.call("GET", file)).body.name, "a.txt");
});
