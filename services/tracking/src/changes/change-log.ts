import { Inject, Injectable } from '@nestjs/common';
import { isDatabaseUnavailable, DATABASE, Outbox, OutboxRelay } from '@headrace/persistence';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import type { Kysely, Transaction } from 'kysely';
import type { QueryResult, QueryResultRow } from 'pg';
import type { TrackingDatabase, TrackingTables } from '../tables.js';
import { changeEvent } from './change-event.js';

export type Tell = (...event: Parameters<typeof changeEvent>) => Promise<void>;

/**
 * How every write happens: the rows and the event that tells of them are one transaction, so what was answered is on the topic, too, and the other way round.
 * The relay lives in this process and is nudged after the commit: NOTIFY would have all commits of the database wait for each other.
 */
@Injectable()
export class ChangeLog {
  private readonly outbox = new Outbox({ notify: false });

  constructor(
    @Inject(DATABASE) private readonly database: TrackingDatabase,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  get db(): Kysely<TrackingTables> {
    return this.database.db;
  }

  /** Several statements; `tell` adds the event of what they did. */
  async transaction<T>(work: (trx: Transaction<TrackingTables>, tell: Tell) => Promise<T>): Promise<T> {
    const result = await this.db
      .transaction()
      .execute((trx) => work(trx, (...event) => this.outbox.enqueue(trx, [changeEvent(...event)])));
    this.relay.nudge();
    return result;
  }

  /** One statement that writes its own outbox row: one round trip, planned once a connection. */
  async statement<R extends QueryResultRow>(name: string, text: string, values: unknown[]): Promise<QueryResult<R>> {
    try {
      const result = await this.database.pool.query<R>({ name, text, values });
      this.relay.nudge();
      return result;
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      throw new HeadraceError('UNAVAILABLE', `PostgreSQL does not answer: ${messageOf(error)}`, { cause: error });
    }
  }
}
