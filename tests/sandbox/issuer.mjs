#!/usr/bin/env node
/*
 * issuer.mjs - a double of an OpenID Connect issuer
 *
 * Serves a discovery document and a JWK set, counts who fetches them, rotates its keys, fails
 * when told to, and mints tokens, good and bad. Written from RFC 7515, 7517, 7518, 7519 and 8725
 * with Node's own crypto, not from the service. Loopback only; ends on SIGTERM or SIGINT.
 *
 *   node tests/sandbox/issuer.mjs --port-file FILE
 *
 *   GET  /.well-known/openid-configuration, GET /keys
 *   POST /mint    { kind, claims, header }   the token, as text
 *   POST /set     { down, slow_ms, rotate, keys }
 *   GET  /counts  { discovery, keys }
 */
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({ options: { "port-file": { type: "string" } } });
const MOST_BODY = 1024 * 1024;

const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
const part = (value) => b64(typeof value === "string" ? value : JSON.stringify(value));

/* ---- keys ----------------------------------------------------------------------------- */

let serial = 0;
function newKeys() {
	serial++;
	return {
		rsa: { kid: `rsa-${serial}`, ...crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }) },
		ec: { kid: `ec-${serial}`, ...crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }) },
	};
}

const strangers = newKeys(); /* never published */
const small = crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
const state = { keys: newKeys(), down: false, slow_ms: 0, issuer: null, extra: [] };
const counts = { discovery: 0, keys: 0 };

const jwk = ({ kid, publicKey }, more) => ({ ...publicKey.export({ format: "jwk" }), kid, ...more });
const published = () => ({
	keys: [
		{ kty: "oct", kid: "shared", k: b64("a shared secret, which no set should hold"), alg: "HS256" },
		{ kty: "RSA", kid: "encryption", use: "enc", ...strangers.rsa.publicKey.export({ format: "jwk" }) },
		{ ...small.publicKey.export({ format: "jwk" }), kid: "small" },
		{ kty: "RSA", kid: "broken", n: "!!", e: "AQAB" },
		jwk(state.keys.rsa, { use: "sig" }),
		jwk(state.keys.ec, { use: "sig", alg: "ES256" }),
		...state.extra,
	],
});

/* ---- tokens ---------------------------------------------------------------------------- */

const PSS = {
	padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
	saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
};
const signers = {
	RS256: (input, key) => crypto.sign("sha256", input, key),
	PS256: (input, key) => crypto.sign("sha256", input, { key, ...PSS }),
	ES256: (input, key) => crypto.sign("sha256", input, { key, dsaEncoding: "ieee-p1363" }),
};

function claimsOf(wish) {
	const now = Math.floor(Date.now() / 1000);
	const claims = {
		iss: state.issuer,
		aud: "api://caseroute",
		sub: "anna-0001",
		iat: now,
		nbf: now,
		exp: now + 600,
		roles: ["Desk.Agent"],
		...wish,
	};
	for (const name of ["iat", "nbf", "exp"]) /* "+60": from now */
		if (typeof claims[name] === "string" && /^[+-]\d+$/.test(claims[name]))
			claims[name] = now + Number(claims[name]);
	for (const name of Object.keys(claims)) if (claims[name] === null) delete claims[name];
	return claims;
}

function sign(alg, key, header, claims) {
	const head = { typ: "JWT", alg, kid: key.kid, ...header };
	for (const name of Object.keys(head)) if (head[name] === null) delete head[name];
	const input = `${part(head)}.${part(claims)}`;
	return `${input}.${b64(signers[alg](Buffer.from(input), key.privateKey))}`;
}

const swap = (token, i, change) => {
	const parts = token.split(".");
	parts[i] = change(parts[i]);
	return parts.join(".");
};
const text = (encoded) => Buffer.from(encoded, "base64url").toString();

const kinds = {
	RS256: (h, c) => sign("RS256", state.keys.rsa, h, c),
	PS256: (h, c) => sign("PS256", state.keys.rsa, h, c),
	ES256: (h, c) => sign("ES256", state.keys.ec, h, c),
	none: (h, c) => `${part({ typ: "JWT", alg: "none", ...h })}.${part(c)}.`,
	"none-with-signature": (h, c) => swap(kinds.RS256(h, c), 0, () => part({ alg: "none" })),
	/* CVE-2015-9235: the public key taken for a shared secret. */
	confused: (h, c) => {
		const pem = state.keys.rsa.publicKey.export({ type: "spki", format: "pem" });
		const input = `${part({ typ: "JWT", alg: "HS256", kid: state.keys.rsa.kid, ...h })}.${part(c)}`;
		return `${input}.${b64(crypto.createHmac("sha256", pem).update(input).digest())}`;
	},
	"confused-labelled": (h, c) => swap(kinds.confused(h, c), 0, () =>
		part({ typ: "JWT", alg: "RS256", kid: state.keys.rsa.kid })),
	"shared-secret": (h, c) => {
		const input = `${part({ typ: "JWT", alg: "HS256", kid: "shared", ...h })}.${part(c)}`;
		const secret = "a shared secret, which no set should hold";
		return `${input}.${b64(crypto.createHmac("sha256", secret).update(input).digest())}`;
	},
	stranger: (h, c) => sign("RS256", { ...strangers.rsa, kid: state.keys.rsa.kid }, h, c),
	"stranger-own-jwk": (h, c) => sign("RS256", { ...strangers.rsa, kid: state.keys.rsa.kid },
		{ jwk: strangers.rsa.publicKey.export({ format: "jwk" }), ...h }, c),
	"stranger-encryption": (h, c) => sign("RS256", { ...strangers.rsa, kid: "encryption" }, h, c),
	small: (h, c) => sign("RS256", { ...small, kid: "small" }, h, c),
	"rsa-with-ec-kid": (h, c) => sign("RS256", { ...state.keys.rsa, kid: state.keys.ec.kid }, h, c),
	"ec-with-rsa-kid": (h, c) => sign("ES256", { ...state.keys.ec, kid: state.keys.rsa.kid }, h, c),
	"ec-der": (h, c) => {
		const input = `${part({ alg: "ES256", kid: state.keys.ec.kid })}.${part(c)}`;
		return `${input}.${b64(crypto.sign("sha256", Buffer.from(input), state.keys.ec.privateKey))}`;
	},
	/* CVE-2022-21449 */
	"ec-zero": (h, c) => swap(kinds.ES256(h, c), 2, () => b64(Buffer.alloc(64))),
	"other-claims": (h, c) => swap(kinds.RS256(h, c), 1, (p) =>
		part({ ...JSON.parse(text(p)), roles: ["Desk.Operator"] })),
	"cut-signature": (h, c) => swap(kinds.RS256(h, c), 2, (p) => p.slice(0, -2)),
	"no-signature": (h, c) => swap(kinds.RS256(h, c), 2, () => ""),
	padded: (h, c) => `${kinds.RS256(h, c)}==`,
	"four-parts": (h, c) => `${kinds.RS256(h, c)}.`,
	jwe: () => [part({ alg: "RSA-OAEP", enc: "A256GCM", kid: state.keys.rsa.kid }), "AAAA", "AAAA", "AAAA", "AAAA"].join("."),
	/* Signed as it stands: what is wrong is not the signature. */
	"twice-alg": (h, c) => raw(`{"alg":"none","alg":"RS256","kid":"${state.keys.rsa.kid}"}`, JSON.stringify(c)),
	"twice-roles": (h, c) => raw(`{"alg":"RS256","kid":"${state.keys.rsa.kid}"}`,
		`${JSON.stringify(c).slice(0, -1)},"roles":["Desk.Operator"]}`),
	"no-json": () => raw(`{"alg":"RS256","kid":"${state.keys.rsa.kid}"}`, "not JSON"),
	"list": () => raw(`{"alg":"RS256","kid":"${state.keys.rsa.kid}"}`, "[]"),
};

function raw(header, claims) {
	const input = `${part(header)}.${part(claims)}`;
	return `${input}.${b64(signers.RS256(Buffer.from(input), state.keys.rsa.privateKey))}`;
}

/* ---- serving -------------------------------------------------------------------------------- */

const answers = {
	"GET /.well-known/openid-configuration": () => {
		counts.discovery++;
		return { issuer: state.claimed ?? state.issuer, jwks_uri: state.jwks_uri ?? `${state.issuer}/keys` };
	},
	"GET /keys": () => {
		counts.keys++;
		return published();
	},
	"GET /counts": () => counts,
	"POST /mint": ({ kind = "RS256", claims, header }) => {
		if (!kinds[kind]) throw new Error(`there is no kind ${kind}`);
		return kinds[kind](header ?? {}, claimsOf(claims));
	},
	"POST /set": ({ rotate, ...wish }) => {
		Object.assign(state, wish);
		if (rotate) state.keys = newKeys();
		return {};
	},
};

const isOwn = (path) => path.startsWith("POST ") || path === "GET /counts";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function readBody(request) {
	const chunks = [];
	let n = 0;
	for await (const chunk of request) {
		n += chunk.length;
		if (n > MOST_BODY) throw new Error("the body is too long");
		chunks.push(chunk);
	}
	return n ? JSON.parse(Buffer.concat(chunks)) : {};
}

async function serve(request, response) {
	const path = `${request.method} ${request.url}`;
	try {
		const body = await readBody(request);
		const answer = answers[path];
		if (!answer) return response.writeHead(404).end();
		const value = answer(body); /* counted, also where it fails */
		if (!isOwn(path) && state.slow_ms) await pause(state.slow_ms);
		if (!isOwn(path) && state.down) return response.writeHead(503).end();
		const isText = typeof value === "string";
		response.writeHead(200, { "content-type": isText ? "text/plain" : "application/json" });
		response.end(isText ? value : JSON.stringify(value));
	} catch (error) {
		response.writeHead(400, { "content-type": "text/plain" }).end(String(error.message));
	}
}

const server = http.createServer(serve);
server.listen(0, "127.0.0.1", () => {
	state.issuer = `http://127.0.0.1:${server.address().port}`;
	fs.writeFileSync(`${options["port-file"]}.new`, state.issuer);
	fs.renameSync(`${options["port-file"]}.new`, options["port-file"]);
});
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
