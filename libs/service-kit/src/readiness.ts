import { messageOf } from './errors.js';

export type ReadinessCheck = () => void | Promise<void>;

/** What must hold for the service to be given work. A check that throws says why it is not ready. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private fatal: Error | undefined;
  private readonly listeners: Array<(error: Error) => void> = [];

  register(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** The process cannot go on: not ready from now on, and it ends with a non-zero code. */
  fail(error: unknown): void {
    if (this.fatal) return;
    this.fatal = error instanceof Error ? error : new Error(String(error));
    for (const listener of this.listeners) listener(this.fatal);
  }

  onFail(listener: (error: Error) => void): void {
    this.listeners.push(listener);
  }

  /** Name → undefined when it holds, else why not. */
  async evaluate(): Promise<Record<string, string | undefined>> {
    const entries = [...this.checks].map(async ([name, check]) => {
      try {
        await check();
        return [name, undefined] as const;
      } catch (error) {
        return [name, messageOf(error)] as const;
      }
    });
    const result: Record<string, string | undefined> = Object.fromEntries(await Promise.all(entries));
    if (this.fatal) result['process'] = this.fatal.message;
    return result;
  }
}
