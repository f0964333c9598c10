#!/usr/bin/env node
/*
 * tideway.mjs - the double of Tideway, the invented portal of the plugin guide
 *
 * A page of JavaScript makes a double of a portal: copy it for yours. Reading requests, faults,
 * counts and the log are server.mjs's; what is left is a function from a request to an answer.
 * Tideway takes the same case twice: its POST knows no key.
 */
import fs from "node:fs";
import { control } from "./control.mjs";
import { json, listen } from "./server.mjs";
import { newState } from "./world.mjs";

const TOKEN = "SANDBOX-SECRET-tideway";
const cases = [];
const plans = new Map(); // login -> contract

const refuse = (status, error, message) => json(status, { error, message });

function takePlan({ access, contract, login }) {
	if (access !== "SANDBOX-ACCESS-1" || contract !== "SANDBOX-CONTRACT-1")
		return refuse(404, "plan-unknown", "No such pair of numbers.");
	if (plans.has(login)) return refuse(409, "plan-known", "This login has the plan.");
	plans.set(login, contract);
	return json(200, { login, left: 5 - cases.length });
}

function takeCase({ subject, body, login, our_ref, urgent }) {
	if (!subject) return refuse(422, "no-subject", "A case needs a subject.");
	if (!plans.has(login)) return refuse(403, "no-plan", "This login has no plan.");
	if (cases.length === 5) return refuse(403, "plan-spent", "All cases of the plan are used.");
	const made = { case: 1001 + cases.length, subject, body, our_ref, urgent, status: "new" };
	cases.push(made);
	return json(201, made);
}

const calls = {
	"PUT /plan": (request) => takePlan(request.json() ?? {}),
	"POST /cases": (request) => takeCase(request.json() ?? {}),
	"GET /cases": ({ query }) =>
		json(200, {
			cases: cases.filter((one) => one.our_ref === query.get("our_ref")),
		}),
	"GET /cases/{}": ({ segments }) => {
		const found = cases.find((one) => String(one.case) === segments[1]);
		return found ? json(200, found) : refuse(404, "no-case", "No such case.");
	},
};

async function handle(request) {
	const [first, ...rest] = request.segments;
	const call = calls[`${request.method} /${first}${rest.length ? "/{}" : ""}`];
	if (!call || rest.length > 1) return refuse(404, "no-call", "There is nothing here.");
	if (request.headers["x-tideway-token"] !== TOKEN)
		return refuse(401, "who", "The token is missing or wrong.");
	return call(request);
}

const failure = (status) => ({ error: "fault", message: `Told to answer ${status}.` });

/* Usage: node tideway.mjs FILE. The file gets Tideway's address, and in the second line that of the
 * control API, when both listen. */
async function main(file) {
	const sandbox = { state: newState(), urls: {}, facts: { source: "none" }, save() {} };
	const doubles = [{ name: "tideway", handle, failure }, control(sandbox)];
	for (const double of doubles) {
		const server = await listen(sandbox, double, 0);
		sandbox.urls[double.name] = `http://127.0.0.1:${server.address().port}`;
	}
	fs.writeFileSync(`${file}.new`, `${Object.values(sandbox.urls).join("\n")}\n`);
	fs.renameSync(`${file}.new`, file);
}

await main(process.argv[2] ?? "tideway.addresses");
