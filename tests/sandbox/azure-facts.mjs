/*
 * azure-facts.mjs - which bodies Microsoft.Support 2024-04-01 takes
 *
 * Two sources with one shape: Microsoft's OpenAPI file, when CASEROUTE_SHARED (or ../shared beside
 * the checkout) has it, else the table below, written for these doubles: required members, types,
 * words and patterns of the six request bodies.
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "./schema.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const OPENAPI =
	"portals/azure/spec/specification/support/resource-manager/Microsoft.Support/" +
	"stable/2024-04-01/support.json";

const text = { type: "string" };
const number = { type: "integer", format: "int32" };
const word = (...words) => ({ type: "string", enum: words, "x-ms-enum": { modelAsString: true } });
const object = (required, properties) => ({ type: "object", required, properties });
const list = (items) => ({ type: "array", items });
const readOnly = (schema) => ({ ...schema, readOnly: true });

const severity = word("minimal", "moderate", "critical", "highestcriticalimpact");
const consent = word("Yes", "No");
const consents = list(object([], { type: text, userConsent: consent }));
const instant = { type: "string", format: "date-time" };
const contactMembers = {
	firstName: text,
	lastName: text,
	primaryEmailAddress: text,
	preferredContactMethod: word("email", "phone"),
	preferredTimeZone: text,
	country: text,
	preferredSupportLanguage: text,
	phoneNumber: text,
	additionalEmailAddresses: list(text),
};
const contactRequired = [
	"firstName",
	"lastName",
	"preferredContactMethod",
	"primaryEmailAddress",
	"preferredTimeZone",
	"country",
	"preferredSupportLanguage",
];

const resource = (properties) =>
	object(["properties"], {
		id: readOnly(text),
		name: readOnly(text),
		type: readOnly(text),
		properties,
	});

const ownDefinitions = {
	SupportTicketDetails: resource(
		object(
			[
				"serviceId",
				"title",
				"description",
				"problemClassificationId",
				"severity",
				"contactDetails",
				"advancedDiagnosticConsent",
			],
			{
				title: text,
				description: text,
				serviceId: text,
				problemClassificationId: text,
				severity,
				advancedDiagnosticConsent: consent,
				contactDetails: object(contactRequired, contactMembers),
				require24X7Response: { type: "boolean" },
				problemStartTime: instant,
				supportPlanId: text,
				enrollmentId: text,
				fileWorkspaceName: text,
				problemScopingQuestions: text,
				supportTicketId: text,
				technicalTicketDetails: object([], { resourceId: text }),
				quotaTicketDetails: object([], {
					quotaChangeRequestVersion: text,
					quotaChangeRequestSubType: text,
					quotaChangeRequests: list(
						object([], { region: text, payload: text }),
					),
				}),
				secondaryConsent: consents,
				status: readOnly(text),
				createdDate: readOnly(instant),
				modifiedDate: readOnly(instant),
				problemClassificationDisplayName: readOnly(text),
				serviceDisplayName: readOnly(text),
				supportPlanType: readOnly(text),
				supportPlanDisplayName: readOnly(text),
				isTemporaryTicket: readOnly(consent),
				serviceLevelAgreement: object([], {}),
				supportEngineer: object([], {}),
			},
		),
	),
	UpdateSupportTicket: object([], {
		severity,
		status: word("open", "closed"),
		contactDetails: object([], contactMembers),
		advancedDiagnosticConsent: consent,
		secondaryConsent: consents,
	}),
	CommunicationDetails: resource(
		object(["subject", "body"], {
			subject: text,
			body: text,
			sender: text,
			createdDate: readOnly(instant),
			communicationType: readOnly(word("web", "phone")),
			communicationDirection: readOnly(word("inbound", "outbound")),
		}),
	),
	CheckNameAvailabilityInput: object(["name", "type"], {
		name: text,
		type: {
			type: "string",
			enum: [
				"Microsoft.Support/supportTickets",
				"Microsoft.Support/communications",
			],
		},
	}),
	FileDetails: object(["properties"], {
		properties: object([], {
			fileSize: number,
			chunkSize: number,
			numberOfChunks: number,
		}),
	}),
	UploadFile: object([], { content: text, chunkIndex: number }),
};

function openDocument(file, opened = new Map()) {
	if (!opened.has(file)) {
		const document = { file, root: JSON.parse(fs.readFileSync(file, "utf8")) };
		document.open = (name) =>
			openDocument(path.resolve(path.dirname(file), name), opened);
		opened.set(file, document);
	}
	return opened.get(file);
}

/* The folder with the portals' descriptions, or null. */
export function sharedFolder() {
	const places = [process.env.CASEROUTE_SHARED, path.resolve(here, "../../../shared")];
	return places.find((place) => place && fs.existsSync(path.join(place, "portals"))) ?? null;
}

export function azureFacts(shared = sharedFolder()) {
	const file = shared && path.join(shared, OPENAPI);
	const isOfficial = Boolean(file) && fs.existsSync(file);
	const document = isOfficial
		? openDocument(file)
		: { file: "azure-facts.mjs", root: { definitions: ownDefinitions } };
	const definitions = document.root.definitions;
	const run = (name, value, options) => check(definitions[name], value, document, options);

	return {
		source: isOfficial ? "OpenAPI 2024-04-01" : "own table",
		paths: document.root.paths ?? null,
		checkRequest: (name, body) =>
			run(name, body, { request: true, nullIsAbsent: true }),
		checkAnswer: (name, body) => run(name, body, { nullIsAbsent: true }),
	};
}
