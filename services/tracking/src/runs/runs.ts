import { Inject, Injectable } from '@nestjs/common';
import { invalidParameter, type Tag } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { sql, type Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import { Experiments } from '../experiments/experiments.js';
import type { RunRow, TrackingDatabase, TrackingTables } from '../tables.js';
import { activeRun, noSuchRun } from './active-run.js';
import { loadRuns, type Run } from './load-runs.js';
import { upsertTags } from './run-tags.js';
import type { CreateRun, UpdateRun } from './run-messages.js';

/** The run's name is a tag as well, and each follows the other. */
const NAME_TAG = 'mlflow.runName';

/** Runs in PostgreSQL. Each call is one transaction. */
@Injectable()
export class Runs {
  private readonly db: Kysely<TrackingTables>;

  constructor(
    @Inject(DATABASE) database: TrackingDatabase,
    @Inject(Experiments) private readonly experiments: Experiments,
  ) {
    this.db = database.db;
  }

  async create(request: CreateRun): Promise<Run> {
    const experiment = await this.experiments.active(request.experiment_id);
    const run_id = randomUUID().replaceAll('-', '');
    const run_name = nameOf(request, run_id);
    const row = {
      run_id,
      experiment_id: request.experiment_id,
      run_name,
      user_id: request.user_id,
      status: 'RUNNING',
      start_time: request.start_time ?? null,
      artifact_uri: `${experiment.artifact_location}/${run_id}/artifacts`,
    };
    await this.db.transaction().execute(async (trx) => {
      await trx.insertInto('runs').values(row).execute();
      await upsertTags(trx, run_id, withName(request.tags, run_name));
    });
    return this.get(run_id);
  }

  async get(runId: string): Promise<Run> {
    const [run] = await loadRuns(this.db, [runId]);
    if (run) return run;
    throw noSuchRun(runId);
  }

  async update(request: UpdateRun): Promise<RunRow> {
    return this.db.transaction().execute(async (trx) => {
      await activeRun(trx, request.run_id);
      if (request.run_name) await upsertTags(trx, request.run_id, [{ key: NAME_TAG, value: request.run_name }]);
      const { rows } = await sql<RunRow>`
        update runs set status = coalesce(${request.status ?? null}, status), end_time = coalesce(${request.end_time ?? null}::bigint, end_time),
                        run_name = coalesce(${request.run_name ?? null}, run_name)
        where run_id = ${request.run_id} returning *`.execute(trx);
      return rows[0]!;
    });
  }

  async setStage(runId: string, stage: 'active' | 'deleted'): Promise<void> {
    const result = await this.db
      .updateTable('runs')
      .set({ lifecycle_stage: stage })
      .where('run_id', '=', runId)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) throw noSuchRun(runId);
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
