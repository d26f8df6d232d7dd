// Asks every dashboard query of a running platform through a real Prometheus; lists what is invalid or empty, exits 1 when anything is.
//   node deploy/grafana/check.mjs [--timeout SECONDS] [service=http://host:port …]      default: the services on their default ports
import { parseArgs } from 'node:util';
import './run-typescript.mjs';

const { checkDashboards } = await import('./src/check-dashboards.ts');
const ports = {
  gateway: 8080,
  tracking: 8101,
  registry: 8102,
  serving: 8103,
  streaming: 8104,
  drift: 8105,
  training: 8106,
  alerting: 8107,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { timeout: { type: 'string', default: '60' } },
});
const given = positionals.map((text) => text.split(/=(.*)/s, 2));
const targets = (
  given.length > 0 ? given : Object.entries(ports).map(([service, port]) => [service, `http://127.0.0.1:${port}`])
).map(([service, url]) => ({ service, url }));

const { queries, faults, down } = await checkDashboards({ targets, timeoutMs: Number(values.timeout) * 1000 });
for (const { fault, dashboard, panel, message } of faults)
  console.log(`${fault}  ${dashboard} › ${panel}\n    ${message}`);
for (const service of down) console.log(`down   ${service}`);
console.log(`${queries - faults.length} of ${queries} queries returned data`);
process.exit(faults.length + down.length > 0 ? 1 : 0);
