/* The receiver itself: it takes what the specifications have, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventProblem, signers } from "./webhooks.mjs";

/* The vector of the Standard Webhooks' own libraries. */
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const body = '{"test": 2432232314}';
const now = 1614265330;
const headers = {
	"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
	"webhook-timestamp": String(now),
	"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const event = { specversion: "1.0", id: "1", source: "/a", type: "b", time: "2026-11-24T05:56:14Z" };
const type = "application/cloudevents+json";

test("a good signature is found among several", () => {
	assert.deepEqual(signers(headers, body, [secret], now), [0]);
	const two = { ...headers, "webhook-signature": `v1,AAAA ${headers["webhook-signature"]}` };
	assert.deepEqual(signers(two, body, ["whsec_AAAA", secret], now), [1]);
});

test("another body, id, time or secret is not signed", () => {
	assert.deepEqual(signers(headers, `${body} `, [secret], now), []);
	assert.deepEqual(signers({ ...headers, "webhook-id": "other" }, body, [secret], now), []);
	assert.deepEqual(signers(headers, body, ["whsec_AAAA"], now), []);
	assert.throws(() => signers(headers, body, [secret], now + 301), /too old/);
	assert.throws(() => signers({}, body, [secret], now), /missing/);
});

test("an event has what CloudEvents demands", () => {
	assert.equal(eventProblem(type, event), "");
	assert.match(eventProblem("application/json", event), /Content-Type/);
	assert.match(eventProblem(type, { ...event, id: "" }), /id/);
	assert.match(eventProblem(type, { ...event, trace_id: "1" }), /attribute/);
	assert.match(eventProblem(type, { ...event, time: "yesterday" }), /time/);
	assert.match(eventProblem(type, { ...event, dataschema: "/x" }), /dataschema/);
});
