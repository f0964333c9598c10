/*
 * azure-messages.mjs - messages of a ticket, and its chat transcripts (always none)
 */
import { armDate, notFound, refusePascal } from "./azure-answers.mjs";
import { checkBody } from "./azure-body.mjs";
import { messageNameProblem } from "./azure-names.mjs";
import { startOperation } from "./azure-operations.mjs";
import { findTicket } from "./azure-tickets.mjs";
import { bump, json } from "./server.mjs";

const messageBody = (ticket, message) => ({
	id: `${ticket.id}/communications/${message.name}`,
	name: message.name,
	type: "Microsoft.Support/communications",
	properties: message.properties,
});

/* Recorded: what the customer writes comes back as Inbound; the specification's examples say
 * outbound. Keys begin with a slash so that no name can be one of JavaScript's own. */
export function addMessage(ticket, name, { subject, body, sender }, direction) {
	ticket.messages[`/${name.toLowerCase()}`] = {
		name,
		properties: {
			communicationType: "Web",
			communicationDirection: direction,
			sender,
			subject,
			body,
			createdDate: armDate(Date.now()),
		},
	};
}

export function putMessage(call, ticketName, name) {
	const ticket = findTicket(call, ticketName);
	const problem = messageNameProblem(name);
	if (problem) {
		call.request.violation(problem);
		refusePascal(400, "InvalidData", problem);
	}
	const { properties } = checkBody(call, "CommunicationDetails");
	if (!properties.sender && !call.token.user) {
		call.request.violation("a service principal's message needs a sender");
		refusePascal(
			400,
			"InvalidData",
			"Sender is required when the caller is a service principal.",
		);
	}
	const existing = ticket.messages[`/${name.toLowerCase()}`];
	if (existing) {
		bump(call.state.counts.duplicate_puts, `${ticketName}/${name}`);
		return json(200, messageBody(ticket, existing));
	}
	bump(call.state.counts.messages, `${ticketName}/${name}`);
	const sender = properties.sender ?? call.token.user;
	addMessage(ticket, name, { ...properties, sender }, "Inbound");
	return startOperation(call, { kind: "message", key: `${ticketName}/${name}`, error: null });
}

export function getMessage(call, ticketName, name) {
	const ticket = findTicket(call, ticketName);
	const message = ticket.messages[`/${name.toLowerCase()}`];
	if (!message) notFound(`Microsoft.Support/communications/${name}`);
	return json(200, messageBody(ticket, message));
}

export function messagesOf(call, ticketName) {
	const ticket = findTicket(call, ticketName);
	return Object.values(ticket.messages).map((message) => messageBody(ticket, message));
}

export function listTranscripts(call, ticketName) {
	findTicket(call, ticketName);
	return json(200, { value: [] });
}

export function getTranscript(call, ticketName, name) {
	findTicket(call, ticketName);
	return notFound(`Microsoft.Support/chatTranscripts/${name}`);
}
