import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { exists, runOrThrow, say } from './run.mjs';

const venv = inRoot('.venv');
const requirements = inRoot('scripts', 'python-requirements.txt');

/** The Python of `.venv`, with what tests import; null, with the reason said, where it cannot be made. Tests that need it are then skipped, visibly. */
export function pythonForTests() {
  const python = inRoot('.venv', 'bin', 'python');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const stamp = inRoot('.venv', '.requirements-hash');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return python;
  if (!exists('python3')) return unavailable('there is no python3');
  try {
    say('making .venv for tests with Python clients');
    rmSync(venv, { recursive: true, force: true });
    runOrThrow('python3 -m venv', 'python3', ['-m', 'venv', venv]);
    runOrThrow('pip install', python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ]);
    writeFileSync(stamp, hash);
    return python;
  } catch (error) {
    return unavailable(error.message);
  }
}

function unavailable(reason) {
  say(`no Python for tests: ${reason}`);
  return null;
}
