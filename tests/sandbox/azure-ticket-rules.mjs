/*
 * azure-ticket-rules.mjs - what a ticket must be beyond its types
 *
 * Microsoft.Support 2024-04-01, ticket body: the ids must exist and agree, a phone number belongs
 * to "phone", the time zone is a Windows name, the country has three letters, the resource lies in
 * the subscription of the URL. The status code for each is not documented; 400 InvalidData here.
 */
import { refuse } from "./azure-answers.mjs";
import { isTechnical, lookUpId } from "./azure-catalogue.mjs";

const LANGUAGES = [
	"en-us",
	"zh-hans",
	"es-es",
	"fr-fr",
	"ja-jp",
	"ko-kr",
	"ru-ru",
	"pt-br",
	"it-it",
	"zh-tw",
	"de-de",
];
const BEST_PLANS = ["Premier", "Unified"];
const REFUSAL =
	"To create and update support tickets, and add communication operations, you need access " +
	"to our high tier-support plans.";
const HIGH_PLANS = ["ProDirect", ...BEST_PLANS];

/* The two ids may disagree only in case; the second is found below the first. */
function topic(p) {
	const { service } = lookUpId(p.serviceId);
	const { service: parent, classification } = lookUpId(p.problemClassificationId);
	return { service, parent, classification };
}

function consentProblem(p, classification) {
	const wanted = (classification.properties.secondaryConsentEnabled ?? []).map(
		(one) => one.type,
	);
	const given = (p.secondaryConsent ?? []).map((one) => one.type);
	const missing = wanted.find((type) => !given.includes(type));
	return missing && `secondaryConsent of type ${missing} is missing`;
}

function contactProblem(contact) {
	const method = contact.preferredContactMethod.toLowerCase();
	if (method === "phone" && !contact.phoneNumber)
		return "phoneNumber is missing for preferredContactMethod phone";
	if (!/^[a-z]{3}$/i.test(contact.country))
		return "country is not an ISO 3166-1 alpha-3 code";
	if (contact.preferredTimeZone.includes("/"))
		return "preferredTimeZone is not a Windows time zone name";
	if (!LANGUAGES.includes(contact.preferredSupportLanguage.toLowerCase()))
		return "preferredSupportLanguage is not supported";
	if (!/^[^@\s]+@[^@\s]+$/.test(contact.primaryEmailAddress))
		return "primaryEmailAddress is not an e-mail address";
	return null;
}

function resourceProblem(call, resourceId) {
	if (!resourceId || !call.scope.id) return null;
	const owner = /^\/subscriptions\/([^/]+)\//i.exec(resourceId)?.[1].toLowerCase();
	return owner === call.scope.id
		? null
		: "technicalTicketDetails.resourceId is not in the subscription of the URL";
}

function workspaceProblem(call, name) {
	if (!name) return null;
	const workspace = call.state.workspaces[`${call.scope.key}/${name.toLowerCase()}`];
	if (!workspace) return `fileWorkspaceName ${name} does not exist`;
	const open = Object.values(workspace.files).find(
		(file) => Object.keys(file.chunks).length < file.properties.numberOfChunks,
	);
	return open ? `file ${open.name} is not uploaded completely` : null;
}

function scopingProblem(questions) {
	try {
		return questions && !JSON.parse(questions).articleId
			? "problemScopingQuestions has no articleId"
			: null;
	} catch {
		return "problemScopingQuestions is not a string holding JSON";
	}
}

function ticketProblem(call, p) {
	const { service, parent, classification } = topic(p);
	if (!service) return "serviceId does not exist";
	if (!classification) return "problemClassificationId does not exist";
	if (parent !== service) return "problemClassificationId is not of this serviceId";
	return (
		consentProblem(p, classification) ||
		contactProblem(p.contactDetails) ||
		resourceProblem(call, p.technicalTicketDetails?.resourceId) ||
		workspaceProblem(call, p.fileWorkspaceName) ||
		scopingProblem(p.problemScopingQuestions)
	);
}

/* Gives what the ids stand for, or refuses. */
export function requireTicket(call, p) {
	const problem = ticketProblem(call, p);
	if (problem) {
		call.request.violation(problem);
		refuse(400, "InvalidData", problem);
	}
	const { service, classification } = topic(p);
	if (isTechnical(service) && !call.scope.subscription)
		call.request.violation(
			"a technical ticket at tenant scope is unreliable",
			"advice",
		);
	return { service, classification };
}

/* The plan refuses inside the operation, not at the PUT. The beginning of the text is the
 * service's own, reported for CSP; the error's code is not documented, so nobody may rely on it. */
export function planRefusal(plan, service, severity) {
	const isCsp = plan === "CSP";
	const isFree = !isTechnical(service);
	const isTooHigh = severity === "highestcriticalimpact" && !BEST_PLANS.includes(plan);
	if (!isCsp && !isTooHigh && (isFree || HIGH_PLANS.includes(plan))) return null;
	return {
		code: "SandboxPlanRefused",
		message: `Your support plan type is ${plan}. ${REFUSAL}`,
	};
}
