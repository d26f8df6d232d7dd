import { topics, type RegistryChanged } from '@headrace/contracts';
import { DATABASE, Outbox } from '@headrace/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { Caller } from '@headrace/service-kit/identity';
import type { RegistryDatabase, RegistryTransaction } from '../tables.js';
import { inParts, type RowImage } from './parts.js';

export interface ChangeHead {
  /** model.created, alias.set, … */
  readonly action: string;
  readonly model: string | null;
  readonly by: Caller;
}

/**
 * The only way to change the registry: the work, its audit record and its event are one transaction. What changed is recorded by triggers, which refuse
 * a write outside of it. Work that changes nothing leaves no record and no event.
 */
@Injectable()
export class ChangeLog {
  private readonly outbox = new Outbox();

  constructor(@Inject(DATABASE) private readonly database: RegistryDatabase) {}

  run<T>(head: ChangeHead, work: (trx: RegistryTransaction) => Promise<T>): Promise<T> {
    return this.database.db.transaction().execute(async (trx) => {
      const changeId = randomUUID();
      await sql`select set_config('headrace.change', ${changeId}, true)`.execute(trx);
      const result = await work(trx);
      await this.record(trx, changeId, head);
      return result;
    });
  }

  private async record(trx: RegistryTransaction, changeId: string, { action, model, by }: ChangeHead): Promise<void> {
    const { rows } = await sql<RowImage>`
      select entity, before::text, after::text from change_rows where change_id = ${changeId} order by position`.execute(
      trx,
    );
    if (rows.length === 0) return;
    const at = Date.now();
    const { principal, address, reason } = by;
    const { sequence } = await trx
      .insertInto('changes')
      .values({ change_id: changeId, action, model, principal, address, reason, at })
      .returning('sequence')
      .executeTakeFirstOrThrow();
    const head = { changeId, sequence, action, model, principal, address, reason, changedAt: at };
    const events = inParts(rows).map((part, index, all): RegistryChanged => {
      return { ...head, part: index + 1, parts: all.length, rows: part };
    });
    await this.outbox.enqueue(
      trx,
      events.map((value) => ({ topic: topics.registryChanges, key: model ?? action, value, eventTime: at })),
    );
  }
}
