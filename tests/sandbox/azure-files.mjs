/*
 * azure-files.mjs - file workspaces: workspace, file, chunks
 *
 * Limits of Microsoft.Support 2024-04-01 and of its official command line: a file of 1 to 5242880
 * bytes in at most two chunks of at most 2621440, some extensions refused, a workspace that ends
 * after 24 hours.
 */
import { armDate, notFound, refuse } from "./azure-answers.mjs";
import { checkBody, noBody } from "./azure-body.mjs";
import { empty, json } from "./server.mjs";

const MOST_FILE = 5_242_880;
const MOST_CHUNK = 2_621_440;
const MOST_CHUNKS = 2;
const LONGEST_NAME = 110;
const LIVES_MS = 24 * 3600 * 1000;
const WORKSPACE_NAME = /^[0-9a-zA-Z_\-. ]+$/;
const BLOCKED = (
	"bat cmd exe ps1 js vbs com lnk reg bin cpl inf ins isu job jse msi msp paf pif " +
	"rgs scr sct vbe vb ws wsf wsh svg htm html"
).split(" ");

function refuseData(call, why) {
	call.request.violation(why);
	refuse(400, "InvalidData", why);
}

const keyOf = (call, name) => `${call.scope.key}/${name.toLowerCase()}`;
const workspaceId = (call, name) =>
	`${call.scope.prefix}/providers/Microsoft.Support/fileWorkspaces/${name}`;

function workspaceBody(call, workspace) {
	return {
		id: workspaceId(call, workspace.name),
		name: workspace.name,
		type: "Microsoft.Support/fileWorkspaces",
		properties: {
			createdOn: armDate(workspace.created),
			expirationTime: armDate(workspace.created + LIVES_MS),
		},
	};
}

function find(call, name) {
	const workspace = call.state.workspaces[keyOf(call, name)];
	if (!workspace || workspace.created + LIVES_MS < Date.now())
		notFound(`Microsoft.Support/fileWorkspaces/${name}`);
	return workspace;
}

export function putWorkspace(call, name) {
	noBody(call);
	if (!WORKSPACE_NAME.test(name))
		refuseData(
			call,
			`the workspace name ${name} does not match ${WORKSPACE_NAME.source}`,
		);
	const workspace = (call.state.workspaces[keyOf(call, name)] ??= {
		name,
		created: Date.now(),
		files: {},
	});
	const location = call.sandbox.urls.azure + workspaceId(call, name);
	return json(201, workspaceBody(call, workspace), {
		location: `${location}?api-version=${call.version}`,
	});
}

export const getWorkspace = (call, name) => json(200, workspaceBody(call, find(call, name)));

const fileBody = (call, workspace, file) => ({
	id: `${workspaceId(call, workspace.name)}/files/${file.name}`,
	name: file.name,
	type: "Microsoft.Support/files",
	properties: file.properties,
});

function sizeProblem({ fileSize, chunkSize, numberOfChunks }) {
	if (!(fileSize >= 1 && fileSize <= MOST_FILE)) return `fileSize is not 1 to ${MOST_FILE}`;
	if (!(chunkSize >= 1 && chunkSize <= MOST_CHUNK))
		return `chunkSize is not 1 to ${MOST_CHUNK}`;
	if (!(numberOfChunks >= 1 && numberOfChunks <= MOST_CHUNKS))
		return `numberOfChunks is not 1 to ${MOST_CHUNKS}`;
	return numberOfChunks === Math.ceil(fileSize / chunkSize)
		? null
		: "numberOfChunks does not fit fileSize and chunkSize";
}

export function putFile(call, workspaceName, name) {
	const workspace = find(call, workspaceName);
	const { properties } = checkBody(call, "FileDetails");
	const extension = /\.([^.]+)$/.exec(name)?.[1].toLowerCase();
	if (name.length > LONGEST_NAME)
		refuseData(call, `the file name is longer than ${LONGEST_NAME} characters`);
	if (BLOCKED.includes(extension))
		refuseData(call, `files of type .${extension} are not accepted`);
	const problem = sizeProblem(properties ?? {});
	if (problem) refuseData(call, problem);
	const file = {
		name,
		chunks: {},
		properties: { createdOn: armDate(Date.now()), ...properties },
	};
	workspace.files[`/${name.toLowerCase()}`] = file;
	return json(201, fileBody(call, workspace, file));
}

function findFile(call, workspaceName, name) {
	const workspace = find(call, workspaceName);
	const file = workspace.files[`/${name.toLowerCase()}`];
	if (!file) notFound(`Microsoft.Support/files/${name}`);
	return { workspace, file };
}

export function getFile(call, workspaceName, name) {
	const { workspace, file } = findFile(call, workspaceName, name);
	return json(200, fileBody(call, workspace, file));
}

export const filesOf = (call, workspaceName) => {
	const workspace = find(call, workspaceName);
	return Object.values(workspace.files).map((file) => fileBody(call, workspace, file));
};

/* All chunks but the last have the promised size; base64 must be canonical. */
export function uploadChunk(call, workspaceName, name) {
	const { file } = findFile(call, workspaceName, name);
	const { chunkIndex, content } = checkBody(call, "UploadFile");
	const { fileSize, chunkSize, numberOfChunks } = file.properties;
	if (!(chunkIndex >= 0 && chunkIndex < numberOfChunks))
		refuseData(call, `chunkIndex ${chunkIndex} is not below ${numberOfChunks}`);
	const bytes = Buffer.from(content ?? "", "base64");
	if (bytes.toString("base64") !== content) refuseData(call, "content is not base64");
	const expected =
		chunkIndex < numberOfChunks - 1 ? chunkSize : fileSize - chunkIndex * chunkSize;
	if (bytes.length !== expected)
		refuseData(call, `chunk ${chunkIndex} has ${bytes.length} bytes, not ${expected}`);
	file.chunks[chunkIndex] = bytes.length;
	return empty(204);
}
