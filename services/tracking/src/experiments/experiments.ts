import { Inject, Injectable } from '@nestjs/common';
import {
  alreadyExists,
  doesNotExist,
  invalidParameter,
  MlflowError,
  parseArtifactUri,
  type Tag,
} from '@headrace/mlflow-protocol';
import { DATABASE, isUniqueViolation } from '@headrace/persistence';
import { sql, type Kysely } from 'kysely';
import type { ExperimentRow, TrackingDatabase, TrackingTables } from '../tables.js';
import type { CreateExperiment, SearchExperiments } from './experiment-messages.js';
import { searchExperiments } from './experiment-search.js';

export interface Experiment extends ExperimentRow {
  readonly tags: Tag[];
}

/** Experiments in PostgreSQL. Each call is one transaction. */
@Injectable()
export class Experiments {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  /** @returns the new experiment's id */
  async create(request: CreateExperiment): Promise<number> {
    const now = Date.now();
    const location = checkedLocation(request.artifact_location);
    try {
      return await this.db.transaction().execute(async (trx) => {
        const row = {
          name: request.name,
          artifact_location: location ?? '',
          creation_time: now,
          last_update_time: now,
        };
        const { experiment_id } = await trx
          .insertInto('experiments')
          .values(row)
          .returning('experiment_id')
          .executeTakeFirstOrThrow();
        if (location === undefined) await setDefaultLocation(trx, experiment_id);
        for (const tag of request.tags) await upsertTag(trx, experiment_id, tag);
        return experiment_id;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw alreadyExists(`Experiment '${request.name}' already exists.`);
    }
  }

  async get(id: number): Promise<Experiment> {
    const [found] = await this.load(
      await this.db.selectFrom('experiments').selectAll().where('experiment_id', '=', id).execute(),
    );
    if (found) return found;
    throw doesNotExist(`No Experiment with id=${id} exists`);
  }

  async getByName(name: string): Promise<Experiment> {
    const rows = await this.db.selectFrom('experiments').selectAll().where('name', '=', name).execute();
    const [found] = await this.load(rows);
    if (found) return found;
    throw doesNotExist(`Could not find experiment with name '${name}'`);
  }

  async search(request: SearchExperiments): Promise<{ experiments: Experiment[]; nextPageToken: string | undefined }> {
    const { page, nextPageToken } = await searchExperiments(this.db, request);
    return { experiments: await this.load(page), nextPageToken };
  }

  async rename(id: number, name: string): Promise<void> {
    await this.active(id);
    try {
      await this.update(id, { name });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw alreadyExists(`Experiment '${name}' already exists.`);
    }
  }

  async setStage(id: number, stage: 'active' | 'deleted'): Promise<void> {
    if (id === 0) throw new MlflowError('INVALID_PARAMETER_VALUE', 'The default experiment cannot be deleted');
    await this.get(id);
    await this.update(id, { lifecycle_stage: stage });
  }

  async setTag(id: number, tag: Tag): Promise<void> {
    await this.active(id);
    await upsertTag(this.db, id, tag);
  }

  /** @throws MlflowError when it does not exist or is deleted */
  async active(id: number): Promise<Experiment> {
    const experiment = await this.get(id);
    if (experiment.lifecycle_stage === 'active') return experiment;
    throw invalidParameter(`The experiment ${id} must be in the 'active' state. Current state is deleted.`);
  }

  private async update(id: number, change: Partial<Pick<ExperimentRow, 'name' | 'lifecycle_stage'>>): Promise<void> {
    const values = { ...change, last_update_time: Date.now() };
    await this.db.updateTable('experiments').set(values).where('experiment_id', '=', id).execute();
  }

  private async load(rows: readonly ExperimentRow[]): Promise<Experiment[]> {
    const ids = rows.map((row) => row.experiment_id);
    if (ids.length === 0) return [];
    const tags = await this.db
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

/** @throws MlflowError for a place that this service's artifact proxy does not serve */
function checkedLocation(location: string | undefined): string | undefined {
  if (location === undefined) return undefined;
  const parsed = /^mlflow-artifacts:/.test(location) ? parseArtifactUri(location) : undefined;
  if (parsed?.kind === 'store') return `mlflow-artifacts:/${parsed.path}`;
  throw invalidParameter(`Invalid artifact_location '${location}': only mlflow-artifacts:/… is served here`);
}

async function setDefaultLocation(trx: Kysely<TrackingTables>, id: number): Promise<void> {
  await trx
    .updateTable('experiments')
    .set({ artifact_location: `mlflow-artifacts:/${id}` })
    .where('experiment_id', '=', id)
    .execute();
}

async function upsertTag(db: Kysely<TrackingTables>, id: number, tag: Tag): Promise<void> {
  await sql`insert into experiment_tags (experiment_id, key, value) values (${id}, ${tag.key}, ${tag.value})
            on conflict (experiment_id, key) do update set value = excluded.value`.execute(db);
}
