import { Inject, Injectable } from '@nestjs/common';
import { doesNotExist, invalidParameter, type Tag } from '@headrace/mlflow-protocol';
import { isUniqueViolation } from '@headrace/persistence';
import { sql, type Kysely } from 'kysely';
import { attributes } from '../changes/change-event.js';
import { ChangeLog, type Tell } from '../changes/change-log.js';
import type { ExperimentRow, TrackingTables } from '../tables.js';
import { checkedLocation } from './artifact-location.js';
import { experimentExists, experimentNotActive, noSuchExperiment } from './experiment-faults.js';
import type { CreateExperiment, SearchExperiments } from './experiment-messages.js';
import { searchExperiments } from './experiment-search.js';

export interface Experiment extends ExperimentRow {
  readonly tags: Tag[];
}

/** Experiments in PostgreSQL. Each call is one transaction, which locks the experiment's row before it writes. */
@Injectable()
export class Experiments {
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  /** @returns the new experiment's id */
  async create(request: CreateExperiment): Promise<number> {
    const now = Date.now();
    const location = checkedLocation(request.artifact_location);
    const row = { name: request.name, artifact_location: location ?? '', creation_time: now, last_update_time: now };
    return this.unlessNamed(request.name, async (trx, tell) => {
      const { experiment_id } = await trx
        .insertInto('experiments')
        .values(row)
        .returning('experiment_id')
        .executeTakeFirstOrThrow();
      const artifact_location = location ?? `mlflow-artifacts:/${experiment_id}`;
      if (location === undefined) await setLocation(trx, experiment_id, artifact_location);
      for (const tag of request.tags) await upsertTag(trx, experiment_id, tag);
      const known = attributes({ name: request.name, artifact_location, creation_time: now });
      await tell(subject(experiment_id, 'CREATED'), { attributes: known, tags: request.tags });
      return experiment_id;
    });
  }

  async get(id: number): Promise<Experiment> {
    const rows = await this.changes.db.selectFrom('experiments').selectAll().where('experiment_id', '=', id).execute();
    const [found] = await this.load(rows);
    if (found) return found;
    throw noSuchExperiment(id);
  }

  async getByName(name: string): Promise<Experiment> {
    const rows = await this.changes.db.selectFrom('experiments').selectAll().where('name', '=', name).execute();
    const [found] = await this.load(rows);
    if (found) return found;
    throw doesNotExist(`Could not find experiment with name '${name}'`);
  }

  async search(request: SearchExperiments): Promise<{ experiments: Experiment[]; nextPageToken: string | undefined }> {
    const { page, nextPageToken } = await searchExperiments(this.changes.db, request);
    return { experiments: await this.load(page), nextPageToken };
  }

  async rename(id: number, name: string): Promise<void> {
    await this.unlessNamed(name, async (trx, tell) => {
      await lockActive(trx, id);
      await update(trx, id, { name });
      await tell(subject(id, 'UPDATED'), { attributes: attributes({ name }) });
    });
  }

  /** Deleting marks the experiment's runs as well, and restoring brings them back, as MLflow does. */
  async setStage(id: number, stage: 'active' | 'deleted'): Promise<void> {
    if (id === 0 && stage === 'deleted') throw invalidParameter('Cannot delete the default experiment');
    await this.changes.transaction(async (trx, tell) => {
      const { lifecycle_stage } = await lock(trx, id);
      if (lifecycle_stage === stage) {
        const state = stage === 'active' ? 'deleted' : 'active';
        throw doesNotExist(`No Experiment with id=${id} exists in the '${state}' state.`);
      }
      await update(trx, id, { lifecycle_stage: stage });
      await trx.updateTable('runs').set({ lifecycle_stage: stage }).where('experiment_id', '=', id).execute();
      await tell(subject(id, stage === 'active' ? 'RESTORED' : 'DELETED'));
    });
  }

  async setTag(id: number, tag: Tag): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      await lockActive(trx, id);
      await upsertTag(trx, id, tag);
      await tell(subject(id, 'UPDATED'), { tags: [tag] });
    });
  }

  async deleteTag(id: number, key: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      await lockActive(trx, id);
      const { rows } =
        await sql`delete from experiment_tags where experiment_id = ${id} and key = ${key} returning 1`.execute(trx);
      if (rows.length === 0) throw doesNotExist(`No tag with name: ${key} in experiment with id ${id}`);
      await tell(subject(id, 'UPDATED'), { removedTags: [key] });
    });
  }

  /** @throws MlflowError when it does not exist or is deleted */
  async active(id: number): Promise<Experiment> {
    const experiment = await this.get(id);
    if (experiment.lifecycle_stage === 'active') return experiment;
    throw experimentNotActive(id);
  }

  private async unlessNamed<T>(
    name: string,
    work: (trx: Kysely<TrackingTables>, tell: Tell) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.changes.transaction(work);
    } catch (error) {
      throw isUniqueViolation(error) ? experimentExists(name) : error;
    }
  }

  private async load(rows: readonly ExperimentRow[]): Promise<Experiment[]> {
    const ids = rows.map((row) => row.experiment_id);
    if (ids.length === 0) return [];
    const tags = await this.changes.db
      .selectFrom('experiment_tags')
      .selectAll()
      .where('experiment_id', 'in', ids)
      .orderBy('key')
      .execute();
    const byId = Map.groupBy(tags, (tag) => tag.experiment_id);
    return rows.map((row) => ({
      ...row,
      tags: (byId.get(row.experiment_id) ?? []).map(({ key, value }) => ({ key, value })),
    }));
  }
}

function subject(id: number, change: 'CREATED' | 'UPDATED' | 'DELETED' | 'RESTORED') {
  return { kind: 'EXPERIMENT' as const, id: String(id), change, experimentId: id };
}

async function lock(trx: Kysely<TrackingTables>, id: number): Promise<ExperimentRow> {
  const { rows } =
    await sql<ExperimentRow>`select * from experiments where experiment_id = ${id} for no key update`.execute(trx);
  if (rows[0]) return rows[0];
  throw noSuchExperiment(id);
}

async function lockActive(trx: Kysely<TrackingTables>, id: number): Promise<void> {
  if ((await lock(trx, id)).lifecycle_stage !== 'active') throw experimentNotActive(id);
}

async function update(
  trx: Kysely<TrackingTables>,
  id: number,
  change: Partial<Pick<ExperimentRow, 'name' | 'lifecycle_stage'>>,
): Promise<void> {
  const values = { ...change, last_update_time: Date.now() };
  await trx.updateTable('experiments').set(values).where('experiment_id', '=', id).execute();
}

async function setLocation(trx: Kysely<TrackingTables>, id: number, artifact_location: string): Promise<void> {
  await trx.updateTable('experiments').set({ artifact_location }).where('experiment_id', '=', id).execute();
}

async function upsertTag(db: Kysely<TrackingTables>, id: number, tag: Tag): Promise<void> {
  await sql`insert into experiment_tags (experiment_id, key, value) values (${id}, ${tag.key}, ${tag.value})
            on conflict (experiment_id, key) do update set value = excluded.value`.execute(db);
}
