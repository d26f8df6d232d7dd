import { Inject, Injectable } from '@nestjs/common';
import { alreadyExists, doesNotExist, MlflowError, type Tag } from '@headrace/mlflow-protocol';
import { DATABASE, isUniqueViolation } from '@headrace/persistence';
import { sql } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import { deploymentsUsing } from '../deployments/reconcile-deployments.js';
import type { Caller } from '@headrace/service-kit/identity';
import { lockModel } from '../locks.js';
import { PolicyGate } from '../policies/policy-gate.js';
import type { ModelRow, RegistryDatabase, RegistryDb, RegistryTransaction, VersionRow } from '../tables.js';
import { Notifications } from '../webhooks/notifications.js';
import { tagsOf } from '../webhooks/webhook-events.js';
import { loadVersions, type ModelVersion } from './load-versions.js';
import type { Search } from './model-messages.js';
import { searchModelRows } from './model-search.js';

export interface RegisteredModel extends ModelRow {
  readonly tags: Tag[];
  readonly aliases: Array<{ alias: string; version: number }>;
  /** The newest version of each stage. */
  readonly latest: ModelVersion[];
}

/** Registered models in PostgreSQL. Each change is one transaction. */
@Injectable()
export class RegisteredModels {
  private readonly db: RegistryDb;

  constructor(
    @Inject(DATABASE) database: RegistryDatabase,
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(PolicyGate) private readonly gate: PolicyGate,
    @Inject(Notifications) private readonly notifications: Notifications,
  ) {
    this.db = database.db;
  }

  async create(
    by: Caller,
    { name, description, tags }: { name: string; description: string; tags: readonly Tag[] },
  ): Promise<RegisteredModel> {
    const now = Date.now();
    const row = { name, description, creation_timestamp: now, last_updated_timestamp: now };
    await taken(name, () =>
      this.changes.run({ action: 'model.created', model: name, by }, async (trx) => {
        await lockModel(trx, name);
        await trx.insertInto('registered_models').values(row).execute();
        for (const tag of tags) await upsertTag(trx, name, tag);
        await this.notifications.tell(trx, 'model.created', name, (isPrompt) => ({
          name,
          tags: tagsOf(tags, isPrompt),
          description,
        }));
      }),
    );
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

  async describe(by: Caller, name: string, description: string): Promise<RegisteredModel> {
    await this.changes.run({ action: 'model.described', model: name, by }, async (trx) => {
      await lockExisting(trx, name);
      const change = { description, last_updated_timestamp: Date.now() };
      await trx.updateTable('registered_models').set(change).where('name', '=', name).execute();
    });
    return this.get(name);
  }

  /** Versions, tags and aliases go with it. @throws MlflowError INVALID_STATE while a deployment runs one of them */
  async rename(by: Caller, name: string, newName: string): Promise<RegisteredModel> {
    await taken(newName, () =>
      this.changes.run({ action: 'model.renamed', model: name, by }, async (trx) => {
        // In one order, whoever renames what.
        for (const each of [name, newName].sort()) await lockModel(trx, each);
        await exists(trx, name);
        for (const each of [name, newName]) await this.gate.mayOwn(trx, each, by.principal);
        await unused(trx, name);
        const now = Date.now();
        await sql`update registered_models set name = ${newName}, last_updated_timestamp = ${now}
                  where name = ${name}`.execute(trx);
        await sql`update model_versions set last_updated_timestamp = ${now} where name = ${newName}`.execute(trx);
        // Its rules and its evidence go with a model, not with its name.
        await sql`delete from policies where model = ${newName}`.execute(trx);
        for (const table of ['policies', 'promotion_requests', 'gate_verdicts'])
          await sql`update ${sql.table(table)} set model = ${newName} where model = ${name}`.execute(trx);
      }),
    );
    return this.get(newName);
  }

  /** With all its versions and aliases. @throws MlflowError INVALID_STATE while a deployment runs one of them */
  async delete(by: Caller, name: string): Promise<void> {
    await this.changes.run({ action: 'model.deleted', model: name, by }, async (trx) => {
      await lockExisting(trx, name);
      await this.gate.mayOwn(trx, name, by.principal);
      await unused(trx, name);
      // A model made later under this name has other versions.
      await sql`update promotion_requests set status = 'WITHDRAWN', closed_at = ${Date.now()}, closed_by = ${by.principal},
                  closing_reason = 'the model was deleted'
                where model = ${name} and status = 'OPEN'`.execute(trx);
      await sql`delete from gate_verdicts where model = ${name}`.execute(trx);
      await trx.deleteFrom('registered_models').where('name', '=', name).execute();
    });
  }

  async setTag(by: Caller, name: string, tag: Tag): Promise<void> {
    await this.changes.run({ action: 'model-tag.set', model: name, by }, async (trx) => {
      await lockExisting(trx, name);
      await upsertTag(trx, name, tag);
      await this.notifications.tell(trx, 'model-tag.set', name, { name, ...tag });
    });
  }

  async deleteTag(by: Caller, name: string, key: string): Promise<void> {
    await this.changes.run({ action: 'model-tag.deleted', model: name, by }, async (trx) => {
      await lockExisting(trx, name);
      await trx.deleteFrom('model_tags').where('name', '=', name).where('key', '=', key).execute();
      await this.notifications.tell(trx, 'model-tag.deleted', name, { name, key });
    });
  }

  private async load(rows: readonly ModelRow[]): Promise<RegisteredModel[]> {
    const names = rows.map((row) => row.name);
    const [tags, aliases, latest] = await Promise.all([
      sql<Tag & { name: string }>`select * from model_tags where name = any(${names}) order by key`.execute(this.db),
      sql<{ name: string; alias: string; version: number }>`
        select * from model_aliases where name = any(${names}) order by alias`.execute(this.db),
      sql<VersionRow>`select distinct on (name, current_stage) * from model_versions where name = any(${names})
                      order by name, current_stage, version desc`.execute(this.db),
    ]);
    const versions = Map.groupBy(await loadVersions(this.db, latest.rows), ({ name }) => name);
    const tagsOf = Map.groupBy(tags.rows, ({ name }) => name);
    const aliasesOf = Map.groupBy(aliases.rows, ({ name }) => name);
    return rows.map((row) => ({
      ...row,
      tags: (tagsOf.get(row.name) ?? []).map(({ key, value }) => ({ key, value })),
      aliases: (aliasesOf.get(row.name) ?? []).map(({ alias, version }) => ({ alias, version })),
      latest: versions.get(row.name) ?? [],
    }));
  }
}

export function noSuchModel(name: string): MlflowError {
  return doesNotExist(`Registered Model with name=${name} not found`);
}

/** The model's lock, and the model is there. @throws MlflowError RESOURCE_DOES_NOT_EXIST */
export async function lockExisting(trx: RegistryTransaction, name: string): Promise<void> {
  await lockModel(trx, name);
  await exists(trx, name);
}

/** A version's coming, going and moving are changes of its model. */
export async function touchModel(trx: RegistryTransaction, name: string): Promise<void> {
  await sql`update registered_models set last_updated_timestamp = ${Date.now()} where name = ${name}`.execute(trx);
}

async function exists(trx: RegistryTransaction, name: string): Promise<void> {
  const { rows } = await sql`select from registered_models where name = ${name}`.execute(trx);
  if (rows.length === 0) throw noSuchModel(name);
}

async function unused(trx: RegistryTransaction, name: string): Promise<void> {
  const using = await deploymentsUsing(trx, name);
  if (using.length === 0) return;
  throw new MlflowError(
    'INVALID_STATE',
    `Model '${name}' is in use by ${using.join(', ')}: delete or change the deployment first`,
  );
}

async function taken<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw alreadyExists(`Registered Model (name=${name}) already exists.`);
  }
}

async function upsertTag(trx: RegistryTransaction, name: string, tag: Tag): Promise<void> {
  await sql`insert into model_tags (name, key, value) values (${name}, ${tag.key}, ${tag.value})
            on conflict (name, key) do update set value = excluded.value`.execute(trx);
}
