import { Inject, Injectable } from '@nestjs/common';
import { doesNotExist, invalidParameter, type Tag } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import { attributes } from '../changes/change-event.js';
import { ChangeLog } from '../changes/change-log.js';
import { Experiments } from '../experiments/experiments.js';
import { textArray } from '../runs/pg-arrays.js';
import type { LoggedModelRow, LoggedModelStatus, TrackingTables } from '../tables.js';
import { loadLoggedModels, type LoggedModel } from './load-logged-models.js';
import type { CreateLoggedModel } from './logged-model-messages.js';

/** Models as runs log them, before anybody registers one. Each call is one transaction, which locks the model's row before it writes. */
@Injectable()
export class LoggedModels {
  constructor(
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(Experiments) private readonly experiments: Experiments,
  ) {}

  async create(request: CreateLoggedModel): Promise<LoggedModel> {
    const experiment = await this.experiments.active(request.experiment_id);
    const model_id = `m-${randomUUID().replaceAll('-', '')}`;
    const now = Date.now();
    const row = {
      model_id,
      experiment_id: request.experiment_id,
      name: request.name ?? `model-${model_id.slice(2, 10)}`,
      artifact_location: `${experiment.artifact_location.replace(/\/+$/, '')}/models/${model_id}/artifacts`,
      creation_timestamp: now,
      last_updated_timestamp: now,
      status: 'PENDING' as const,
      model_type: request.model_type ?? null,
      source_run_id: request.source_run_id ?? null,
    };
    await this.changes.transaction(async (trx, tell) => {
      await trx.insertInto('logged_models').values(row).execute();
      await insertParams(trx, model_id, request.params);
      await upsertTags(trx, model_id, request.tags);
      const { params, tags } = request;
      await tell(subject(row, 'CREATED'), { attributes: attributes(row), params, tags });
    });
    return this.get(model_id);
  }

  /** @throws MlflowError RESOURCE_DOES_NOT_EXIST, for a deleted one too */
  async get(modelId: string): Promise<LoggedModel> {
    const [model] = await loadLoggedModels(this.changes.db, [modelId]);
    if (model?.info.lifecycle_stage === 'active') return model;
    throw noSuchModel(modelId);
  }

  async finalize(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    await this.changes.transaction(async (trx, tell) => {
      const model = await lock(trx, modelId);
      await touch(trx, modelId, { status });
      await tell(subject(model, 'UPDATED'), { attributes: attributes({ status }) });
    });
    return this.get(modelId);
  }

  async delete(modelId: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const model = await lock(trx, modelId);
      await touch(trx, modelId, { lifecycle_stage: 'deleted' });
      await tell(subject(model, 'DELETED'));
    });
  }

  async logParams(modelId: string, params: readonly Tag[]): Promise<LoggedModel> {
    await this.changes.transaction(async (trx, tell) => {
      const model = await lock(trx, modelId);
      await insertParams(trx, modelId, params);
      await tell(subject(model, 'LOGGED'), { params: [...params] });
    });
    return this.get(modelId);
  }

  async setTags(modelId: string, tags: readonly Tag[]): Promise<LoggedModel> {
    await this.changes.transaction(async (trx, tell) => {
      const model = await lock(trx, modelId);
      await upsertTags(trx, modelId, tags);
      await touch(trx, modelId, {});
      await tell(subject(model, 'UPDATED'), { tags: [...tags] });
    });
    return this.get(modelId);
  }

  async deleteTag(modelId: string, key: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const model = await lock(trx, modelId);
      const { rows } =
        await sql`delete from logged_model_tags where model_id = ${modelId} and key = ${key} returning 1`.execute(trx);
      if (rows.length === 0) throw doesNotExist(`No tag with key '${key}' found for model with ID '${modelId}'.`);
      await tell(subject(model, 'UPDATED'), { removedTags: [key] });
    });
  }
}

const noSuchModel = (modelId: string) => doesNotExist(`Logged model with ID '${modelId}' not found.`);

function subject(
  model: { model_id: string; experiment_id: number },
  change: 'CREATED' | 'UPDATED' | 'LOGGED' | 'DELETED',
) {
  return { kind: 'LOGGED_MODEL' as const, id: model.model_id, change, experimentId: model.experiment_id };
}

async function lock(trx: Kysely<TrackingTables>, modelId: string): Promise<LoggedModelRow> {
  const { rows } = await sql<LoggedModelRow>`
    select * from logged_models where model_id = ${modelId} and lifecycle_stage = 'active' for no key update`.execute(
    trx,
  );
  if (rows[0]) return rows[0];
  throw noSuchModel(modelId);
}

async function touch(
  trx: Kysely<TrackingTables>,
  modelId: string,
  change: { status?: LoggedModelStatus; lifecycle_stage?: 'deleted' },
): Promise<void> {
  const values = { ...change, last_updated_timestamp: Date.now() };
  await trx.updateTable('logged_models').set(values).where('model_id', '=', modelId).execute();
}

/** A param is written once; the same value again is no change. */
async function insertParams(trx: Kysely<TrackingTables>, modelId: string, params: readonly Tag[]): Promise<void> {
  if (params.length === 0) return;
  const given = new Map(params.map(({ key, value }) => [key, value]));
  await sql`insert into logged_model_params (model_id, key, value) select ${modelId}, * from ${entries(given)} on conflict do nothing`.execute(
    trx,
  );
  const { rows } = await sql<Tag>`
    select p.key, p.value from logged_model_params p join ${entries(given)} as n (key, value) using (key)
    where p.model_id = ${modelId} and p.value <> n.value order by key limit 1`.execute(trx);
  if (rows[0] === undefined) return;
  throw invalidParameter(
    `Changing param values is not allowed. Param with key='${rows[0].key}' was already logged with value='${rows[0].value}' for model ID='${modelId}'.`,
  );
}

async function upsertTags(trx: Kysely<TrackingTables>, modelId: string, tags: readonly Tag[]): Promise<void> {
  const given = new Map(tags.map(({ key, value }) => [key, value]));
  if (given.size === 0) return;
  await sql`insert into logged_model_tags (model_id, key, value) select ${modelId}, * from ${entries(given)}
            on conflict (model_id, key) do update set value = excluded.value`.execute(trx);
}

function entries(given: ReadonlyMap<string, string>) {
  return sql`unnest(${textArray([...given.keys()])}::text[], ${textArray([...given.values()])}::text[])`;
}
