/*
 * start.mjs - all doubles together: state, ports, end
 */
import fs from "node:fs";
import { azure } from "./azure.mjs";
import { azureFacts } from "./azure-facts.mjs";
import { bridge } from "./bridge.mjs";
import { control } from "./control.mjs";
import { entra } from "./entra.mjs";
import { graph } from "./graph.mjs";
import { partnerCenter } from "./partner-center.mjs";
import { listen } from "./server.mjs";
import { newState, reviveState } from "./world.mjs";

function readState(file) {
	if (!file || !fs.existsSync(file)) return newState();
	const state = JSON.parse(fs.readFileSync(file, "utf8"));
	if (state.version !== 1) throw new Error(`${file} is of version ${state.version}, not 1`);
	return reviveState(state);
}

/* Whole or not at all, and for the owner only: it holds the sandbox's secrets. The log stays out,
 * since this happens at every request. */
function writeState(file, state) {
	fs.writeFileSync(`${file}.new`, JSON.stringify({ ...state, log: [] }), { mode: 0o600 });
	fs.renameSync(`${file}.new`, file);
}

function close(server) {
	return new Promise((resolve) => {
		server.close(resolve);
		server.closeAllConnections();
	});
}

/* Resolves to { urls, state, end() }. Options: stateFile, shared (null: own facts only). */
export async function startSandbox({ stateFile, shared } = {}) {
	const sandbox = {
		state: readState(stateFile),
		urls: {},
		facts: azureFacts(shared),
		save: () => stateFile && writeState(stateFile, sandbox.state),
	};
	const doubles = [azure, entra, partnerCenter, graph, bridge, control].map((one) =>
		one(sandbox),
	);
	const servers = [];
	for (const double of doubles) {
		const server = await listen(sandbox, double, sandbox.state.ports[double.name]);
		const { port } = server.address();
		servers.push(server);
		sandbox.state.ports[double.name] = port;
		sandbox.urls[double.name] = `http://127.0.0.1:${port}`;
	}
	sandbox.save();
	sandbox.end = () => Promise.all(servers.map(close));
	return sandbox;
}
