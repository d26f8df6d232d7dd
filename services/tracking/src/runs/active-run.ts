import { doesNotExist, invalidParameter, type MlflowError } from '@headrace/mlflow-protocol';
import type { Kysely } from 'kysely';
import type { RunRow, TrackingTables } from '../tables.js';

/** @throws MlflowError when it does not exist or is deleted */
export async function activeRun(db: Kysely<TrackingTables>, runId: string): Promise<RunRow> {
  const run = await db.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst();
  if (run === undefined) throw noSuchRun(runId);
  if (run.lifecycle_stage === 'active') return run;
  throw invalidParameter(`The run ${runId} must be in the 'active' state. Current state is deleted.`);
}

export function noSuchRun(runId: string): MlflowError {
  return doesNotExist(`Run with id=${runId} not found`);
}
