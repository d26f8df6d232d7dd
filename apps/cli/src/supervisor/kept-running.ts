import type { Child, Exit } from '@headrace/dev';
import { setTimeout as delay } from 'node:timers/promises';
import { decideRestart } from './decide-restart.js';

export interface KeptRunningOptions {
  readonly name: string;
  /** Starts the process; a rejection counts as an unexpected end. */
  readonly launch: () => Promise<Child>;
  readonly say: (line: string) => void;
  /** It ended too often; the message holds its last log lines. Called once. */
  readonly onGiveUp: (error: Error) => void;
}

/** A process that is started again when it ends unexpectedly, with bounded patience. */
export class KeptRunning {
  readonly #stopping = new AbortController();
  readonly #ends: number[] = [];
  #child: Child | null = null;
  #starting: Promise<unknown> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();

  constructor(private readonly options: KeptRunningOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** Resolves when it has been launched for the first time. */
  async start(): Promise<void> {
    const launched = this.options.launch();
    this.#starting = launched.catch(() => null);
    this.#child = await launched;
    this.#keeping = this.#keep();
  }

  logTail(): string {
    return this.#child?.logTail() ?? '';
  }

  /** Asks it to end, kills it after `graceMs`; nothing starts it again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#starting;
    await this.#child?.stop(graceMs);
    await this.#keeping;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#child) {
      const exit = await this.#child.exited;
      if (signal.aborted) return;
      this.#child = await this.#startAgain(`it ended (${describe(exit)})`, this.#child.logTail());
    }
  }

  /** Null when stopped meanwhile, or given up. */
  async #startAgain(reason: string, logTail: string): Promise<Child | null> {
    const { name, launch, say, onGiveUp } = this.options;
    const { signal } = this.#stopping;
    for (let why = reason; ;) {
      const now = performance.now();
      this.#ends.push(now);
      const decision = decideRestart(this.#ends, now);
      if (!decision.restart) {
        onGiveUp(new Error(`${name} does not stay up: ${why}. Its last log lines:\n${logTail}`));
        return null;
      }
      say(`${name}: ${why}; starting it again in ${decision.afterMs / 1000} s`);
      await delay(decision.afterMs, null, { signal }).catch(() => null);
      if (signal.aborted) return null;
      try {
        return await this.#unlessStopped(await launch());
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
      }
    }
  }

  /** stop() may have come while the process was being launched, when it knew none to end. */
  async #unlessStopped(child: Child): Promise<Child | null> {
    if (!this.#stopping.signal.aborted) return child;
    await child.stop();
    return null;
  }
}

function describe({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`;
}
