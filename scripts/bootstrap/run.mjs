import { spawn, spawnSync } from 'node:child_process';
import { root } from './paths.mjs';

/** Whether `command` can be started at all. */
export function exists(command, args = ['--version']) {
  return !spawnSync(command, args, { stdio: 'ignore' }).error;
}

/** One line per step, on stderr, so that stdout stays the program's. */
export function say(line) {
  console.error(`headrace: ${line}`);
}

/** A fault of the surroundings: shown as its message alone. */
export class BootstrapError extends Error {}

/** Runs to the end, showing its output only when it fails (or when `show`). */
export function runOrThrow(what, command, args, { env = process.env, show = false } = {}) {
  const stdio = show ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const result = spawnSync(command, args, { cwd: root, env, stdio, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (result.error) throw new BootstrapError(`${what}: cannot start ${command} (${result.error.message})`);
  if (result.status === 0) return result.stdout;
  throw new BootstrapError(
    `${what} failed (exit ${result.status ?? result.signal})\n${result.stdout ?? ''}${result.stderr ?? ''}`,
  );
}

/** Runs in this terminal until it ends by itself; Ctrl-C reaches it through the terminal, SIGTERM through us. */
export function runInForeground(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    const ignore = () => {};
    process.on('SIGTERM', forward).on('SIGHUP', forward).on('SIGINT', ignore);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGHUP', forward).off('SIGINT', ignore);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** Shows a BootstrapError as one message and any other error whole; exits 1 on both. */
export async function main(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    console.error(error instanceof BootstrapError ? `headrace: ${error.message}` : error);
    process.exitCode = 1;
  }
}
