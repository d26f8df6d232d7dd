import { topics, type RegistryChanged } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';
import { sql } from 'kysely';
import type { RegistryDatabase, RegistryTransaction } from '../tables.js';
import { RowReplay } from './row-replay.js';

/**
 * Makes the registry's state again from its topic: every recorded row, in order, in one transaction. Nothing is published, no webhook called: what a change
 * led to has happened. Webhook deliveries that were under way are no state, and are not made again.
 * @returns how many changes there were
 * @throws HeadraceError CONFLICT when the registry is not empty
 */
export async function rebuild(log: EventLog, database: RegistryDatabase): Promise<number> {
  const ranges = await log.offsets(topics.registryChanges);
  return database.db.transaction().execute(async (trx) => {
    await checkEmpty(trx);
    await sql`select set_config('headrace.change', 'replay', true)`.execute(trx);
    await sql`set constraints all deferred`.execute(trx);
    const replay = new RowReplay(trx);
    const seen = new Set<string>();
    for await (const { records } of log.read(topics.registryChanges, ranges))
      for (const { value } of records) if (value !== null && isNew(seen, value)) await apply(trx, replay, value);
    await sql`select setval(pg_get_serial_sequence('changes', 'sequence'), greatest(max(sequence), 1)) from changes`.execute(
      trx,
    );
    const { rows } = await sql<{ count: number }>`select count(*) from changes`.execute(trx);
    return rows[0]!.count;
  });
}

/** Events are delivered at least once. */
function isNew(seen: Set<string>, { changeId, part }: RegistryChanged): boolean {
  const size = seen.size;
  return seen.add(`${changeId}/${part}`).size > size;
}

async function checkEmpty(trx: RegistryTransaction): Promise<void> {
  const { rows } = await sql`
    select from changes union all select from registered_models union all select from deployments limit 1`.execute(trx);
  if (rows.length > 0)
    throw new HeadraceError(
      'CONFLICT',
      'The registry holds something: drop its PostgreSQL schema before it is rebuilt',
    );
}

async function apply(trx: RegistryTransaction, replay: RowReplay, change: RegistryChanged): Promise<void> {
  const { changeId: change_id, sequence, action, model, principal, address, reason, changedAt: at } = change;
  if (change.part === 1) {
    const row = { sequence, change_id, action, model: model ?? null, principal, at };
    await trx
      .insertInto('changes')
      .values({ ...row, address: address ?? null, reason: reason ?? null })
      .execute();
  }
  for (const { entity, before, after } of change.rows) {
    await sql`insert into change_rows (change_id, entity, before, after)
              values (${change_id}, ${entity}, ${before}::jsonb, ${after}::jsonb)`.execute(trx);
    await replay.apply({ entity, before: before ?? null, after: after ?? null });
  }
}
