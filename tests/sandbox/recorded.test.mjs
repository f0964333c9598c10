/*
 * recorded.test.mjs - the doubles against recorded exchanges and the portals' own descriptions
 *
 * These live outside the project; CASEROUTE_SHARED names the folder. Without it the tests are
 * skipped, and say so.
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { azureFacts, sharedFolder } from "./azure-facts.mjs";
import { azureCaller, bearer, createTicket, FABRIKAM, send, start, userToken } from "./client.mjs";
import { check } from "./schema.mjs";

const shared = sharedFolder();
const skip = shared ? false : "CASEROUTE_SHARED names no folder with portals/";
const read = (...names) =>
	JSON.parse(fs.readFileSync(path.join(shared, "portals", ...names), "utf8"));
const SPEC = [
	"azure",
	"spec",
	"specification",
	"support",
	"resource-manager",
	"Microsoft.Support",
	"stable",
	"2024-04-01",
];
const WORDS = new Set([
	"nameAvailable",
	"reason",
	"status",
	"severity",
	"type",
	"code",
	"Code",
	"Message",
	"country",
	"preferredContactMethod",
	"communicationType",
	"communicationDirection",
	"slaMinutes",
	"supportPlanType",
	"supportPlanDisplayName",
	"isTemporaryTicket",
	"target",
]);

/* Same members, same types; the same value where the value is a word of the portal. */
function assertShape(actual, expected, at) {
	if (expected === null || typeof expected !== "object") {
		assert.equal(typeof actual, typeof expected, at);
		if (WORDS.has(at.split("/").at(-1))) assert.equal(actual, expected, at);
		return;
	}
	for (const [name, value] of Object.entries(expected)) {
		assert.ok(actual !== null && name in actual, `${at}/${name} is missing`);
		assertShape(actual[name], value, `${at}/${name}`);
	}
}

const exchanges = () =>
	Object.fromEntries(read("azure", "recorded.json").exchanges.map((one) => [one.name, one]));

/* The path as recorded, our own version and classification in place of the replaced ones. */
function replay(s, azure, { request }) {
	const text = JSON.stringify(request.body ?? null).replace(
		/problemClassifications\/[0-9a-f-]{36}/,
		azure.classification.split("/").slice(-2).join("/"),
	);
	const query = request.query
		? Object.entries(request.query)
				.map(([k, v]) => `&${k}=${encodeURIComponent(v)}`)
				.join("")
		: "";
	return send(`${s.urls.azure}${request.path}?api-version=2024-04-01${query}`, {
		method: request.method,
		headers: bearer(azure.token),
		body: request.body ? JSON.parse(text) : undefined,
	});
}

function assertAnswer(answer, exchange) {
	const { response, name } = exchange;
	assert.equal(answer.status, response.status, name);
	for (const header of Object.keys(response.headers ?? {}))
		assert.ok(answer.headers[header.toLowerCase()] !== undefined, `${name}: ${header}`);
	if (response.body) assertShape(answer.body, response.body, name);
	else if (!response.bodyProperties) assert.equal(answer.text, "", name);
}

test("each recorded exchange with Microsoft.Support has its shape here", { skip }, async (t) => {
	const s = await start(t);
	await s.set({ azure: { polls: 0 } });
	const azure = await azureCaller(s);
	const all = exchanges();
	const played = new Set();
	const play = async (name, answer) => {
		played.add(name);
		const got = await (answer ?? replay(s, azure, all[name]));
		assertAnswer(got, all[name]);
		return got;
	};
	await play("name check, free");
	await play("name check, refused form");
	const put = await play("create, accepted");
	await play("poll, finished", azure.poll(put.headers["azure-asyncoperation"]));
	await play("ticket after creation");
	await play("message refused, provider's own error casing");
	const body = { properties: { subject: "s", body: "b", sender: "test@example.com" } };
	await azure.call("PUT", "supportTickets/router-000042/communications/msg-1", { body });
	await play("message read back");
	for (const name of ["file workspace", "file"]) await play(name);
	/* the recording's chunk is shortened, so the promised size is made to fit it */
	await azure.call("PUT", "fileWorkspaces/ws1/files/testFile.txt", {
		body: { properties: { chunkSize: 14, fileSize: 14, numberOfChunks: 1 } },
	});
	await play("upload");
	await play("filter refused (from an issue report; HTTP status not shown there)");

	const old = await send(
		`${s.urls.azure}${azure.prefix}/providers/Microsoft.Support/supportTickets/old-1` +
			"?api-version=2020-04-01",
		{ method: "PUT", headers: bearer(azure.token), body: azure.billing() },
	);
	await play(
		"poll, finished, older version",
		azure.poll(old.headers["azure-asyncoperation"]),
	);
	const tenant = await azureCaller(s, { subscription: null });
	await createTicket(tenant, "router-000043");
	const name = "tenant scope: plan fields of a ticket without subscription";
	const got = await play(name);
	assertShape(got.body.properties, all[name].response.bodyProperties, name);
	assert.deepEqual(
		[...Object.keys(all)].filter((one) => !played.has(one)),
		[],
	);
});

test("every path of the OpenAPI description is answered here", { skip }, async (t) => {
	const s = await start(t);
	const azure = await azureCaller(s);
	for (const [template, methods] of Object.entries(azureFacts(shared).paths)) {
		const filled = template
			.replace("{subscriptionId}", azure.prefix.split("/")[2])
			.replace(/\{\w+\}/g, "x-1");
		for (const method of Object.keys(methods)) {
			const { status, body } = await send(
				`${s.urls.azure}${filled}?api-version=2024-04-01`,
				{ method: method.toUpperCase(), headers: bearer(azure.token) },
			);
			assert.notEqual(
				body?.error?.code,
				"InvalidResourceType",
				`${method} ${template}`,
			);
			assert.ok(status !== 405 && status < 500, `${method} ${template}`);
		}
	}
});

const parameters = {
	createSupportTicketParameters: "SupportTicketDetails",
	updateSupportTicket: "UpdateSupportTicket",
	createCommunicationParameters: "CommunicationDetails",
	checkNameAvailabilityInput: "CheckNameAvailabilityInput",
	createFileParameters: "FileDetails",
	uploadFile: "UploadFile",
};

for (const [title, facts] of [
	["the OpenAPI description", azureFacts(shared)],
	["the sandbox's own table", azureFacts(null)],
]) {
	test(`every example request fits ${title}`, { skip }, () => {
		const folder = path.join(shared, "portals", ...SPEC, "examples");
		let checked = 0;
		for (const file of fs.readdirSync(folder)) {
			const example = read(...SPEC, "examples", file);
			for (const [name, definition] of Object.entries(parameters)) {
				if (!(name in example.parameters)) continue;
				const found = facts.checkRequest(
					definition,
					example.parameters[name],
				);
				assert.deepEqual(
					found.filter((one) => one.grade === "broken"),
					[],
					file,
				);
				checked++;
			}
		}
		assert.ok(checked > 30, `${checked} examples`);
	});
}

test("the sandbox's own table refuses what the OpenAPI description refuses", { skip }, () => {
	const [official, own] = [azureFacts(shared), azureFacts(null)];
	assert.notEqual(official.source, own.source);
	const good = exchanges()["create, accepted"].request.body;
	const cases = [
		good,
		{},
		{ properties: {} },
		{ properties: { ...good.properties, title: 1 } },
	];
	for (const name of Object.keys(good.properties)) {
		const { [name]: gone, ...rest } = good.properties;
		cases.push({ properties: rest }, { properties: { ...rest, [name]: [gone] } });
	}
	const broken = (facts, body) =>
		facts
			.checkRequest("SupportTicketDetails", body)
			.filter((one) => one.grade === "broken");
	for (const body of cases)
		assert.deepEqual(broken(own, body), broken(official, body), JSON.stringify(body));
});

const examples = {
	"servicerequest.get.response.json": "service-request",
	"servicerequest.patch.response-200.json": "service-request",
	"servicerequest.list.response.json": "service-request-collection",
	"servicerequest.list-by-customer.legacy-enums.response.json": "service-request-collection",
	"servicerequest.patch-note.request.json": "service-request-patch.request",
	"servicerequest.patch-close.request.json": "service-request-patch.request",
	"servicerequest.create.request.json": "service-request-create.request",
	"managedservices.list.response.json": "managed-service-collection",
	"graph.service-management-details.response.json": "graph-service-management-details",
	"graph.service-management-details.empty.response.json": "graph-service-management-details",
	"error.apifault.role.response-403.json": "api-error",
	"error.apifault.no-data-key.response-403.json": "api-error",
	"error.problemdetails.response-404.json": "api-error",
	"error.throttled.response-429.json": "api-error",
	"error.graph.response-403.json": "api-error",
};

function problems(schemaName, value) {
	const schema = read("partner-center", "schema", `${schemaName}.schema.json`);
	return check(schema, value, { file: schemaName, root: schema });
}

test("the schema checker takes every Partner Center example", { skip }, () => {
	for (const [file, schema] of Object.entries(examples))
		assert.deepEqual(
			problems(schema, read("partner-center", "examples", file)),
			[],
			file,
		);
});

test(
	"what the Partner Center double answers fits its schemas and examples",
	{ skip },
	async (t) => {
		const s = await start(t);
		const token = await userToken(
			s,
			"https://api.partnercenter.microsoft.com/user_impersonation",
		);
		const get = async (place) =>
			(
				await send(`${s.urls.partner_center}/v1/${place}`, {
					headers: { ...bearer(token), accept: "application/json" },
				})
			).body;
		const customer = `customers/${FABRIKAM}`;
		const schemas = {
			servicerequests: "service-request-collection",
			[`${customer}/servicerequests`]: "service-request-collection",
			"servicerequests/900000000000001": "service-request",
			[`${customer}/managedservices`]: "managed-service-collection",
			"servicerequests/1": "api-error",
			"customers/x": "api-error",
			nothing: "api-error",
		};
		for (const [place, schema] of Object.entries(schemas))
			assert.deepEqual(problems(schema, await get(place)), [], place);
		const shapes = {
			[customer]: "customers.get.no-dap.response.json",
			"profiles/mpn": "profiles.mpn.response.json",
			"profiles/support": "profiles.support.response.json",
			roles: "partner.roles.list.undocumented.response.json",
			agreements: "agreements.list.response.json",
			"compliance/csp/agreementstatus?mpnId=7654321":
				"compliance.agreementstatus.response.json",
			[`${customer}/relationships`]: "customer.relationships.response.json",
			[`${customer}/agreements`]: "customer.agreements.response.json",
		};
		for (const [place, file] of Object.entries(shapes)) {
			const example = read("partner-center", "examples", file);
			const actual = await get(place);
			for (const name of Object.keys(example))
				assert.ok(name in actual, `${place}: ${name}`);
			if (example.items)
				for (const name of Object.keys(example.items[0]))
					assert.ok(
						name in actual.items[0],
						`${place}: items: ${name}`,
					);
		}
	},
);

test(
	"every call of Partner Center and Graph in the list of calls is known here",
	{ skip },
	async (t) => {
		const s = await start(t);
		const scopes = {
			"https://api.partnercenter.microsoft.com": [
				"user_impersonation",
				s.urls.partner_center,
			],
			"https://graph.microsoft.com": [".default", s.urls.graph],
		};
		const ids = {
			"{customer-tenant-id}": FABRIKAM,
			"{agent-locale}": "en-US",
			"{service-request-id}": "900000000000001",
			"{user-id}": "u",
			"{subscription-id}": "00000000-0000-4000-8000-0000000000d1",
			"{role-id}": "00000000-0000-4000-8000-000000000a01",
		};
		const queries = {
			relationships: "?relationship_type=IsIndirectResellerOf",
			customers_list: "?size=1",
			mpa_status: "?mpnId=7654321",
		};
		for (const call of read("partner-center", "calls.json").calls) {
			const [scope, url] = scopes[call.host];
			const token = await userToken(s, `${call.host}/${scope}`);
			const place = call.path.replace(/\{[^}]+\}/g, (name) => ids[name]);
			const body = call.method === "GET" ? undefined : { Status: "open" };
			const answer = await send(url + place + (queries[call.id] ?? ""), {
				method: call.method,
				body,
				headers: { ...bearer(token), accept: "application/json" },
			});
			const expected = call.state.startsWith("retired") ? [410] : call.success;
			assert.ok(expected.includes(answer.status), `${call.id}: ${answer.status}`);
		}
	},
);
