import { topics, type ModelQuarantined, type ResolvedModel } from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';
import { barringOf, quarantined, quarantineKey } from '@headrace/model-runtime/quarantine';

/** Which versions must not run: everybody's view of the quarantines topic. */
export class Quarantines {
  private readonly listeners = new Set<() => void>();
  private table: Table<ModelQuarantined> | undefined;

  /** Knows nothing before start(). */
  constructor(private readonly eventLog: EventLog) {}

  static async follow(eventLog: EventLog): Promise<Quarantines> {
    const quarantines = new Quarantines(eventLog);
    await quarantines.start();
    return quarantines;
  }

  /** Resolves when everything that is quarantined by now is known here. */
  async start(): Promise<void> {
    const table = await this.eventLog.table(topics.quarantines);
    this.table = table;
    const tell = (): void => this.listeners.forEach((listener) => listener());
    table.onChange(tell);
    tell();
  }

  /** Why it must not run; undefined when it may. */
  barring(resolved: Pick<ResolvedModel, 'name' | 'version' | 'sha256'>): ModelQuarantined | undefined {
    return this.table && barringOf(this.table, resolved);
  }

  all(): ModelQuarantined[] {
    return [...(this.table?.entries() ?? [])].map(([, quarantine]) => quarantine);
  }

  get(model: string, version: number): ModelQuarantined | undefined {
    return this.table?.get(quarantineKey(model, version));
  }

  /** @returns what ends it */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Rejects with MODEL_QUARANTINED when that happens to the version before `work` settles, which it then need not do. */
  async unlessBarred<R>(resolved: ResolvedModel, work: Promise<R>): Promise<R> {
    let end: () => void = () => undefined;
    const barred = new Promise<never>((_, reject) => {
      const look = (): void => {
        const barring = this.barring(resolved);
        if (barring) reject(quarantined(resolved, barring));
      };
      end = this.onChange(look);
      look();
    });
    return Promise.race([work, barred]).finally(end);
  }

  /** Resolves when what was quarantined before the call is known here. */
  caughtUp(): Promise<void> {
    return this.table?.caughtUp() ?? Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.table?.stop();
  }
}
