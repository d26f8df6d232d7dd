import type { AlertChanged } from '@headrace/contracts';
import type { Selectable } from 'kysely';
import type { AlertingTables, Trx } from '../database.js';
import type { Alert } from './alert.js';

export function alertOf(row: Selectable<AlertingTables['alerts']>): Alert {
  const { starts_at, changed_at, last_active_at, ...rest } = row;
  return { ...rest, startsAt: starts_at, changedAt: changed_at, lastActiveAt: last_active_at };
}

export async function saveAlert(trx: Trx, alert: Alert): Promise<void> {
  const { startsAt, changedAt, lastActiveAt, labels, ...rest } = alert;
  const row = {
    ...rest,
    labels: JSON.stringify(labels) as never,
    starts_at: startsAt,
    changed_at: changedAt,
    last_active_at: lastActiveAt,
  };
  await trx
    .insertInto('alerts')
    .values(row)
    .onConflict((conflict) => conflict.column('fingerprint').doUpdateSet(row))
    .execute();
}

/** The alert as others see it. */
export function alertChanged({ lastActiveAt: _, occurrences: __, labels, ...alert }: Alert): AlertChanged {
  return { ...alert, labels: { ...labels } };
}
