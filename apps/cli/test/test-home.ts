import {
  freePort,
  nodeFlags,
  repositoryRoot,
  RunFolder,
  startChild,
  startReaper,
  waitFor,
  type Child,
  type RecordedProcess,
} from '@headrace/dev';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceNames, type ServiceName } from '../src/supervisor/services.js';
import { portSetting } from '../src/supervisor/settings.js';

const main = join(repositoryRoot, 'apps/cli/dist/supervisor/main.js');
const startMs = 180_000;

export interface Supervisor extends Child {
  /** All it has written to its terminal. */
  said(): string;
  /** Resolves when it says that the platform is ready; fails at once when it ends before. */
  ready(): Promise<void>;
}

/** A temporary HEADRACE_HOME on free ports with an embedded Kafka and PostgreSQL of its own, and what was started on it. */
export class TestHome {
  readonly #started: Child[] = [];
  readonly #runFolder: RunFolder;

  private constructor(
    readonly path: string,
    readonly env: NodeJS.ProcessEnv,
  ) {
    // Beside `run`, which is the supervisor's.
    this.#runFolder = new RunFolder(join(path, 'test-run'));
    startReaper(this.#runFolder.path);
  }

  static async create(): Promise<TestHome> {
    const path = mkdtempSync(join(tmpdir(), 'headrace-home-'));
    const { KAFKA_BROKERS: _1, DATABASE_URL: _2, SCHEMA_REGISTRY_URL: _3, GATEWAY_URL: _4, ...rest } = process.env;
    const settings = ['kafka', 'postgres', ...serviceNames] as const;
    const ports = await Promise.all(settings.map(async (name) => [portSetting(name), String(await freePort())]));
    return new TestHome(path, { ...rest, HEADRACE_HOME: path, ...(Object.fromEntries(ports) as NodeJS.ProcessEnv) });
  }

  url(service: ServiceName): string {
    return `http://127.0.0.1:${this.port(service)}`;
  }

  port(name: ServiceName | 'kafka' | 'postgres'): number {
    return Number(this.env[portSetting(name)]);
  }

  get brokers(): string {
    return `127.0.0.1:${this.port('kafka')}`;
  }

  /** What `npm start` runs once everything is built. */
  async up(...args: string[]): Promise<Supervisor> {
    const { child, said } = await this.start('supervisor', main, args);
    const ready = async () => {
      const saysReady = () => {
        if (said().includes('ready after')) return true;
        throw new Error(`it said: ${said()}`);
      };
      const ended = child.exited.then(() => Promise.reject(new Error(`the supervisor ended; it said: ${said()}`)));
      await Promise.race([waitFor(saysReady, { what: 'the platform to be ready', timeoutMs: startMs }), ended]);
    };
    return { ...child, said, ready };
  }

  /** A Node process in this home's environment (`env` wins over it), with its output in a file. */
  async start(name: string, entry: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const unique = `${name}-${this.#started.length}`;
    const log = join(this.path, 'test-logs', `${unique}.log`);
    const child = await startChild({
      name: unique,
      command: process.execPath,
      args: [...nodeFlags, entry, ...args],
      env: { ...this.env, ...env },
      log,
      runFolder: this.#runFolder,
    });
    this.#started.push(child);
    return { child, said: () => readFileSync(log, 'utf8') };
  }

  /** What supervisors have recorded and not yet forgotten. */
  children(): RecordedProcess[] {
    const runs = join(this.path, 'run');
    if (!existsSync(runs)) return [];
    const folders = readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return folders.flatMap(({ name }) => new RunFolder(join(runs, name)).leftovers());
  }

  /** Kills what still runs, waits until the reaper has ended its children, removes the folder. */
  async remove(): Promise<void> {
    await Promise.all(this.#started.map((child) => child.kill()));
    await waitFor(() => this.children().length === 0, { what: 'all children to be gone' });
    rmSync(this.path, { recursive: true, force: true });
  }
}
