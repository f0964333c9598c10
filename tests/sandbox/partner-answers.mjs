/*
 * partner-answers.mjs - how Partner Center says things
 *
 * Errors come in several shapes: ApiFault with a numeric code, ProblemDetails from the support
 * endpoints, the gateway's { statusCode, message }, and a 401 without any body.
 */
import { json } from "./server.mjs";

const BOM = "\uFEFF";
export const NEVER = "0001-01-01T00:00:00";

export class Refused extends Error {
	constructor(answer, why) {
		super(why);
		this.answer = answer;
	}
}

export function fault(
	status,
	code,
	description,
	{ headers, source = "PartnerFD", data = [] } = {},
) {
	throw new Refused(
		json(status, { code, description, ...(data && { data }), source }, headers),
		description,
	);
}

export function problem(status, title, detail, instance) {
	throw new Refused(
		json(status, { type: "about:blank", title, status, detail, instance }),
		detail,
	);
}

/* Documented for a token without MFA: reason phrase and header, no body. */
export function mfaRequired() {
	throw new Refused(
		{
			status: 401,
			reason: "MFA required",
			body: null,
			headers: { "www-authenticate": 'Bearer error="invalid_token"' },
		},
		"MFA required",
	);
}

export const gateway = (seconds) => ({
	statusCode: 429,
	message: `Rate limit is exceeded. Try again in ${seconds} seconds.`,
});

/* Dates have 0 to 7 digits after the second and sometimes no Z; `variant` picks the form. */
export function partnerDate(text, variant) {
	if (!text) return NEVER;
	const [, second, digits = ""] = /^([^.Z]+)(?:\.(\d+))?Z?$/.exec(text);
	const wanted = variant % 8;
	const fraction = digits.padEnd(7, "0").slice(0, wanted);
	return second + (fraction && `.${fraction}`) + (variant % 3 === 2 ? "" : "Z");
}

export const link = (uri, headers = []) => ({ uri, method: "GET", headers });
export const attributes = (objectType, etag) => ({
	attributes: { ...(etag && { etag }), objectType },
});

export function collection(items, links) {
	return {
		totalCount: items.length,
		items,
		...(links && { links }),
		...attributes("Collection"),
	};
}

/* One documented sample begins with a byte order mark, and an old client dropped the first
 * character of every body. */
export function withBom(call, body) {
	const mark = call.state.settings.partner_center.bom ? BOM : "";
	const answer = json(200, body);
	return { ...answer, body: mark + JSON.stringify(body) };
}
