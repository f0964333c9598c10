/*
 * assertion.mjs - a client proves itself with a certificate: RFC 7523 JWT, PS256 or RS256
 *
 * Entra, certificate credentials: header x5t#S256 (or the older x5t) names the registered
 * certificate; aud is the token URL, iss = sub = client id, jti is used once, exp is at most
 * ten minutes ahead.
 */
import crypto from "node:crypto";
import { isGuid } from "./schema.mjs";

const SKEW_S = 300;
const LONGEST_S = 600;

const part = (text) => JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
const thumbprint = (hash, der) => crypto.createHash(hash).update(der).digest("base64url");

/* A registered certificate is PEM: a certificate, or a bare public key for tests without one. */
function findKey(certificates, header) {
	for (const pem of certificates) {
		if (!pem.includes("BEGIN CERTIFICATE")) return crypto.createPublicKey(pem);
		const certificate = new crypto.X509Certificate(pem);
		const names = [
			thumbprint("sha256", certificate.raw) === header["x5t#S256"],
			thumbprint("sha1", certificate.raw) === header.x5t,
		];
		if (names.includes(true)) return certificate.publicKey;
	}
	return null;
}

const RSA_OPTIONS = {
	PS256: { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
	RS256: { padding: crypto.constants.RSA_PKCS1_PADDING },
};

function claimsProblem(claims, clientId, audience, used) {
	const now = Date.now() / 1000;
	if (claims.iss !== clientId || claims.sub !== clientId)
		return [50013, "iss and sub are not the client id"];
	if (claims.aud !== audience) return [50013, `aud is not the token URL ${audience}`];
	if (!(claims.exp > now - SKEW_S)) return [50013, "the assertion has expired"];
	if (claims.exp > now + LONGEST_S + SKEW_S) return [50013, "exp is too far ahead"];
	if (claims.nbf !== undefined && claims.nbf > now + SKEW_S)
		return [50013, "the assertion is not valid yet"];
	if (!isGuid(claims.jti)) return [50013, "jti is not a guid"];
	if (Object.hasOwn(used, claims.jti)) return [50013, "jti was used before"];
	return null;
}

/* Null, or [AADSTS number, why]. A good assertion's jti is written into `used`. */
export function assertionProblem(jwt, { clientId, certificates, audience, used }) {
	let header, claims;
	const parts = String(jwt).split(".");
	try {
		[header, claims] = [part(parts[0]), part(parts[1])];
	} catch {
		return [50027, "the assertion is no JWT"];
	}
	const options = Object.hasOwn(RSA_OPTIONS, header.alg) ? RSA_OPTIONS[header.alg] : null;
	if (!options || parts.length !== 3) return [700027, "alg is neither PS256 nor RS256"];
	const key = findKey(certificates, header);
	if (!key) return [700027, "no registered certificate has this thumbprint"];
	const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
	if (
		!crypto.verify(
			"sha256",
			signed,
			{ key, ...options },
			Buffer.from(parts[2], "base64url"),
		)
	)
		return [700027, "the signature does not fit the certificate"];
	const problem = claimsProblem(claims, clientId, audience, used);
	if (!problem) used[claims.jti] = claims.exp;
	return problem;
}
