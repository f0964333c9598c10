/*
 * azure-tickets.mjs - create, read and change support tickets
 *
 * What a second PUT with a used name does is not documented. Here it is what PUT is by its nature:
 * the ticket that exists is the answer, a second one is never made, and the call is counted.
 */
import { auxiliaryTenants } from "./azure-access.mjs";
import { armDate, notFound, refuse } from "./azure-answers.mjs";
import { checkBody } from "./azure-body.mjs";
import { nameProblem } from "./azure-names.mjs";
import { startOperation } from "./azure-operations.mjs";
import { planRefusal, requireTicket } from "./azure-ticket-rules.mjs";
import { bump, json } from "./server.mjs";

const MOST_NUMBERS = 500_000;
const SETTLES_MS = 11_000;
const SLA_MINUTES = { Basic: 480 };
const PLAN_NAMES = {
	/* the dash is U+2013, as recorded */
	ProDirect: "Azure Support Plan \u2013 ProDirect",
	Basic: "Basic support",
	Premier: "Premier",
};

const keyOf = (call, name) => `${call.scope.key}/${name.toLowerCase()}`;
const capital = (word) => word[0].toUpperCase() + word.slice(1).toLowerCase();

/* The service writes words in another case than the client did. */
const echoContact = (contact) => ({
	...contact,
	country: contact.country.toUpperCase(),
	preferredContactMethod: capital(contact.preferredContactMethod),
});

/* Six digits count, so that a number has its sixteen; the sandbox is full before they run out. */
export function nextNumber(state) {
	if (state.sequence >= MOST_NUMBERS)
		throw Object.assign(new Error("the sandbox is full"), { status: 507 });
	const day = new Date().toISOString().slice(2, 10).replaceAll("-", "");
	return `${day}0010${String(++state.sequence).padStart(6, "0")}`;
}

/* The plan that the request runs under. On behalf of a customer the plan comes with the partner's
 * token; without it only the customer's own, CSP, is seen. */
function planOf(call) {
	const { subscription } = call.scope;
	const proven = auxiliaryTenants(call.state, call.request);
	if (!subscription) return "Basic";
	if (!subscription.csp) return subscription.plan;
	const isPartner = (tenant) => call.state.world.tenants[tenant]?.kind === "partner";
	if (proven.length && !proven.some(isPartner))
		refuse(
			401,
			"InvalidAuthenticationTokenTenant",
			"The auxiliary token is of the wrong tenant.",
		);
	if (proven.length === 0) {
		call.request.violation(
			"x-ms-authorization-auxiliary is missing on behalf of a customer",
		);
		return "CSP";
	}
	return subscription.plan;
}

const planId = (call) =>
	Buffer.from(
		call.scope.id
			? `Source:EA,SubscriptionId:${call.scope.id},SovereignCloud:Public,`
			: "Source:Free,FreeId:00000000-0000-0000-0000-000000000009,",
	).toString("base64");

function sla(plan, now) {
	const minutes = SLA_MINUTES[plan] ?? 240;
	return {
		startTime: armDate(now),
		expirationTime: armDate(now + minutes * 60_000),
		slaMinutes: minutes,
	};
}

function ticketProperties(call, p, plan, number, topic) {
	const now = Date.now();
	return {
		...p,
		problemClassificationDisplayName: topic.classification.properties.displayName,
		severity: capital(p.severity),
		require24X7Response: p.require24X7Response ?? false,
		enrollmentId: "",
		contactDetails: echoContact(p.contactDetails),
		serviceLevelAgreement: sla(plan, now),
		supportEngineer: {},
		supportPlanType: plan,
		supportPlanDisplayName: PLAN_NAMES[plan] ?? "Unknown",
		advancedDiagnosticConsent: capital(p.advancedDiagnosticConsent),
		isTemporaryTicket: "No",
		supportPlanId: p.supportPlanId ?? planId(call),
		fileWorkspaceName: p.fileWorkspaceName ?? number,
		supportTicketId: number,
		serviceDisplayName: topic.service.properties.displayName,
		status: "Open",
		createdDate: armDate(now),
		modifiedDate: armDate(now + SETTLES_MS),
		/* members that no version in use describes: a client must live with them */
		productionOutage: false,
		supportChannel: "Web",
	};
}

function keep(call, name, properties) {
	const { state, scope } = call;
	state.tickets[keyOf(call, name)] = {
		name,
		scope: scope.key,
		number: properties.supportTicketId,
		properties,
		messages: {},
		id: `${scope.prefix}/providers/Microsoft.Support/supportTickets/${name}`,
		hidden_gets: state.settings.azure.hidden_gets,
	};
	state.workspaces[`${scope.key}/${properties.supportTicketId}`] = {
		name: properties.supportTicketId,
		created: Date.now(),
		files: {},
	};
	bump(state.counts.creates, name);
}

export const ticketBody = (ticket) => ({
	id: ticket.id,
	name: ticket.name,
	type: "Microsoft.Support/supportTickets",
	properties: ticket.properties,
});

function create(call, name, p) {
	const topic = requireTicket(call, p);
	const plan = planOf(call);
	const error = planRefusal(plan, topic.service, p.severity.toLowerCase());
	const number = nextNumber(call.state);
	if (!error && call.state.settings.azure.end === "Succeeded")
		keep(call, name, ticketProperties(call, p, plan, number, topic));
	return startOperation(call, { kind: "ticket", key: keyOf(call, name), error, number });
}

export function putTicket(call, name) {
	const problem = nameProblem(name);
	if (problem) {
		call.request.violation(problem);
		refuse(400, "InvalidData", problem);
	}
	const { properties } = checkBody(call, "SupportTicketDetails");
	bump(call.state.counts.puts, name);
	const existing = call.state.tickets[keyOf(call, name)];
	if (!existing) return create(call, name, properties);
	bump(call.state.counts.duplicate_puts, name);
	return json(200, ticketBody(existing));
}

export function findTicket(call, name) {
	const ticket = call.state.tickets[keyOf(call, name)];
	if (!ticket) notFound(`Microsoft.Support/supportTickets/${name}`);
	return ticket;
}

export function getTicket(call, name) {
	const ticket = findTicket(call, name);
	if (ticket.hidden_gets > 0) {
		ticket.hidden_gets--;
		notFound(`Microsoft.Support/supportTickets/${name}`);
	}
	return json(200, ticketBody(ticket));
}

function changed(properties, body) {
	const change = { modifiedDate: armDate(Date.now()) };
	if (body.severity) change.severity = capital(body.severity);
	if (body.status) change.status = capital(body.status);
	if (body.advancedDiagnosticConsent)
		change.advancedDiagnosticConsent = capital(body.advancedDiagnosticConsent);
	if (body.secondaryConsent) change.secondaryConsent = body.secondaryConsent;
	if (body.contactDetails)
		change.contactDetails = echoContact({
			...properties.contactDetails,
			...body.contactDetails,
		});
	return change;
}

/* The body is flat: unlike everywhere else in ARM there is no "properties". */
export function patchTicket(call, name) {
	const ticket = findTicket(call, name);
	const body = checkBody(call, "UpdateSupportTicket");
	if (body.properties !== undefined) {
		call.request.violation("the body of a change is not under properties");
		refuse(400, "InvalidRequestContent", "Could not find member 'properties'.");
	}
	if (body.severity && call.state.settings.azure.engineer_at_work)
		refuse(
			400,
			"InvalidData",
			"Severity cannot be changed while an engineer works on the ticket.",
		);
	Object.assign(ticket.properties, changed(ticket.properties, body));
	return json(200, ticketBody(ticket));
}
