'use strict';
const fs = require('fs');
const { Pool } = require('undici');
let rules = {};
const load = () => { rules = JSON.parse(fs.readFileSync(process.env.RULES)); };
load();
process.on('SIGHUP', load);
const pools = process.env.UPS.split(' ').map((p) => new Pool(`http://127.0.0.1:${p}`, { connections: 4096, pipelining: 1 }));
const app = require('fastify')({ logger: false });
app.post('/requests', async (req, reply) => {
  const pool = pools[rules[req.body.customer] || 0];
  const r = await pool.request({ path: '/requests', method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(req.body) });
  reply.code(r.statusCode).type('application/json');
  return r.body.text();
});
app.listen({ port: +process.env.PORT, host: '127.0.0.1', backlog: 4096 });
