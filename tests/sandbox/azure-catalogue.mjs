/*
 * azure-catalogue.mjs - the services and problem classifications that the Azure double offers
 *
 * The GUIDs of billing, quota and subscription management are the real, fixed ones; all others
 * are made up and derived from the name, so that they are the same on every start. Several
 * services share a resource type, and resource types are in upper case, as on the wire.
 */
import crypto from "node:crypto";

function guidOf(name) {
	const h = crypto.createHash("sha256").update(`caseroute sandbox ${name}`).digest("hex");
	return (
		`${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-` +
		h.slice(20, 32)
	);
}

const BILLING = [
	"Add or update VAT, tax id, PO number or profile information",
	"Reservation Management / Exchanges and Refunds",
	"Other General Billing Questions",
];
const USUAL = ["Cannot create or deploy", "Performance / Slow or degraded", "Other"];
const databricksConsent = [
	{
		type: "DatabricksConsent",
		description:
			"Lets the engineers read the workspace while they work on this request.",
	},
];
const linuxConsent = [
	{
		type: "virtualmachinerunninglinuxservice",
		description: "Lets the engineers read logs of the virtual machine.",
	},
];

/* name, resource types, classifications, consent that its last classification asks for, GUID */
const table = [
	["Billing", [], BILLING, null, "517f2da6-78fd-0498-4e22-ad26996b1dfc"],
	[
		"Service and subscription limits (quotas)",
		[],
		["Compute-VM (cores-vCPUs) subscription limit increases", "SQL Database", "Batch"],
		null,
		"06bfd9d3-516b-d5c6-5802-169c800dec89",
	],
	[
		"Subscription management",
		[],
		["Cancel my subscription", "Transfer ownership", "Other"],
		null,
		"f3dc5421-79ef-1efa-41a5-42bf3cbb52c6",
	],
	[
		"Virtual Machine running Windows",
		["MICROSOFT.CLASSICCOMPUTE/VIRTUALMACHINES", "MICROSOFT.COMPUTE/VIRTUALMACHINES"],
		[
			"Cannot start or stop my VM / VM does not start",
			"Cannot connect to my VM / RDP",
			"Other",
		],
	],
	[
		"Virtual Machine running Linux",
		["MICROSOFT.CLASSICCOMPUTE/VIRTUALMACHINES", "MICROSOFT.COMPUTE/VIRTUALMACHINES"],
		[
			"Cannot start or stop my VM / VM does not start",
			"Cannot connect to my VM / SSH",
			"Performance / Read logs with consent",
		],
		linuxConsent,
	],
	["Virtual Machine Scale Sets", ["MICROSOFT.COMPUTE/VIRTUALMACHINESCALESETS"], USUAL],
	[
		"Virtual Network",
		["MICROSOFT.NETWORK/VIRTUALNETWORKS", "MICROSOFT.CLASSICNETWORK/VIRTUALNETWORKS"],
		USUAL,
	],
	["VPN Gateway", ["MICROSOFT.NETWORK/VIRTUALNETWORKGATEWAYS"], USUAL],
	["ExpressRoute", ["MICROSOFT.NETWORK/EXPRESSROUTECIRCUITS"], USUAL],
	["Application Gateway", ["MICROSOFT.NETWORK/APPLICATIONGATEWAYS"], USUAL],
	["Load Balancer", ["MICROSOFT.NETWORK/LOADBALANCERS"], USUAL],
	["Azure DNS", ["MICROSOFT.NETWORK/DNSZONES", "MICROSOFT.NETWORK/PRIVATEDNSZONES"], USUAL],
	["Blob Storage", ["MICROSOFT.STORAGE/STORAGEACCOUNTS"], USUAL],
	["Files Storage", ["MICROSOFT.STORAGE/STORAGEACCOUNTS"], USUAL],
	["SQL Database", ["MICROSOFT.SQL/SERVERS/DATABASES", "MICROSOFT.SQL/SERVERS"], USUAL],
	["SQL Managed Instance", ["MICROSOFT.SQL/MANAGEDINSTANCES"], USUAL],
	["Azure Cosmos DB", ["MICROSOFT.DOCUMENTDB/DATABASEACCOUNTS"], USUAL],
	["Web App (Windows)", ["MICROSOFT.WEB/SITES", "MICROSOFT.WEB/SERVERFARMS"], USUAL],
	["Function App", ["MICROSOFT.WEB/SITES"], USUAL],
	["Kubernetes Service (AKS)", ["MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS"], USUAL],
	["Key Vault", ["MICROSOFT.KEYVAULT/VAULTS"], USUAL],
	["Azure Backup", ["MICROSOFT.RECOVERYSERVICES/VAULTS"], USUAL],
	[
		"Azure Databricks",
		["MICROSOFT.DATABRICKS/WORKSPACES"],
		["Cluster / Cannot start", "Jobs", "Notebooks"],
		databricksConsent,
	],
	["Data Explorer", ["MICROSOFT.KUSTO/CLUSTERS", "MICROSOFT.KUSTO/DATABASES"], USUAL],
	["Microsoft Entra Directories, Domains, and Objects", [], USUAL],
];

const ROOT = "/providers/Microsoft.Support/services";

function makeService([displayName, resourceTypes, names, consent, guid]) {
	const name = guid ?? guidOf(displayName);
	const id = `${ROOT}/${name}`;
	const classifications = names.map((title, i) => {
		const key = guidOf(`${displayName} / ${title}`);
		const asks = consent && i === names.length - 1;
		return {
			id: `${id}/problemClassifications/${key}`,
			name: key,
			type: "Microsoft.Support/problemClassifications",
			properties: {
				displayName: title,
				...(asks && { secondaryConsentEnabled: consent }),
			},
		};
	});
	return {
		id,
		name,
		type: "Microsoft.Support/services",
		classifications,
		properties: { displayName, resourceTypes },
	};
}

export const services = table.map(makeService);
export const isTechnical = (service) => services.indexOf(service) > 2;

/* Names and ids in ARM are compared without regard to case. */
export const findService = (name) =>
	services.find((service) => service.name === String(name).toLowerCase());
export const findClassification = (service, name) =>
	service?.classifications.find((one) => one.name === String(name).toLowerCase());

const ID =
	/^\/providers\/microsoft\.support\/services\/([^/]+)(\/problemclassifications\/([^/]+))?$/i;

export function lookUpId(id) {
	const parts = ID.exec(id ?? "");
	const service = parts && findService(parts[1]);
	return {
		service: service ?? null,
		classification: (parts?.[3] && findClassification(service, parts[3])) || null,
	};
}
