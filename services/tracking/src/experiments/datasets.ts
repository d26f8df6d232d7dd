import { Inject, Injectable } from '@nestjs/common';
import { DATABASE } from '@headrace/persistence';
import { sql } from 'kysely';
import type { TrackingDatabase } from '../tables.js';

export interface DatasetSummary {
  readonly experiment_id: string;
  readonly name: string;
  readonly digest: string;
  readonly context: string | undefined;
}

const MOST = 1000;

/** Which datasets an experiment's runs have read, and as what (training, evaluation …). */
@Injectable()
export class Datasets {
  constructor(@Inject(DATABASE) private readonly database: TrackingDatabase) {}

  async ofExperiments(ids: readonly number[]): Promise<DatasetSummary[]> {
    const { rows } = await sql<Omit<DatasetSummary, 'context'> & { context: string | null }>`
      select distinct d.experiment_id::text, d.name, d.digest, t.value as context
      from datasets d join run_inputs i using (dataset_id)
        left join lateral jsonb_to_recordset(i.tags) as t(key text, value text) on t.key = 'mlflow.data.context'
      where d.experiment_id = any(${ids}::bigint[]) order by 1, 2, 3, 4 limit ${MOST}`.execute(this.database.db);
    return rows.map((row) => ({ ...row, context: row.context ?? undefined }));
  }
}
