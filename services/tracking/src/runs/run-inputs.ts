import { Inject, Injectable } from '@nestjs/common';
import { DATABASE } from '@headrace/persistence';
import { sql, type Kysely } from 'kysely';
import type { TrackingDatabase, TrackingTables } from '../tables.js';
import type { LogInputs } from './run-messages.js';
import { activeRun } from './active-run.js';

type Input = LogInputs['datasets'][number];

/** Which data a run read. A dataset is one by experiment, name and digest, whoever logs it. */
@Injectable()
export class RunInputs {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  /** Idempotent: the same dataset again for a run replaces that input's tags. */
  async log({ run_id, datasets }: LogInputs): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      const { experiment_id } = await activeRun(trx, run_id);
      for (const input of datasets.toSorted(byNameAndDigest)) {
        const datasetId = await upsertDataset(trx, experiment_id, input.dataset);
        await sql`insert into run_inputs (run_id, dataset_id, tags) values (${run_id}, ${datasetId}, ${JSON.stringify(input.tags)})
                  on conflict (run_id, dataset_id) do update set tags = excluded.tags`.execute(trx);
      }
    });
  }
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
