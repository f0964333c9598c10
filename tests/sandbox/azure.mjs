/*
 * azure.mjs - the double of Azure Resource Manager with its support provider
 *
 * Microsoft.Support 2024-04-01 at subscription and at tenant scope. A table of routes; what each
 * does is in the file named after its noun.
 */
import { primaryToken, subscriptionScope, tenantScope } from "./azure-access.mjs";
import { Refused, notFound, refuse, tracingHeaders } from "./azure-answers.mjs";
import { findClassification, findService, services } from "./azure-catalogue.mjs";
import {
	filesOf,
	getFile,
	getWorkspace,
	putFile,
	putWorkspace,
	uploadChunk,
} from "./azure-files.mjs";
import { pageOfMessages, pageOfTickets } from "./azure-list.mjs";
import {
	getMessage,
	getTranscript,
	listTranscripts,
	messagesOf,
	putMessage,
} from "./azure-messages.mjs";
import { checkMessageName, checkTicketName } from "./azure-names.mjs";
import { operationResult, operationStatus } from "./azure-operations.mjs";
import { getTicket, patchTicket, putTicket, ticketBody } from "./azure-tickets.mjs";
import { isGuid } from "./schema.mjs";
import { json } from "./server.mjs";

const VERSIONS = ["2020-04-01", "2024-04-01"];
const VERBS = [
	"services/read",
	"problemClassifications/read",
	"supportTickets/read",
	"supportTickets/write",
	"communications/read",
	"communications/write",
	"register/action",
	"createSupportTicket/action",
	"addCommunication/action",
];

const withoutChildren = ({ id, name, type, properties }) => ({ id, name, type, properties });

function needService(name) {
	return findService(name) ?? notFound(`Microsoft.Support/services/${name}`);
}

function listTickets(call) {
	const mine = Object.values(call.state.tickets).filter(
		(ticket) => ticket.scope === call.scope.key && ticket.hidden_gets === 0,
	);
	return pageOfTickets(call, mine.reverse().map(ticketBody));
}

const operations = () =>
	json(200, {
		value: VERBS.map((verb) => ({
			name: `Microsoft.Support/${verb}`,
			display: {
				provider: "Microsoft Support",
				resource: verb.split("/")[0],
				operation: verb,
			},
		})),
	});

/* method, path below the provider, handler, scopes it exists at: T tenant only, B both */
const routes = [
	["GET", "operations", operations, "T"],
	["GET", "services", () => json(200, { value: services.map(withoutChildren) }), "T"],
	["GET", "services/{}", (call, s) => json(200, withoutChildren(needService(s))), "T"],
	[
		"GET",
		"services/{}/problemClassifications",
		(call, s) => json(200, { value: needService(s).classifications }),
		"T",
	],
	[
		"GET",
		"services/{}/problemClassifications/{}",
		(call, s, c) => json(200, findClassification(needService(s), c) ?? notFound(c)),
		"T",
	],
	["POST", "checkNameAvailability", checkTicketName, "B"],
	["GET", "supportTickets", listTickets, "B"],
	["PUT", "supportTickets/{}", putTicket, "B"],
	["GET", "supportTickets/{}", getTicket, "B"],
	["PATCH", "supportTickets/{}", patchTicket, "B"],
	["POST", "supportTickets/{}/checkNameAvailability", checkMessageName, "B"],
	[
		"GET",
		"supportTickets/{}/communications",
		(call, t) => pageOfMessages(call, messagesOf(call, t)),
		"B",
	],
	["PUT", "supportTickets/{}/communications/{}", putMessage, "B"],
	["GET", "supportTickets/{}/communications/{}", getMessage, "B"],
	["GET", "supportTickets/{}/chatTranscripts", listTranscripts, "B"],
	["GET", "supportTickets/{}/chatTranscripts/{}", getTranscript, "B"],
	["PUT", "fileWorkspaces/{}", putWorkspace, "B"],
	["GET", "fileWorkspaces/{}", getWorkspace, "B"],
	[
		"GET",
		"fileWorkspaces/{}/files",
		(call, w) => json(200, { value: filesOf(call, w) }),
		"B",
	],
	["PUT", "fileWorkspaces/{}/files/{}", putFile, "B"],
	["GET", "fileWorkspaces/{}/files/{}", getFile, "B"],
	["POST", "fileWorkspaces/{}/files/{}/upload", uploadChunk, "B"],
	["GET", "operationsStatus/{}", operationStatus, "B"],
	["GET", "operationResults/{}", operationResult, "B"],
].map(([method, path, run, scopes]) => ({
	method,
	steps: path.toLowerCase().split("/"),
	run,
	scopes,
}));

function splitPath(segments) {
	const isSubscription = segments[0]?.toLowerCase() === "subscriptions";
	const rest = isSubscription ? segments.slice(2) : segments;
	const isOurs =
		rest[0]?.toLowerCase() === "providers" &&
		rest[1]?.toLowerCase() === "microsoft.support";
	return isOurs
		? { subscription: isSubscription ? segments[1] : null, rest: rest.slice(2) }
		: null;
}

function match(route, rest) {
	return (
		route.steps.length === rest.length &&
		route.steps.every((step, i) =>
			step === "{}" ? rest[i] !== "" : step === rest[i].toLowerCase(),
		)
	);
}

function findRoute(request, place) {
	const fitting = routes.filter(
		(route) =>
			match(route, place.rest) &&
			(route.scopes === "B" || place.subscription === null),
	);
	if (!fitting.length)
		refuse(
			404,
			"InvalidResourceType",
			"The resource type could not be found in the namespace " +
				"'Microsoft.Support'.",
		);
	return (
		fitting.find((route) => route.method === request.method) ??
		refuse(405, "MethodNotAllowed", `${request.method} is not allowed here.`)
	);
}

function readVersion(request) {
	const version = request.query.get("api-version");
	if (!version)
		refuse(
			400,
			"MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is " +
				"required for all requests.",
		);
	if (!VERSIONS.includes(version))
		refuse(
			400,
			"InvalidResourceType",
			`The api-version '${version}' is not served here; ` +
				`known are ${VERSIONS.join(", ")}.`,
		);
	return version;
}

function checkClientId(request) {
	const id = request.headers["x-ms-client-request-id"];
	if (id === undefined) request.violation("x-ms-client-request-id is missing", "advice");
	else if (!isGuid(id))
		request.violation("x-ms-client-request-id is not a guid without braces");
}

function run(sandbox, request) {
	const place = splitPath(request.segments);
	if (!place)
		refuse(404, "InvalidResourceNamespace", "Only Microsoft.Support is doubled here.");
	checkClientId(request);
	const { state } = sandbox;
	const token = primaryToken(state, request);
	const version = readVersion(request);
	const route = findRoute(request, place);
	const isWrite = request.method !== "GET";
	const scope =
		place.subscription === null
			? tenantScope(state, token, isWrite)
			: subscriptionScope(state, token, place.subscription, isWrite);
	const names = place.rest.filter((_, i) => route.steps[i] === "{}");
	return route.run({ sandbox, state, request, token, version, scope }, ...names);
}

export function azure(sandbox) {
	const handle = async (request) => {
		let answer;
		try {
			answer = run(sandbox, request);
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			answer = error.answer;
		}
		const isSubscription = /^\/subscriptions\//i.test(request.path);
		return {
			...answer,
			headers: { ...tracingHeaders(request, isSubscription), ...answer.headers },
		};
	};
	const codes = { 429: "TooManyRequests", 504: "GatewayTimeout", 503: "ServiceUnavailable" };
	const failure = (status) => ({
		error: {
			code: codes[status] ?? "SandboxFault",
			message: `The sandbox was told to answer ${status}.`,
		},
	});
	return { name: "azure", handle, failure };
}
