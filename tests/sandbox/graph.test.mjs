/*
 * graph.test.mjs - the few Microsoft Graph calls that are doubled
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { appToken, bearer, FABRIKAM, send, start, userToken } from "./client.mjs";

const SCOPE = "https://graph.microsoft.com/.default";
const AGENT = "agent@contoso.example";
const NORTHWIND = "aaaaaaaa-0000-4000-8000-00000000000b";

async function caller(t) {
	const s = await start(t);
	const token = await userToken(s, SCOPE);
	const get = (path, mine = token) =>
		send(`${s.urls.graph}/v1.0/${path}`, { headers: bearer(mine) });
	return { ...s, get };
}

const management = (tenant) =>
	`tenantRelationships/delegatedAdminCustomers/${tenant}/serviceManagementDetails`;

test("relationships are found by customer, with their access assignments", async (t) => {
	const g = await caller(t);
	const filter = encodeURIComponent(
		`status eq 'active' and customer/tenantId eq '${FABRIKAM}'`,
	);
	const root = "tenantRelationships/delegatedAdminRelationships";
	const { value } = (await g.get(`${root}?$filter=${filter}`)).body;
	assert.equal(value.length, 1);
	assert.equal(
		value[0].accessDetails.unifiedRoles[0].roleDefinitionId,
		"f023fd81-a637-4b56-95fd-791ac0226033",
	);
	const assignments = (await g.get(`${root}/${value[0].id}/accessAssignments`)).body.value;
	assert.equal(assignments[0].accessContainer.accessContainerType, "securityGroup");
	assert.equal((await g.get(`${root}?$top=301`)).status, 400);
});

test("relationships page by @odata.nextLink", async (t) => {
	const g = await caller(t);
	const second = {
		id: "second",
		name: "Second",
		status: "approvalPending",
		roles: [],
		provider: "00000000-0000-4000-8000-0000000000a3",
		assignments: [],
	};
	await g.control("PUT", `world/customers/${NORTHWIND}`, { gdap: [second] });
	const first = await g.get("tenantRelationships/delegatedAdminRelationships?$top=1");
	const link = first.body["@odata.nextLink"];
	const token = await userToken(g, SCOPE);
	const rest = await send(link, { headers: bearer(token) });
	assert.equal(
		rest.body.value[0]["@odata.type"],
		"#microsoft.graph.resellerDelegatedAdminRelationship",
	);
	assert.equal(rest.body.value[0].isPartnerConsentPending, true);
	assert.ok(!("@odata.nextLink" in rest.body));
});

test("service management details give admin links, or 200 and nothing", async (t) => {
	const g = await caller(t);
	const { value } = (await g.get(management(FABRIKAM))).body;
	assert.deepEqual(value.map((one) => one.serviceName).slice(0, 2), [
		"Azure Active Directory",
		"Microsoft 365 Lighthouse",
	]);
	assert.match(value[0].serviceManagementUrl, /fabrikam\.onmicrosoft\.example$/);
	const none = await g.get(management(NORTHWIND));
	assert.deepEqual([none.status, none.body.value], [200, []]);
	assert.equal((await g.get(`${management(FABRIKAM)}?$top=1`)).status, 400);
});

test("without the AdminAgents group everything is empty, not forbidden", async (t) => {
	const g = await caller(t);
	assert.equal((await g.get("me/memberOf")).body.value[0].displayName, "AdminAgents");
	await g.world({ users: { [AGENT]: { groups: [] } } });
	assert.deepEqual((await g.get("me/memberOf")).body.value, []);
	for (const path of [
		"tenantRelationships/delegatedAdminRelationships",
		management(FABRIKAM),
	]) {
		const { status, body } = await g.get(path);
		assert.deepEqual([status, body.value], [200, []], path);
	}
});

test("errors have Graph's shape", async (t) => {
	const g = await caller(t);
	const forbidden = await g.get("me", await appToken(g, undefined, { scope: SCOPE }));
	assert.equal(forbidden.status, 403);
	assert.equal(forbidden.body.error.code, "Authorization_RequestDenied");
	assert.ok(forbidden.body.error.innerError["request-id"]);
	const bad = await g.get("me", "nonsense");
	assert.deepEqual([bad.status, bad.body.error.code], [401, "InvalidAuthenticationToken"]);
	assert.equal((await g.get("nothing")).status, 404);
});
