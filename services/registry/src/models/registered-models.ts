import { Inject, Injectable } from '@nestjs/common';
import { alreadyExists, doesNotExist, MlflowError, type Tag } from '@headrace/mlflow-protocol';
import { DATABASE, isUniqueViolation } from '@headrace/persistence';
import { sql } from 'kysely';
import { deploymentsUsing } from '../deployments/reconcile-deployments.js';
import { lockModel } from '../locks.js';
import type { ModelRow, RegistryDatabase, RegistryDb, VersionRow } from '../tables.js';
import { loadVersions, type ModelVersion } from './load-versions.js';
import type { Search } from './model-messages.js';
import { searchModelRows } from './model-search.js';

export interface RegisteredModel extends ModelRow {
  readonly tags: Tag[];
  readonly aliases: Array<{ alias: string; version: number }>;
  /** The highest, if there is one: stages are not used. */
  readonly latest: ModelVersion[];
}

/** Registered models in PostgreSQL. Each call is one transaction. */
@Injectable()
export class RegisteredModels {
  private readonly db: RegistryDb;

  constructor(@Inject(DATABASE) database: RegistryDatabase) {
    this.db = database.db;
  }

  async create(request: { name: string; description: string; tags: readonly Tag[] }): Promise<RegisteredModel> {
    const { name, description } = request;
    const now = Date.now();
    const row = { name, description, creation_timestamp: now, last_updated_timestamp: now };
    try {
      await this.db.transaction().execute(async (trx) => {
        await trx.insertInto('registered_models').values(row).execute();
        for (const tag of request.tags) await upsertTag(trx, name, tag);
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw alreadyExists(`Registered Model (name=${name}) already exists.`);
    }
    return this.get(name);
  }

  async get(name: string): Promise<RegisteredModel> {
    const rows = await this.db.selectFrom('registered_models').selectAll().where('name', '=', name).execute();
    const [model] = await this.load(rows);
    if (model) return model;
    throw noSuchModel(name);
  }

  async search(request: Search): Promise<{ models: RegisteredModel[]; nextPageToken: string | undefined }> {
    const { page, nextPageToken } = await searchModelRows(this.db, request);
    return { models: await this.load(page), nextPageToken };
  }

  async describe(name: string, description: string): Promise<RegisteredModel> {
    const change = { description, last_updated_timestamp: Date.now() };
    const result = await this.db
      .updateTable('registered_models')
      .set(change)
      .where('name', '=', name)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) throw noSuchModel(name);
    return this.get(name);
  }

  /** With all its versions and aliases. @throws MlflowError INVALID_STATE while a deployment runs one of them */
  async delete(name: string): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await lockModel(trx, name);
      const using = await deploymentsUsing(trx, name);
      if (using.length > 0) {
        throw new MlflowError(
          'INVALID_STATE',
          `Model '${name}' is in use by ${using.join(', ')}: delete or change the deployment first`,
        );
      }
      const result = await trx.deleteFrom('registered_models').where('name', '=', name).executeTakeFirst();
      if (result.numDeletedRows === 0n) throw noSuchModel(name);
    });
  }

  async setTag(name: string, tag: Tag): Promise<void> {
    await this.get(name);
    await upsertTag(this.db, name, tag);
  }

  async deleteTag(name: string, key: string): Promise<void> {
    await this.get(name);
    await this.db.deleteFrom('model_tags').where('name', '=', name).where('key', '=', key).execute();
  }

  private async load(rows: readonly ModelRow[]): Promise<RegisteredModel[]> {
    const names = rows.map((row) => row.name);
    const [tags, aliases, latest] = await Promise.all([
      sql<Tag & { name: string }>`select * from model_tags where name = any(${names}) order by key`.execute(this.db),
      sql<{ name: string; alias: string; version: number }>`
        select * from model_aliases where name = any(${names}) order by alias`.execute(this.db),
      sql<VersionRow>`select distinct on (name) * from model_versions where name = any(${names}) order by name, version desc`.execute(
        this.db,
      ),
    ]);
    const versions = await loadVersions(this.db, latest.rows);
    return rows.map((row) => ({
      ...row,
      tags: tags.rows.filter(({ name }) => name === row.name).map(({ key, value }) => ({ key, value })),
      aliases: aliases.rows.filter(({ name }) => name === row.name).map(({ alias, version }) => ({ alias, version })),
      latest: versions.filter(({ name }) => name === row.name),
    }));
  }
}

export function noSuchModel(name: string): MlflowError {
  return doesNotExist(`Registered Model with name=${name} not found`);
}

async function upsertTag(db: RegistryDb, name: string, tag: Tag): Promise<void> {
  await sql`insert into model_tags (name, key, value) values (${name}, ${tag.key}, ${tag.value})
            on conflict (name, key) do update set value = excluded.value`.execute(db);
}
