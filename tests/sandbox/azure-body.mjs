/*
 * azure-body.mjs - reads a request's body and holds it against the description
 *
 * What is broken is refused and told; what the service is known to take although the description
 * says otherwise is told only.
 */
import { refuse } from "./azure-answers.mjs";

/* `bend` changes what is checked where the wire and the description are known to differ. */
export function checkBody(call, definition, bend = (body) => body) {
	const { request } = call;
	const type = (request.headers["content-type"] ?? "").toLowerCase();
	if (!/^application\/json\s*(;|$)/.test(type)) {
		request.violation(`the body is ${type || "untyped"}, not application/json`);
		refuse(415, "UnsupportedMediaType", "The content media type is not supported.");
	}
	const body = request.json();
	if (body === undefined) {
		request.violation("the body is not JSON");
		refuse(400, "InvalidRequestContent", "The request content was invalid: not JSON.");
	}
	const found = call.sandbox.facts.checkRequest(definition, bend(body));
	for (const { at, why, grade } of found)
		request.violation(`${definition}: ${at} ${why}`, grade);
	const broken = found.filter((one) => one.grade === "broken");
	if (broken.length)
		refuse(
			400,
			"InvalidRequestContent",
			"The request content was invalid: " +
				broken.map((one) => `${one.at} ${one.why}`).join("; "),
		);
	return body;
}

export function noBody(call) {
	if (call.request.bytes.length)
		call.request.violation("this request has no body in the description", "advice");
}
