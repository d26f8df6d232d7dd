import { existsSync, readFileSync, rmSync } from 'node:fs';
import { inRoot } from '../bootstrap/paths.mjs';
import { runInForeground, say } from '../bootstrap/run.mjs';

// End-to-end suites start processes of their own: side by side they would fight for two cores. --forceExit, because a forgotten
// handle in one suite shall not hang the whole run; jest says so when it happens.
const projectArguments = { unit: ['--maxWorkers=2'], e2e: ['--runInBand', '--forceExit'] };

/** Runs one jest project. `results` is jest's JSON; null when jest ended without any. */
export async function runJest(project, { node, env, filters }) {
  say(`${project} tests`);
  const outputFile = inRoot('.headrace', `jest-${project}.json`);
  rmSync(outputFile, { force: true });
  const flags = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
  ];
  const jest = [
    inRoot('node_modules', 'jest', 'bin', 'jest.js'),
    '--selectProjects',
    project,
    ...projectArguments[project],
  ];
  const output = ['--passWithNoTests', '--json', '--outputFile', outputFile];
  // `--` ends the list of projects, which would else swallow the filters.
  const code = await runInForeground(node, [...flags, ...jest, ...output, '--', ...filters], env);
  const results = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : null;
  return { project, code, results };
}
