import { sql } from 'kysely';
import type { Trx } from '../database.js';
import { labelSources, type MonitoredDeployment } from '../deployments/monitored-deployment.js';

const DAY_MS = 86_400_000;
/** That labels are waited for beyond window and lateness where the monitor declares nothing. */
const TTL_MS = 30 * DAY_MS;

/**
 * Deletes a deployment's rows, and its labels and KPIs, whose time is over: their windows are closed and labels that come now change no figure. Labels that other deployments
 * wait for longer stay. Exactly once does not rest on them: what was read is known by the partitions' progress.
 */
export async function forgetRows(trx: Trx, deployment: MonitoredDeployment, closedUntil: number): Promise<void> {
  const { name, monitor } = deployment;
  const ttlMs = monitor.labelsTtlMs ?? monitor.windowMs + monitor.allowedLatenessMs + TTL_MS;
  const before = closedUntil - ttlMs;
  await sql`delete from predictions where deployment = ${name} and event_time < ${before}`.execute(trx);
  await sql`update monitors set forgotten_until = ${before} where deployment = ${name}`.execute(trx);
  for (const { id: source } of labelSources(deployment))
    await sql`delete from labels where source = ${source} and event_time < (
      select min(coalesce(forgotten_until, 0)) from monitors where ${source} = any(label_sources))`.execute(trx);
}
