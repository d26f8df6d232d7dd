// One `npm start` as a child process, stopped as Ctrl-C does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const root = new URL('../..', import.meta.url);

export class PlatformRun {
  /**
   * @param {{ arguments: string[], env: NodeJS.ProcessEnv, logFile: string }} options
   */
  constructor(options) {
    this.startedAt = performance.now();
    this.child = spawn('npm', ['start', '--silent', '--', ...options.arguments], {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that an interrupt reaches what a terminal's would, and not this script.
      detached: true,
    });
    const log = createWriteStream(options.logFile);
    this.child.stdout.pipe(log, { end: false });
    this.child.stderr.pipe(log, { end: false });
    this.logFile = options.logFile;
    this.exited = once(this.child, 'exit');
  }

  get pid() {
    return this.child.pid;
  }

  /** Seconds since the command was given. */
  get seconds() {
    return (performance.now() - this.startedAt) / 1000;
  }

  /**
   * Resolves with the seconds it took; rejects when the platform ends before, or at the time limit.
   * @param {() => Promise<boolean>} condition
   * @param {number} limitSeconds
   */
  async until(condition, limitSeconds) {
    while (this.seconds < limitSeconds) {
      if (this.child.exitCode !== null)
        throw new Error(`npm start ended with ${this.child.exitCode}: see ${this.logFile}`);
      if (await condition()) return this.seconds;
      await sleep(50);
    }
    throw new Error(`not within ${limitSeconds} s: see ${this.logFile}`);
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    process.kill(-this.child.pid, 'SIGINT');
    await this.exited;
  }
}
