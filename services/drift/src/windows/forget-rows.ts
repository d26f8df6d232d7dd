import { sql } from 'kysely';
import type { Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';

const DAY_MS = 86_400_000;
/** That labels are waited for beyond window and lateness where the monitor declares nothing. */
const TTL_MS = 30 * DAY_MS;

/**
 * Deletes a deployment's rows, and its labels, whose time is over: their windows are closed and labels that come now change no figure. Labels that other deployments
 * wait for longer stay. Exactly once does not rest on them: what was read is known by the partitions' progress.
 */
export async function forgetRows(
  trx: Trx,
  { name, monitor, labels }: MonitoredDeployment,
  closedUntil: number,
): Promise<void> {
  const ttlMs = monitor.labelsTtlMs ?? monitor.windowMs + monitor.allowedLatenessMs + TTL_MS;
  const before = closedUntil - ttlMs;
  await sql`delete from predictions where deployment = ${name} and event_time < ${before}`.execute(trx);
  await sql`update monitors set forgotten_until = ${before} where deployment = ${name}`.execute(trx);
  if (!labels) return;
  await sql`delete from labels where source = ${labels.id} and event_time < (
    select min(coalesce(forgotten_until, 0)) from monitors where label_source = ${labels.id})`.execute(trx);
}
