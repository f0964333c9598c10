/*
 * tokens.mjs - access and refresh tokens: opaque, random, and marked as the sandbox's own
 *
 * A real token must never be parsed by its client, so ours carry nothing: what they stand for is
 * kept here.
 */
import crypto from "node:crypto";

const PARTNER_CENTER_APP = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd";

const random = () => crypto.randomBytes(24).toString("hex");

const hosts = {
	"https://management.azure.com": "arm",
	"https://management.core.windows.net": "arm",
	"https://api.partnercenter.microsoft.com": "partner-center",
	[PARTNER_CENTER_APP]: "partner-center",
	"https://graph.microsoft.com": "graph",
	"https://graph.windows.net": "aad-graph",
};

/* Which API a resource string names. Clients that derive it from the endpoint they are configured
 * with name our own addresses, so these stand for the APIs they double. */
export function resourceOf(text, urls) {
	const own = {
		[urls.azure]: "arm",
		[urls.partner_center]: "partner-center",
		[urls.graph]: "graph",
	};
	const origin = /^(https?:\/\/[^/]+|[0-9a-f-]{36})/i.exec(text)?.[0].toLowerCase();
	return hosts[origin] ?? own[origin] ?? null;
}

/* grant: { tenant, resource, client, user|null, mfa } */
export function issueAccess(state, grant, seconds) {
	const value = `SANDBOX-TOKEN-${random()}`;
	state.tokens[value] = { ...grant, expires: Date.now() + seconds * 1000 };
	return value;
}

/* A family is one sign-in. Each redemption gives the next generation; an older one works until a
 * newer one has been used, so that a lost answer costs nothing and a stolen old one is worth
 * nothing later. */
export function issueRefresh(state, user, family) {
	const value = `SANDBOX-SECRET-refresh-${++state.sequence}-${random()}`;
	const generation =
		Math.max(
			0,
			...Object.values(state.refresh)
				.filter((r) => r.family === family)
				.map((r) => r.generation),
		) + 1;
	state.refresh[value] = { user, family, generation };
	return value;
}

/* The refresh token's record, or null if nobody was given it or a newer one has been used. */
export function redeemRefresh(state, value) {
	const users = state.world.users;
	const first = Object.keys(users).find((name) => users[name].refresh_token === value);
	if (first && !Object.hasOwn(state.refresh, value))
		state.refresh[value] = { user: first, family: `${first} ${value}`, generation: 0 };
	const record = Object.hasOwn(state.refresh, value) ? state.refresh[value] : null;
	if (!record || record.retired) return null;
	for (const other of Object.values(state.refresh)) {
		if (other.family === record.family && other.generation < record.generation)
			other.retired = true;
	}
	return record;
}

/* { token } or { problem: missing | malformed | unknown | expired }. */
export function readToken(state, header) {
	if (!header) return { problem: "missing" };
	const value = /^Bearer ([^\s,]+)$/i.exec(header)?.[1];
	if (!value) return { problem: "malformed" };
	const token = Object.hasOwn(state.tokens, value) ? state.tokens[value] : null;
	if (!token) return { problem: "unknown" };
	return token.expires <= Date.now() ? { problem: "expired", token } : { token };
}
