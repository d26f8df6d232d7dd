import { Inject, Injectable } from '@nestjs/common';
import { doesNotExist, invalidParameter, type Tag } from '@headrace/mlflow-protocol';
import { CompiledQuery, sql } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import { logModelMetrics } from '../logged-models/model-metrics.js';
import { activeRun, lockActiveRun, noSuchRun, notActive } from './active-run.js';
import { MODEL_HISTORY, withModel } from './model-history.js';
import { upsertTags } from './run-tags.js';
import { logStatement, type Logged, type RunBatch } from './log-statement.js';

const NOTHING: RunBatch = { metrics: [], params: [], tags: [] };

/** What a run logs while it goes. A batch and its event are there together, or nothing of it. */
@Injectable()
export class RunLog {
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  async log(runId: string, logged: Partial<RunBatch>): Promise<void> {
    const batch = { ...NOTHING, ...logged };
    refuseRepeated(batch.params.map((param) => param.key));
    if (isSimple(batch)) return this.logInOneStatement(runId, batch);
    await this.changes.transaction(async (trx) => {
      // Its own statement: what waited here for another writer must see what that one wrote.
      const run = await lockActiveRun(trx, runId);
      const { name: _, text, values } = logStatement(runId, batch);
      const { rows } = await trx.executeQuery<Logged>(CompiledQuery.raw(text, values));
      check(runId, rows[0], batch);
      await logModelMetrics(trx, runId, batch.metrics);
      const name = batch.tags.findLast((tag) => tag.key === 'mlflow.runName')?.value;
      if (name) await trx.updateTable('runs').set({ run_name: name }).where('run_no', '=', run.run_no).execute();
    });
  }

  /** Models that MLflow's clients before 3 log are a list in a tag. */
  async addModel(runId: string, model: object): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const run = await lockActiveRun(trx, runId);
      const { rows } =
        await sql<Tag>`select value from tags where run_id = ${runId} and key = ${MODEL_HISTORY}`.execute(trx);
      const tags = [{ key: MODEL_HISTORY, value: withModel(rows[0]?.value, model) }];
      await upsertTags(trx, run, tags);
      await tell({ kind: 'RUN', id: runId, change: 'LOGGED', experimentId: run.experiment_id }, { tags });
    });
  }

  async deleteTag(runId: string, key: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const { experiment_id } = await lockActiveRun(trx, runId);
      const { rows } = await sql`delete from tags where run_id = ${runId} and key = ${key} returning 1`.execute(trx);
      if (rows.length === 0) throw doesNotExist(`No tag with name: ${key} in run with id ${runId}`);
      await tell({ kind: 'RUN', id: runId, change: 'UPDATED', experimentId: experiment_id }, { removedTags: [key] });
    });
  }

  /** @throws MlflowError when it does not exist or is deleted */
  async active(runId: string): Promise<void> {
    await activeRun(this.changes.db, runId);
  }

  private async logInOneStatement(runId: string, batch: RunBatch): Promise<void> {
    const { name, text, values } = logStatement(runId, batch);
    const { rows } = await this.changes.statement<Logged & Record<string, unknown>>(name, text, values);
    check(runId, rows[0], batch);
  }
}

/** Params are compared with what is there, and a model's metrics and a run's name go to other tables. */
function isSimple({ params, metrics, tags }: RunBatch): boolean {
  return (
    params.length === 0 &&
    !tags.some((tag) => tag.key === 'mlflow.runName') &&
    !metrics.some((metric) => metric.model_id !== undefined)
  );
}

function refuseRepeated(keys: readonly string[]): void {
  const repeated = keys.filter((key, at) => keys.indexOf(key) < at);
  if (repeated.length > 0)
    throw invalidParameter(`Duplicate parameter keys have been submitted: ${repeated.join(', ')}`);
}

function check(runId: string, logged: Logged | undefined, { params }: RunBatch): void {
  if (logged === undefined) throw noSuchRun(runId);
  if (logged.lifecycle_stage !== 'active') throw notActive(runId);
  if (logged.clash_key === null) return;
  const value = params.find((param) => param.key === logged.clash_key)?.value;
  throw invalidParameter(
    `Changing param values is not allowed. Param with key='${logged.clash_key}' was already logged with value='${logged.clash_value}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
  );
}
