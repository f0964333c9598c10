/*
 * azure-names.mjs - names that the client chooses
 *
 * The rule and its text are the service's own, recorded at 2024-04-01; the specification has
 * none. The check always answers 200.
 */
import { checkBody } from "./azure-body.mjs";
import { notFound } from "./azure-answers.mjs";
import { isGuid } from "./schema.mjs";
import { json } from "./server.mjs";

const FORBIDDEN = /[<>%&:?/\u0000-\u001f\u007f]/;
const LONGEST = 255;
const RULE =
	"The name cannot include: '<', '>', '%', '&', ':', '', '?', '/' or any control " +
	"characters. It cannot be all digits and cannot start with 'tmp-'. The max length is 255 " +
	"characters.";
const FILE_WORKSPACES = "Microsoft.Support/fileWorkspaces";

export function nameProblem(name) {
	const isBad =
		name === "" ||
		FORBIDDEN.test(name) ||
		/^\d+$/.test(name) ||
		/^tmp-/i.test(name) ||
		name.length > LONGEST;
	return isBad ? `Name ${name} is invalid. ${RULE}` : null;
}

/* A message whose name is a bare GUID was refused on the wire. */
export const messageNameProblem = (name) =>
	nameProblem(name) ??
	(isGuid(name)
		? "Communication resource name is invalid. Please provide a valid name."
		: null);

function verdict(name, problem, isUsed) {
	if (problem)
		return json(200, { message: problem, nameAvailable: false, reason: "Invalid" });
	if (isUsed)
		return json(200, {
			message: `Name ${name} is already in use.`,
			nameAvailable: false,
			reason: "Name is already in use",
		});
	return json(200, { nameAvailable: true });
}

export function checkTicketName(call) {
	/* The official command line also asks about workspaces, which the description omits. */
	const body = checkBody(call, "CheckNameAvailabilityInput", (b) =>
		b?.type === FILE_WORKSPACES
			? { ...b, type: "Microsoft.Support/supportTickets" }
			: b,
	);
	const key = `${call.scope.key}/${body.name.toLowerCase()}`;
	const used = body.type === FILE_WORKSPACES ? call.state.workspaces : call.state.tickets;
	return verdict(body.name, nameProblem(body.name), Object.hasOwn(used, key));
}

export function checkMessageName(call, ticketName) {
	const body = checkBody(call, "CheckNameAvailabilityInput");
	const ticket = call.state.tickets[`${call.scope.key}/${ticketName.toLowerCase()}`];
	if (!ticket) notFound(ticketName);
	const isUsed = Object.hasOwn(ticket.messages, `/${body.name.toLowerCase()}`);
	return verdict(body.name, messageNameProblem(body.name), isUsed);
}
