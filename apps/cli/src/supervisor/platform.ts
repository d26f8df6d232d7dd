import {
  isServiceReady,
  spawnService,
  startReaper,
  waitFor,
  type Child,
  type RunFolder,
  type Service,
} from '@headrace/dev';
import { messageOf } from '@headrace/service-kit';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addressesOf, backingServers } from './backing-servers.js';
import { KeptRunning, type KeptRunningOptions } from './kept-running.js';
import { endEarlierRuns, newRunFolder } from './leftovers.js';
import { checkPorts, neededPorts } from './needed-ports.js';
import { provisionTopics } from './provision-topics.js';
import { serviceEnv } from './service-env.js';
import { builtServices, type ServiceName } from './services.js';
import type { Settings } from './settings.js';

export interface PlatformOptions {
  readonly settings: Settings;
  readonly say: (line: string) => void;
  /** Aborted: start() rejects at the next step. */
  readonly signal: AbortSignal;
}

/** Longer than a service's own limit for finishing what it has in hand (20 s), so that SIGKILL meets only what hangs. */
const serviceGraceMs = 25_000;
const serverGraceMs = 15_000;
// Eight services start in 13 s on two idle cores; ten times that on busy ones.
const readyTimeoutMs = 120_000;

/** Kafka, PostgreSQL and the services of one folder, as child processes. */
export class Platform {
  readonly services = builtServices();
  /** For whatever else runs beside the services. */
  readonly env: NodeJS.ProcessEnv;
  /** Rejects when a process does not stay up; then stop() is due. */
  readonly failed: Promise<never>;
  #giveUp!: (error: Error) => void;
  #runFolder: RunFolder | null = null;
  #beside: Promise<Child | null> = Promise.resolve(null);
  readonly #servers: KeptRunning[] = [];
  readonly #running: KeptRunning[] = [];

  constructor(private readonly options: PlatformOptions) {
    const { settings } = options;
    this.env = serviceEnv(settings, addressesOf(settings), process.env);
    this.failed = new Promise((_, reject) => (this.#giveUp = reject));
    this.failed.catch(() => {});
  }

  get runFolder(): RunFolder {
    return (this.#runFolder ??= newRunFolder(this.#runs));
  }

  /**
   * 1. ends what earlier runs left  2. checks the ports  3. Kafka and PostgreSQL  4. topics  5. the gateway, because the others register their
   * schemas with it  6. the other services, side by side. Resolves when all are ready; on a rejection call stop().
   */
  async start(): Promise<void> {
    const { settings, say, signal } = this.options;
    for (const { name, pid } of await endEarlierRuns(this.#runs)) say(`ended ${name} (pid ${pid}) of an earlier run`);
    await checkPorts(neededPorts(settings, this.services));
    startReaper(this.runFolder.path);
    say(`starting ${this.#startServers()}`);
    await this.#step(Promise.all(this.#servers.map((server) => server.start())));
    await this.#step(provisionTopics(this.env));
    const [gateway, ...others] = this.services;
    if (!gateway) return;
    say(`starting ${this.services.join(', ')}`);
    await this.#step(this.#startService(gateway));
    await this.#step(Promise.all(others.map((name) => this.#startService(name))));
    signal.throwIfAborted();
  }

  /** Lets another process run with the platform: stop() ends it first. Resolves with its exit code. */
  async runBeside(starting: Promise<Child>): Promise<number> {
    this.#beside = starting.catch(() => null);
    const { code } = await (await starting).exited;
    return code ?? 1;
  }

  /** What runs beside first, then the services, side by side, then Kafka and PostgreSQL. Safe to call at any time after the constructor. */
  async stop(): Promise<void> {
    await (await this.#beside)?.stop();
    await Promise.all(this.#running.map((service) => service.stop(serviceGraceMs)));
    await Promise.all(this.#servers.map((server) => server.stop(serverGraceMs)));
    if (this.#runFolder?.leftovers().length === 0) rmSync(this.#runFolder.path, { recursive: true, force: true });
  }

  get #runs(): string {
    return join(this.options.settings.home, 'run');
  }

  /** Waits for the step, or for the platform's end. */
  async #step(work: Promise<unknown>): Promise<void> {
    const { signal } = this.options;
    await Promise.race([work, this.failed, aborted(signal)]);
    signal.throwIfAborted();
  }

  #startServers(): string {
    const servers = backingServers(this.options.settings, this.runFolder);
    for (const { name, launch } of servers) {
      this.#servers.push(this.#kept(name, async () => (await launch()).process));
    }
    return servers.map(({ name }) => name).join(', ') || 'on the given Kafka and PostgreSQL';
  }

  async #startService(name: ServiceName): Promise<void> {
    const service = this.#kept(name, () => this.#spawn(name));
    this.#running.push(service);
    await service.start();
    const url = `http://127.0.0.1:${this.options.settings.servicePorts[name]}`;
    const { signal } = this.options;
    try {
      // It may be started again meanwhile: readiness counts, not which process it was.
      const what = `${name} to be ready at ${url}`;
      await waitFor(() => isServiceReady(url), { what, timeoutMs: readyTimeoutMs, pollMs: 100, signal });
    } catch (cause) {
      throw new Error(`${messageOf(cause)}\n${service.logTail()}`, { cause });
    }
  }

  #spawn(name: ServiceName): Promise<Service> {
    const { home, servicePorts } = this.options.settings;
    const logFile = join(home, 'logs', `${name}.log`);
    return spawnService(name, { port: servicePorts[name], env: this.env, logFile, runFolder: this.runFolder });
  }

  #kept(name: string, launch: KeptRunningOptions['launch']): KeptRunning {
    return new KeptRunning({ name, launch, say: this.options.say, onGiveUp: (error) => this.#giveUp(error) });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
