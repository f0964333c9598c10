#!/usr/bin/env node
/*
 * sandbox.mjs - starts the portal doubles
 *
 * Prints one JSON line with their addresses when all listen. Ends on SIGTERM, SIGINT, or when its
 * standard input closes, so that it never outlives the test that started it.
 */
import fs from "node:fs";
import { parseArgs } from "node:util";
import { startSandbox } from "./start.mjs";

const USAGE = `Usage: node tests/sandbox/sandbox.mjs [--state FILE] [--port-file FILE] [--stay]

  --state FILE      keep what happens over restarts (and the ports, if they are free)
  --port-file FILE  also write the line with the addresses here
  --stay            do not end when standard input closes
`;

function readOptions() {
	const options = {
		state: { type: "string" },
		"port-file": { type: "string" },
		stay: { type: "boolean", default: false },
		help: { type: "boolean", short: "h" },
	};
	try {
		return parseArgs({ options }).values;
	} catch (error) {
		process.stderr.write(`sandbox: ${error.message}\nTry --help.\n`);
		process.exit(64);
	}
}

/* A reader of the file must never see half of it. */
function writePorts(file, line) {
	fs.writeFileSync(`${file}.new`, line);
	fs.renameSync(`${file}.new`, file);
}

async function main() {
	const options = readOptions();
	if (options.help) return process.stdout.write(USAGE);
	const sandbox = await startSandbox({ stateFile: options.state });
	const line = `${JSON.stringify(sandbox.urls)}\n`;
	if (options["port-file"]) writePorts(options["port-file"], line);
	process.stdout.write(line);

	const end = () => sandbox.end().then(() => process.exit(0));
	process.on("SIGTERM", end);
	process.on("SIGINT", end);
	if (!options.stay) {
		process.stdin.on("end", end);
		process.stdin.on("error", end);
		process.stdin.resume();
	}
}

main().catch((error) => {
	process.stderr.write(`sandbox: ${error.message}\n`);
	process.exit(70);
});
