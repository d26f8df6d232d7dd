import { spawn, type StdioOptions } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tailOf } from './log-tail.js';
import type { RunFolder } from './run-folder.js';

export interface ChildOptions {
  /** Names the pid file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Both outputs are appended here by the child itself, so that a busy parent never holds it up. 'inherit' shares the terminal. */
  readonly log: string | 'inherit';
  readonly runFolder: RunFolder;
  /** Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Null while it runs. */
  exit(): Exit | null;
  /** Asks it to end; kills it after `graceMs` (default 10,000). Resolves when it is gone. */
  stop(graceMs?: number): Promise<Exit>;
  /** kill -9. Resolves when it is gone. */
  kill(): Promise<Exit>;
  /** The last lines of its log; empty when it shares the terminal. */
  logTail(lines?: number): string;
}

/**
 * Starts a process and records its pid. Children with a log get a session of their own, so that Ctrl-C reaches the parent alone, which then
 * stops them in order.
 * @throws Error when the command cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, runFolder, log, stopSignal = 'SIGTERM' } = options;
  const child = spawnWithLog(options);
  let ended: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = { code, signal };
      runFolder.forget(name);
      resolve(ended);
    });
  });
  // At once: a parent killed from here on leaves a file to find the child by.
  if (child.pid !== undefined) runFolder.record(name, child.pid, stopSignal);
  await started(child, options.command);

  return {
    name,
    pid: child.pid!,
    exited,
    exit: () => ended,
    async stop(graceMs = 10_000) {
      child.kill(stopSignal);
      const abort = new AbortController();
      const tooLong = delay(graceMs, null, { signal: abort.signal }).catch(() => null);
      if ((await Promise.race([exited, tooLong])) === null) child.kill('SIGKILL');
      abort.abort();
      return exited;
    },
    kill() {
      child.kill('SIGKILL');
      return exited;
    },
    logTail: (lines = 20) => (log === 'inherit' ? '' : tailOf(log, lines)),
  };
}

function spawnWithLog({ command, args, env, cwd, uid, gid, log }: ChildOptions) {
  if (log === 'inherit') return spawn(command, args, { env, cwd, uid, gid, stdio: 'inherit' });
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'a');
  const stdio: StdioOptions = ['ignore', file, file];
  try {
    return spawn(command, args, { env, cwd, uid, gid, stdio, detached: true });
  } finally {
    closeSync(file);
  }
}

function started(child: ReturnType<typeof spawn>, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`cannot start ${command}: ${cause.message}`, { cause })));
  });
}
