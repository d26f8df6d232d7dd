import { topics, type Topic } from '@headrace/contracts';
import { EventLog, type OutgoingEvent, type Table } from '@headrace/event-log';
import { HeadraceError, messageOf, type Logger } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import { registryErrors } from './registry-error.js';
import { RegistryState } from './registry-state.js';
import { decodeRecord, encodeRecord, keyOf, type RegistryRecord, type Unsigned } from './schema-records.js';

/** What a command leads to: records to write (one append: all or none), keys to remove, and its answer once they are applied. */
export interface Decision<A> {
  readonly write?: ReadonlyArray<Unsigned<RegistryRecord>>;
  readonly remove?: ReadonlyArray<Unsigned<RegistryRecord>>;
  readonly answer: A;
}

/**
 * The registry's state in headrace.schemas, with one writer.
 *
 * A write is decided on applied state, one at a time, and answered only when all in-sync replicas have it and it has come back
 * through the log. So a killed process loses nothing that it answered, and what it did not answer is repeated safely.
 *
 * The writer is the process whose WRITER record is the last one in the log. A process that comes later takes over; the earlier
 * one sees that when it reads its own write back, answers that write with an error, and writes no more. What it still appended
 * behind the take-over was never acknowledged: everyone ignores it, and the new writer undoes it, so that a reload agrees.
 */
export class SchemaLog {
  readonly state = new RegistryState();
  private readonly me = randomUUID();
  private table!: Table<Uint8Array>;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly log: EventLog,
    private readonly logger: Logger,
    private readonly topic: Topic<Uint8Array> = topics.schemas,
  ) {}

  /** Loads the log and becomes its writer. */
  async open(): Promise<void> {
    await this.log.provision([this.topic]);
    this.table = await this.log.table(this.topic);
    this.table.onChange((key, value) => this.follow(key, value));
    for (const [key, value] of this.table.entries()) this.apply(key, value);
    await this.append([this.event({ kind: 'WRITER' })]);
    this.logger.info({ subjects: this.state.subjects().length, highestId: this.state.highestId }, 'schema log loaded');
  }

  async close(): Promise<void> {
    await this.queue.catch(() => undefined);
    await this.table?.stop();
  }

  isWriter(): boolean {
    return this.state.writer === this.me;
  }

  /**
   * @throws what `decide` throws; RegistryError 50001 when the log does not acknowledge; 50003 when another process is the writer
   */
  write<A>(decide: (state: RegistryState) => Decision<A>): Promise<A> {
    return this.inTurn(async () => {
      if (!this.isWriter()) throw registryErrors.fenced();
      const { write = [], remove = [], answer } = decide(this.state);
      if (write.length + remove.length === 0) return answer;
      await this.append([
        ...write.map((record) => this.event(record)),
        ...remove.map((record) => this.tombstone(keyOf(record))),
      ]);
      if (!this.isWriter()) throw registryErrors.fenced();
      return answer;
    });
  }

  private inTurn<A>(work: () => Promise<A>): Promise<A> {
    const turn = this.queue.then(work, work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async append(events: OutgoingEvent<Uint8Array>[]): Promise<void> {
    try {
      await this.log.publish(events);
      await this.table.caughtUp();
    } catch (error) {
      throw error instanceof HeadraceError && error.code === 'FENCED'
        ? registryErrors.fenced()
        : registryErrors.storeFailed(error);
    }
  }

  private event(record: Unsigned<RegistryRecord>): OutgoingEvent<Uint8Array> {
    const signed = { ...record, writer: this.me } as RegistryRecord;
    return { topic: this.topic, key: keyOf(record), value: encodeRecord(signed) };
  }

  private tombstone(key: string): OutgoingEvent<Uint8Array> {
    return { topic: this.topic, key, value: null };
  }

  private follow(key: string, value: Uint8Array | null): void {
    if (value !== null && this.isForeign(value)) {
      if (this.isWriter()) this.undo(key);
      return;
    }
    this.apply(key, value);
  }

  private isForeign(value: Uint8Array): boolean {
    const record = this.decode(value);
    return (
      record !== undefined &&
      record.kind !== 'WRITER' &&
      this.state.writer !== undefined &&
      record.writer !== this.state.writer
    );
  }

  private undo(key: string): void {
    this.logger.warn({ key }, 'a gateway that is no longer the writer has written; undoing its record');
    const before = this.state.get(key);
    const event = before ? this.event(before) : this.tombstone(key);
    this.inTurn(() => this.append([event])).catch((error: unknown) =>
      this.logger.error({ err: error, key }, 'could not undo a foreign record'),
    );
  }

  private apply(key: string, value: Uint8Array | null): void {
    const record = value === null ? null : this.decode(value);
    if (record !== undefined) this.state.apply(key, record);
  }

  private decode(value: Uint8Array): RegistryRecord | undefined {
    try {
      return decodeRecord(value);
    } catch (error) {
      this.logger.error(
        { reason: messageOf(error) },
        'the schema log holds a record that is not a registry record; ignored',
      );
      return undefined;
    }
  }
}
