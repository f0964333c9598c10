'use strict';
/* Medians and ratios of a run: node summary.js RESULTS [REFERENCE PEER] */
const fs = require('fs');
const [file, reference = 'nginx'] = process.argv.slice(2);
const rows = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

function table(head, lines) {
	if (!lines.length) return;
	const all = [head, ...lines].map((line) => line.map(String));
	const width = head.map((_, i) => Math.max(...all.map((line) => line[i].length)));
	console.log();
	for (const line of all)
		console.log(line.map((cell, i) => (i ? cell.padStart(width[i]) : cell.padEnd(width[i]))).join('  '));
}

const loads = new Map();
for (const row of rows.filter((row) => row.rps !== undefined)) {
	const key = [row.peer, row.rules, row.delay_ms, row.conns].join();
	loads.set(key, [...(loads.get(key) ?? []), row]);
}
const of = (list, name) => median(list.map((row) => row[name]));
table(
	['peer', 'routes', 'delay ms', 'conns', 'a second', `/ ${reference}`, 'p50 ms', 'p99 ms', `/ ${reference}`,
		'CPU us', 'PSS MiB', 'failed', 'lost', 'twice'],
	[...loads.values()].map((list) => {
		const { peer, rules, delay_ms, conns } = list[0];
		const base = loads.get([reference, 3, delay_ms, conns].join());
		const ratio = (name) => (base ? (of(list, name) / of(base, name)).toFixed(2) : '-');
		const sum = (count) => list.reduce((total, row) => total + count(row), 0);
		return [peer, rules, delay_ms, conns, of(list, 'rps'), ratio('rps'), (of(list, 'p50_us') / 1e3).toFixed(2),
			(of(list, 'p99_us') / 1e3).toFixed(1), ratio('p99_us'), of(list, 'cpu_us_per_req'),
			(of(list, 'pss_kib') / 1024).toFixed(0), sum((row) => row.non2xx + row.errors),
			sum((row) => Math.max(0, row.completed - row.non2xx - row.delivered)), sum((row) => row.twice)];
	}),
);
table(['peer', 'routes', 'start ms', 'reload ms', 'idle MiB', 'processes'],
	rows.filter((row) => row.startup_us !== undefined).map((row) => [row.peer, row.rules,
		(row.startup_us / 1e3).toFixed(0), row.reload_us === null ? '-' : (row.reload_us / 1e3).toFixed(0),
		(row.idle_pss_kib / 1024).toFixed(1), row.processes]));
table(['peer', 'open at the portal', 'idle MiB', 'then MiB', 'KiB each'],
	rows.filter((row) => row.hold !== undefined).map((row) => [row.peer, row.open_at_portal,
		(row.idle_pss_kib / 1024).toFixed(1), (row.pss_kib / 1024).toFixed(1), row.kib_per_open]));
table(['peer', 'messages a second'], rows.filter((row) => row.per_second !== undefined).map((row) => [row.peer, row.per_second]));
for (const row of rows.filter((row) => row.left_out || row.error)) console.log(`${row.peer}: ${row.left_out ?? row.error}`);
for (const row of rows.filter((row) => row.disk)) console.log(`disk ${row.disk}: ${row.us_per_sync} us a sync`);
