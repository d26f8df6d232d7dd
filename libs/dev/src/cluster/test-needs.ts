import type { it as jestIt } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.js';

type It = typeof jestIt;

/** `python` is the one of .venv (scripts/python-requirements.txt); any other name is a command on PATH. */
export type Tool = 'kcat' | 'prometheus' | 'promtool' | 'python' | 'docker' | 'openssl' | 'java';

/**
 * `it` where the tools are there; else a skip whose title says what is missing (`… [needs kcat]`), which scripts/test.mjs counts, and which fails in CI.
 * `needing(it, 'kcat')('reads what kcat wrote', async () => …)`
 */
export function needing(it: It, ...tools: Tool[]) {
  const missing = tools.filter((tool) => !isPresent(tool));
  if (missing.length === 0)
    return (title: string, test: () => Promise<void>, timeoutMs?: number) => it(title, test, timeoutMs);
  return (title: string, test: () => Promise<void>, timeoutMs?: number) =>
    it.skip(`${title} [needs ${missing.join(', ')}]`, test, timeoutMs);
}

/** `it` under `npm run test:long`, a counted skip otherwise. */
export function longRunning(it: It) {
  return (title: string, test: () => Promise<void>, timeoutMs?: number) =>
    (process.env.HEADRACE_LONG ? it : it.skip)(`${title} [long]`, test, timeoutMs);
}

/** The Python that has what tests import. @throws Error when there is none: guard the test with needing(it, 'python') */
export function testPython(): string {
  const path = pythonPath();
  if (!existsSync(path)) throw new Error(`there is no ${path}; npm test makes it where python3 is installed`);
  return path;
}

function isPresent(tool: Tool): boolean {
  if (tool === 'python') return existsSync(pythonPath());
  return !spawnSync(tool, ['-h'], { stdio: 'ignore', timeout: 10_000 }).error;
}

const pythonPath = () => process.env.HEADRACE_PYTHON ?? join(repositoryRoot, '.venv', 'bin', 'python');
