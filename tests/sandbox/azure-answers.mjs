/*
 * azure-answers.mjs - how Azure Resource Manager and its support provider say things
 *
 * Two error envelopes: ARM's { error: { code, message } } and the provider's own with capital
 * letters, recorded from Microsoft.Support itself.
 */
import crypto from "node:crypto";
import { empty, json } from "./server.mjs";

/* Thrown by anything below a route; carries the whole answer. */
export class Refused extends Error {
	constructor(answer, why) {
		super(why);
		this.answer = answer;
	}
}

export function refuse(status, code, message, headers) {
	throw new Refused(
		json(status, { error: { code, message, details: [] } }, headers),
		message,
	);
}

export function refusePascal(status, code, message) {
	const body = {
		Error: {
			Code: code,
			Message: message,
			Target: null,
			InnerError: null,
			Details: [],
		},
	};
	throw new Refused(
		{ status, headers: { "content-type": "application/json" }, body },
		message,
	);
}

export const notFound = (what) =>
	refuse(404, "ResourceNotFound", `The resource '${what}' was not found.`);

/* ARM dates have no fraction. */
export const armDate = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/* A signed operation URL is about 3 KB: two of them make a header block of more than 6 KB. */
function signature() {
	const random = (bytes) => crypto.randomBytes(bytes).toString("base64url");
	return (
		`&t=638${String(Date.now()).padStart(15, "0")}&c=MIIH${random(1800)}` +
		`&s=${random(255)}&h=${random(32)}`
	);
}

export function operationUrls(origin, prefix, version) {
	const id = crypto.randomUUID();
	const form = (word) =>
		`${origin}${prefix}/providers/Microsoft.Support/${word}/${id}` +
		`?api-version=${version}${signature()}`;
	return { id, status: form("operationsStatus"), result: form("operationResults") };
}

export function accepted(operation, retryAfter) {
	return empty(202, {
		"azure-asyncoperation": operation.status_url,
		location: operation.result_url,
		...(retryAfter && { "retry-after": String(retryAfter) }),
	});
}

/* The headers that every answer of ARM carries; the numbers are those of recordings. */
export function tracingHeaders(request, isSubscription) {
	const compact = armDate(Date.now()).replace(/[-:]/g, "");
	const id = crypto.randomUUID();
	const scope = isSubscription ? "subscription" : "tenant";
	const isRead = request.method === "GET";
	const headers = {
		"cache-control": "no-cache",
		pragma: "no-cache",
		expires: "-1",
		"x-ms-request-id": id,
		"x-ms-correlation-request-id": id,
		"x-ms-routing-request-id": `SANDBOX:${compact}:${id}`,
		"x-ms-throttling-version": "v1",
		[`x-ms-ratelimit-remaining-${scope}-${isRead ? "reads" : "writes"}`]: isRead
			? "11999"
			: "1199",
	};
	const client = request.headers["x-ms-client-request-id"];
	if (client && request.headers["x-ms-return-client-request-id"] === "true")
		headers["x-ms-client-request-id"] = client;
	return headers;
}
