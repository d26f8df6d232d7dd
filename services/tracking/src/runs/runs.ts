import { Inject, Injectable } from '@nestjs/common';
import { invalidParameter, type Tag } from '@headrace/mlflow-protocol';
import { outboxRow } from '@headrace/persistence';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { attributes, changeEvent } from '../changes/change-event.js';
import { ChangeLog } from '../changes/change-log.js';
import { experimentNotActive, noSuchExperiment } from '../experiments/experiment-faults.js';
import type { ExperimentRow, RunRow } from '../tables.js';
import { lockActiveRun, lockRun, noSuchRun } from './active-run.js';
import { CREATE_RUN } from './create-statement.js';
import { loadRuns, type Run } from './load-runs.js';
import { textArray } from './pg-arrays.js';
import type { CreateRun, UpdateRun } from './run-messages.js';
import { lastOfEach, upsertTags } from './run-tags.js';

/** The run's name is a tag as well, and each follows the other. */
const NAME_TAG = 'mlflow.runName';

type Created = RunRow & { readonly stage: ExperimentRow['lifecycle_stage'] | null };

/** Runs in PostgreSQL. Each call is one transaction. */
@Injectable()
export class Runs {
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  async create(request: CreateRun): Promise<Run> {
    const { experiment_id, user_id, start_time = null } = request;
    const run_id = randomUUID().replaceAll('-', '');
    const run_name = nameOf(request, run_id);
    const tags = lastOfEach(withName(request.tags, run_name));
    const info = attributes({ run_name, user_id, status: 'RUNNING', start_time });
    const event = outboxRow(
      changeEvent(
        { kind: 'RUN', id: run_id, change: 'CREATED', experimentId: experiment_id },
        { attributes: info, tags },
      ),
    );
    const { rows } = await this.changes.statement<Created>('create-run', CREATE_RUN, [
      ...[experiment_id, run_id, run_name, user_id, start_time],
      ...[textArray(tags.map(({ key }) => key)), textArray(tags.map(({ value }) => value))],
      ...[event.topic, event.value, event.headers, event.id, event.eventTime],
    ]);
    const { stage, ...row } = rows[0]!;
    if (stage === null) throw noSuchExperiment(experiment_id);
    if (stage !== 'active') throw experimentNotActive(experiment_id);
    return { info: row, metrics: [], params: [], tags, inputs: [], models: [] };
  }

  async get(runId: string): Promise<Run> {
    const [run] = await loadRuns(this.changes.db, [runId]);
    if (run) return run;
    throw noSuchRun(runId);
  }

  /** The run's row alone. */
  async info(runId: string): Promise<RunRow> {
    const row = await this.changes.db.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst();
    if (row) return row;
    throw noSuchRun(runId);
  }

  async update(request: UpdateRun): Promise<RunRow> {
    const { run_id, status = null, end_time = null, run_name = null } = request;
    return this.changes.transaction(async (trx, tell) => {
      const run = await lockActiveRun(trx, run_id);
      const tags = run_name ? [{ key: NAME_TAG, value: run_name }] : [];
      await upsertTags(trx, run, tags);
      const { rows } = await sql<RunRow>`
        update runs set status = coalesce(${status}, status), end_time = coalesce(${end_time}::bigint, end_time), run_name = coalesce(${run_name}, run_name)
        where run_no = ${run.run_no} returning *`.execute(trx);
      await tell(
        { kind: 'RUN', id: run_id, change: 'UPDATED', experimentId: run.experiment_id },
        { attributes: attributes({ status, end_time, run_name }), tags },
      );
      return rows[0]!;
    });
  }

  async setStage(runId: string, stage: 'active' | 'deleted'): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const run = await lockRun(trx, runId);
      if (run === undefined) throw noSuchRun(runId);
      if (run.lifecycle_stage === stage) return;
      await trx.updateTable('runs').set({ lifecycle_stage: stage }).where('run_no', '=', run.run_no).execute();
      const change = stage === 'active' ? 'RESTORED' : 'DELETED';
      await tell({ kind: 'RUN', id: runId, change, experimentId: run.experiment_id });
    });
  }
}

function nameOf(request: CreateRun, runId: string): string {
  const tagged = request.tags.find((tag) => tag.key === NAME_TAG)?.value || undefined;
  if (request.run_name && tagged && request.run_name !== tagged) {
    throw invalidParameter(
      `Both 'run_name' argument and '${NAME_TAG}' tag are specified, but with different values (run_name='${request.run_name}', ${NAME_TAG}='${tagged}').`,
    );
  }
  return request.run_name ?? tagged ?? `run-${runId.slice(0, 8)}`;
}

function withName(tags: readonly Tag[], name: string): Tag[] {
  return [...tags.filter((tag) => tag.key !== NAME_TAG), { key: NAME_TAG, value: name }];
}
