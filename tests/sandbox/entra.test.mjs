/*
 * entra.test.mjs - what the token endpoint's double gives and refuses
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { CLIENT, FABRIKAM, PARTNER, SECRET, send, start, tokenRequest } from "./client.mjs";

const ARM = { scope: "https://management.azure.com/.default" };
const APP = { grant_type: "client_credentials", ...SECRET, ...ARM };
const REFRESH = {
	grant_type: "refresh_token",
	refresh_token: "SANDBOX-SECRET-refresh-0",
	scope: `${ARM.scope} offline_access`,
	...SECRET,
};
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const refusal = (answer) => `${answer.status} ${answer.body.error} ${answer.body.error_codes[0]}`;

test("a secret gives an opaque token and no refresh token", async (t) => {
	const s = await start(t);
	const { status, body, headers } = await tokenRequest(s, APP);
	assert.equal(status, 200);
	assert.match(body.access_token, /^SANDBOX-TOKEN-/);
	assert.deepEqual([body.token_type, body.expires_in], ["Bearer", 3599]);
	assert.ok(!("refresh_token" in body));
	assert.match(headers["cache-control"], /no-store/);
	const key = `${PARTNER} client_credentials arm`;
	assert.deepEqual((await s.counts()).token_requests, { [key]: 1 });
});

test("a tenant is a guid or a domain, and not common", async (t) => {
	const s = await start(t);
	assert.equal((await tokenRequest(s, APP, "fabrikam.onmicrosoft.example")).status, 200);
	assert.equal(refusal(await tokenRequest(s, APP, "common")), "400 invalid_request 9001023");
	assert.equal(refusal(await tokenRequest(s, APP, "nowhere")), "400 invalid_request 90002");
});

test("errors are JSON with an AADSTS number, a trace and the right word", async (t) => {
	const s = await start(t);
	const cases = [
		[{ client_secret: "wrong" }, "401 invalid_client 7000215"],
		[{ client_secret: "" }, "401 invalid_client 7000218"],
		[{ client_id: FABRIKAM }, "400 unauthorized_client 700016"],
		[{ grant_type: "password" }, "400 unsupported_grant_type 70003"],
		[{ scope: "https://nowhere.example/.default" }, "400 invalid_resource 500011"],
		[
			{ scope: "https://management.azure.com/user_impersonation" },
			"400 invalid_scope 70011",
		],
		[
			{ scope: `${ARM.scope} https://graph.microsoft.com/.default` },
			"400 invalid_scope 70011",
		],
	];
	for (const [change, expected] of cases)
		assert.equal(refusal(await tokenRequest(s, { ...APP, ...change })), expected);
	const { body } = await tokenRequest(s, { ...APP, client_secret: "wrong" });
	assert.match(body.error_description, /^AADSTS7000215: .*\r\nTrace ID: /);
	assert.ok(body.trace_id && body.correlation_id && body.timestamp);
	await s.world({ apps: { [CLIENT]: { secret_expired: true } } });
	assert.equal(refusal(await tokenRequest(s, APP)), "401 invalid_client 7000222");
});

test("a token request that is not form-encoded is refused and told", async (t) => {
	const s = await start(t);
	const url = `${s.urls.login}/${PARTNER}/oauth2/v2.0/token`;
	const answer = await send(url, { method: "POST", body: APP });
	assert.equal(answer.status, 400);
	assert.match((await s.violations())[0].why, /not form-encoded/);
});

test("the older scope of Azure Resource Manager and our own address work too", async (t) => {
	const s = await start(t);
	for (const scope of [
		"https://management.core.windows.net//.default",
		`${s.urls.azure}/.default`,
	])
		assert.equal((await tokenRequest(s, { ...APP, scope })).status, 200, scope);
});

test("the endpoint of version 1 writes every number as text", async (t) => {
	const s = await start(t);
	const resource = "https://api.partnercenter.microsoft.com";
	const fields = { ...REFRESH, scope: "openid", resource };
	const { body } = await tokenRequest(s, fields, PARTNER, "");
	for (const name of ["expires_in", "ext_expires_in", "expires_on", "not_before"])
		assert.equal(typeof body[name], "string", name);
	assert.deepEqual([body.resource, body.scope], [resource, "user_impersonation"]);
	assert.ok(body.refresh_token && body.id_token);
	const none = await tokenRequest(s, { ...APP, resource: "" }, PARTNER, "");
	assert.equal(refusal(none), "400 invalid_request 900144");
});

test("a refresh token rotates; the old one works until the new one is used", async (t) => {
	const s = await start(t);
	const first = (await tokenRequest(s, REFRESH)).body.refresh_token;
	const second = (await tokenRequest(s, REFRESH)).body.refresh_token;
	assert.ok(first && second && first !== second);
	const use = (refresh_token) => tokenRequest(s, { ...REFRESH, refresh_token });
	assert.equal((await use(second)).status, 200);
	assert.equal(refusal(await tokenRequest(s, REFRESH)), "400 invalid_grant 70000");
	assert.equal(refusal(await use("SANDBOX-SECRET-refresh-99")), "400 invalid_grant 70000");
});

test("a refresh token works at every tenant; a new one needs offline_access", async (t) => {
	const s = await start(t);
	const { status, body } = await tokenRequest(s, { ...REFRESH, ...ARM }, FABRIKAM);
	assert.equal(status, 200);
	assert.ok(!("refresh_token" in body));
});

test("a sign-in that needs a person says interaction_required", async (t) => {
	const s = await start(t);
	await s.world({ users: { "agent@contoso.example": { interaction_required: true } } });
	assert.equal(refusal(await tokenRequest(s, REFRESH)), "400 interaction_required 50076");
});

test("lifetimes are as told, between 1 and 3599 seconds", async (t) => {
	const s = await start(t);
	for (const [told, given] of [
		[5, 5],
		[0, 1],
		[99_999, 3599],
	]) {
		await s.set({ entra: { expires_in: told } });
		assert.equal((await tokenRequest(s, APP)).body.expires_in, given);
	}
});

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function sign(privateKey, header, claims) {
	const text = `${encode(header)}.${encode(claims)}`;
	const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING } = crypto.constants;
	const key =
		header.alg === "PS256"
			? { key: privateKey, padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 }
			: { key: privateKey, padding: RSA_PKCS1_PADDING };
	return `${text}.${crypto.sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

test("a certificate's assertion is proven: signature, audience, times, one use", async (t) => {
	const s = await start(t);
	const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", {
		modulusLength: 2048,
	});
	const pem = publicKey.export({ type: "spki", format: "pem" });
	await s.world({ apps: { [CLIENT]: { certificates: [pem] } } });
	const now = Math.floor(Date.now() / 1000);
	const aud = `${s.urls.login}/${PARTNER}/oauth2/v2.0/token`;
	const good = { aud, iss: CLIENT, sub: CLIENT, nbf: now, iat: now, exp: now + 300 };
	const ask = (claims, alg = "PS256", key = privateKey) =>
		tokenRequest(s, {
			grant_type: "client_credentials",
			...ARM,
			client_assertion_type: ASSERTION_TYPE,
			client_assertion: sign(
				key,
				{ alg, typ: "JWT" },
				{ ...good, jti: crypto.randomUUID(), ...claims },
			),
		});
	assert.equal((await ask({})).status, 200);
	assert.equal((await ask({}, "RS256")).status, 200);
	const jti = crypto.randomUUID();
	assert.equal((await ask({ jti })).status, 200);
	assert.equal(refusal(await ask({ jti })), "401 invalid_client 50013");
	for (const bad of [{ aud: "x" }, { iss: "x" }, { exp: now - 999 }, { exp: now + 9999 }])
		assert.equal(
			refusal(await ask(bad)),
			"401 invalid_client 50013",
			JSON.stringify(bad),
		);
	const other = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
	assert.equal(refusal(await ask({}, "PS256", other)), "401 invalid_client 700027");
	assert.equal((await s.violations()).length, 6);
});

const isOpensslMissing = spawnSync("openssl", ["version"]).status !== 0;

function makeCertificate(t) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sandbox-"));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	const [key, pem] = [path.join(folder, "key"), path.join(folder, "pem")];
	const options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sandbox"];
	spawnSync("openssl", [...options, "-keyout", key, "-out", pem]);
	return [fs.readFileSync(key, "utf8"), fs.readFileSync(pem, "utf8")];
}

test("a certificate is found by either thumbprint", { skip: isOpensslMissing }, async (t) => {
	const s = await start(t);
	const [key, pem] = makeCertificate(t);
	await s.world({ apps: { [CLIENT]: { certificates: [pem] } } });
	const der = new crypto.X509Certificate(pem).raw;
	const thumbprint = (hash) => crypto.createHash(hash).update(der).digest("base64url");
	const now = Math.floor(Date.now() / 1000);
	const ask = (header) =>
		tokenRequest(s, {
			grant_type: "client_credentials",
			...ARM,
			client_assertion_type: ASSERTION_TYPE,
			client_assertion: sign(
				key,
				{ typ: "JWT", ...header },
				{
					aud: `${s.urls.login}/${PARTNER}/oauth2/v2.0/token`,
					iss: CLIENT,
					sub: CLIENT,
					jti: crypto.randomUUID(),
					exp: now + 300,
				},
			),
		});
	const good = [
		{ alg: "PS256", "x5t#S256": thumbprint("sha256") },
		{ alg: "RS256", x5t: thumbprint("sha1") },
	];
	for (const header of good) assert.equal((await ask(header)).status, 200, header.alg);
	const unknown = await ask({ alg: "PS256", "x5t#S256": "other" });
	assert.equal(refusal(unknown), "401 invalid_client 700027");
});
