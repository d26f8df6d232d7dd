import './bootstrap/check-node.mjs';
import { mkdirSync } from 'node:fs';
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { inRoot } from './bootstrap/paths.mjs';
import { pythonForTests } from './bootstrap/python.mjs';
import { main } from './bootstrap/run.mjs';
import { runJest } from './tests/jest.mjs';
import { report } from './tests/report.mjs';

// npm test [-- --long] [-- path filters]: unit tests, then end-to-end tests with a real Kafka and PostgreSQL.
await main(async () => {
  const { node, env } = bootstrap();
  const { long, filters } = readArguments(process.argv.slice(2));
  const python = pythonForTests();
  const testEnv = { ...env, ...(python && { HEADRACE_PYTHON: python }), ...(long && { HEADRACE_LONG: '1' }) };
  mkdirSync(inRoot('.headrace'), { recursive: true });
  const runs = [];
  for (const project of ['unit', 'e2e']) runs.push(await runJest(project, { node, env: testEnv, filters }));
  return report(runs, { ci: env.CI === 'true' });
});

function readArguments(args) {
  return { long: args.includes('--long'), filters: args.filter((argument) => argument !== '--long') };
}
