// A peer's process: says `ready` when its runtime stands, begins when it reads a line, ends at SIGTERM.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { tailOf } from '../report/log-tail.mjs';

const GRACE_MS = 20_000;

export class PeerWorker {
  /**
   * @param {import('../cluster.mjs').BenchCluster} cluster
   * @param {{ name: string, command: string, args: string[], env?: NodeJS.ProcessEnv }} program
   * @param {Record<string, string>} work BENCH_* variables
   */
  static async start(cluster, { name, command, args, env = {} }, work) {
    const log = cluster.logFile(`peer-${name}`);
    mkdirSync(dirname(log), { recursive: true });
    const stdio = ['pipe', 'pipe', openSync(log, 'a')];
    const child = spawn(command, args, { env: { ...process.env, ...env, ...work }, stdio, detached: true });
    const worker = new PeerWorker(name, child, log);
    cluster.runFolder.record(`peer-${name}`, child.pid, 'SIGTERM');
    child.once('exit', () => cluster.runFolder.forget(`peer-${name}`));
    await worker.#ready();
    return worker;
  }

  constructor(name, child, log) {
    this.name = name;
    this.child = child;
    this.log = log;
    this.exited = once(child, 'exit');
  }

  async #ready() {
    const lines = createInterface({ input: this.child.stdout });
    const said = new Promise((resolve) => lines.on('line', (line) => line === 'ready' && resolve(true)));
    await Promise.race([said, this.exited]);
    this.alive();
  }

  get pids() {
    return [this.child.pid];
  }

  alive() {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null)
      throw new Error(`${this.name} ended with ${exitCode ?? signalCode}:\n${tailOf(this.log)}`);
  }

  begin() {
    this.child.stdin.write('go\n');
  }

  async stop() {
    this.child.kill('SIGTERM');
    const abort = new AbortController();
    const late = delay(GRACE_MS, 'late', { signal: abort.signal }).catch(() => null);
    if ((await Promise.race([this.exited, late])) === 'late') this.child.kill('SIGKILL');
    abort.abort();
    await this.exited;
  }
}
