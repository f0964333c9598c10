/*
 * azure-operations.mjs - long-running operations of Microsoft.Support 2024-04-01
 *
 * PUT answers 202 without a body; the client asks Azure-AsyncOperation until the status is
 * Succeeded, Failed or Canceled. The URL is signed, so it must come back byte for byte.
 */
import { accepted, notFound, operationUrls, refuse } from "./azure-answers.mjs";
import { empty, json } from "./server.mjs";

/* wish: { key, kind, error|null, number|null } */
export function startOperation(call, wish) {
	const { settings, operations } = call.state;
	const { azure } = settings;
	const urls = operationUrls(call.sandbox.urls.azure, call.scope.prefix, call.version);
	const end = wish.error ? "Failed" : azure.end;
	operations[urls.id] = {
		...wish,
		id: `${call.scope.prefix}/providers/Microsoft.Support/operationsStatus/${urls.id}`,
		status_url: urls.status,
		result_url: urls.result,
		polls_left: azure.polls,
		version: call.version,
		end,
		error:
			wish.error ??
			(end === "Succeeded"
				? null
				: {
						code: "SandboxEnd",
						message: `The sandbox was told to end with ${end}.`,
					}),
	};
	return accepted(operations[urls.id], azure.retry_after);
}

function find(call, id) {
	const operation = call.state.operations[id.toLowerCase()];
	if (!operation) notFound(id);
	const url = call.sandbox.urls.azure + call.request.url;
	if (url !== operation.status_url && url !== operation.result_url) {
		call.request.violation("an operation URL was changed on its way back");
		refuse(
			400,
			"InvalidOperationUrl",
			"The operation URL was not used as it was given.",
		);
	}
	return operation;
}

function step(operation) {
	if (operation.polls_left === 0) return false;
	operation.polls_left--;
	return true;
}

function endProperties(operation) {
	if (operation.error) return { error: operation.error };
	/* version 2020-04-01 sent id and status only */
	if (operation.kind !== "ticket" || operation.version === "2020-04-01") return {};
	return {
		properties: { supportTicketCreationWarning: "", supportTicketId: operation.number },
	};
}

export function operationStatus(call, id) {
	const operation = find(call, id);
	const { running, retry_after: retryAfter } = call.state.settings.azure;
	const headers = retryAfter ? { "retry-after": String(retryAfter) } : {};
	if (step(operation)) return json(200, { id: operation.id, status: running }, headers);
	return json(200, { id: operation.id, status: operation.end, ...endProperties(operation) });
}

/* Location: 202 while it runs, then the outcome itself. */
export function operationResult(call, id) {
	const operation = find(call, id);
	if (step(operation)) return accepted(operation, call.state.settings.azure.retry_after);
	if (operation.error) return json(400, { error: operation.error });
	return empty(204);
}
