import { doesNotExist, invalidParameter, type MlflowError } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import type { RunRow, TrackingTables } from '../tables.js';

/** @throws MlflowError when it does not exist or is deleted */
export async function activeRun(db: Kysely<TrackingTables>, runId: string): Promise<RunRow> {
  const run = await db.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst();
  return checkActive(runId, run);
}

/** Whatever writes a run takes its row first: writers wait for each other here, and nowhere else. @throws MlflowError as activeRun */
export async function lockActiveRun(trx: Kysely<TrackingTables>, runId: string): Promise<RunRow> {
  return checkActive(runId, await lockRun(trx, runId));
}

export async function lockRun(trx: Kysely<TrackingTables>, runId: string): Promise<RunRow | undefined> {
  const { rows } = await sql<RunRow>`select * from runs where run_id = ${runId} for no key update`.execute(trx);
  return rows[0];
}

function checkActive(runId: string, run: RunRow | undefined): RunRow {
  if (run === undefined) throw noSuchRun(runId);
  if (run.lifecycle_stage === 'active') return run;
  throw notActive(runId);
}

export function notActive(runId: string): MlflowError {
  return invalidParameter(`The run ${runId} must be in the 'active' state. Current state is deleted.`);
}

export function noSuchRun(runId: string): MlflowError {
  return doesNotExist(`Run with id=${runId} not found`);
}
