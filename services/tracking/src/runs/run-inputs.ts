import { Inject, Injectable } from '@nestjs/common';
import { sql, type Kysely } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import type { TrackingTables } from '../tables.js';
import { lockActiveRun } from './active-run.js';
import type { RunModel } from './load-runs.js';
import { numberArray, textArray } from './pg-arrays.js';
import type { LogInputs, LogOutputs } from './run-messages.js';

type Input = LogInputs['datasets'][number];

/** What a run read (datasets, models) and made (models). A dataset is one by experiment, name and digest, whoever logs it. */
@Injectable()
export class RunInputs {
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  /** Idempotent: the same dataset again for a run replaces that input's tags. */
  async log({ run_id, datasets, models }: LogInputs): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const { experiment_id } = await lockActiveRun(trx, run_id);
      for (const input of datasets.toSorted(byNameAndDigest)) {
        const datasetId = await upsertDataset(trx, experiment_id, input.dataset);
        await sql`insert into run_inputs (run_id, dataset_id, tags) values (${run_id}, ${datasetId}, ${JSON.stringify(input.tags)})
                  on conflict (run_id, dataset_id) do update set tags = excluded.tags`.execute(trx);
      }
      await linkModels(trx, run_id, 'INPUT', models);
      const read = datasets.map(({ dataset: { name, digest }, tags }) => ({ name, digest, tags }));
      const inputModels = models.map((model) => model.model_id);
      await tell(
        { kind: 'RUN', id: run_id, change: 'LOGGED', experimentId: experiment_id },
        { datasets: read, inputModels },
      );
    });
  }

  async logOutputs({ run_id, models }: LogOutputs): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const { experiment_id } = await lockActiveRun(trx, run_id);
      await linkModels(trx, run_id, 'OUTPUT', models);
      const outputModels = models.map((model) => model.model_id);
      await tell({ kind: 'RUN', id: run_id, change: 'LOGGED', experimentId: experiment_id }, { outputModels });
    });
  }
}

async function linkModels(
  trx: Kysely<TrackingTables>,
  runId: string,
  role: RunModel['role'],
  models: ReadonlyArray<{ model_id: string; step?: number }>,
): Promise<void> {
  if (models.length === 0) return;
  await sql`insert into run_models (run_id, role, model_id, step)
            select ${runId}, ${role}, * from unnest(${textArray(models.map(({ model_id }) => model_id))}::text[],
                                                    ${numberArray(models.map(({ step = 0 }) => step))}::bigint[])
            on conflict do nothing`.execute(trx);
}

/** One order for all writers, so that none deadlocks another. */
function byNameAndDigest(a: Input, b: Input): number {
  const [left, right] = [a, b].map(({ dataset }) => `${dataset.name}\n${dataset.digest}`) as [string, string];
  return left < right ? -1 : Number(left > right);
}

async function upsertDataset(
  trx: Kysely<TrackingTables>,
  experimentId: number,
  dataset: Input['dataset'],
): Promise<number> {
  const { name, digest, source_type, source, schema, profile } = dataset;
  const { rows } = await sql<{ dataset_id: number }>`
    insert into datasets (experiment_id, name, digest, source_type, source, schema, profile)
    values (${experimentId}, ${name}, ${digest}, ${source_type}, ${source}, ${schema ?? null}, ${profile ?? null})
    on conflict (experiment_id, name, digest) do update set name = excluded.name returning dataset_id`.execute(trx);
  return rows[0]!.dataset_id;
}
