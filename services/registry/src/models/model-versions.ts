import { Inject, Injectable } from '@nestjs/common';
import { invalidParameter, MlflowError, type Tag } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { sql } from 'kysely';
import type { ModelArtifact } from '../artifacts/model-artifacts.js';
import { ChangeLog } from '../changes/change-log.js';
import { deploymentsUsing, ReconcileDeployments } from '../deployments/reconcile-deployments.js';
import type { Caller } from '@headrace/service-kit/identity';
import { lockModel } from '../locks.js';
import { PolicyGate } from '../policies/policy-gate.js';
import type { RegistryDatabase, RegistryDb, RegistryTransaction, VersionRow } from '../tables.js';
import { Notifications } from '../webhooks/notifications.js';
import { tagsOf } from '../webhooks/webhook-events.js';
import { loadVersions, type ModelVersion } from './load-versions.js';
import type { CreateVersion, GivenVersion, Search } from './model-messages.js';
import { searchVersionRows } from './model-search.js';
import { PROMPT_TEXT_TAG } from './prompts.js';
import { noSuchModel, touchModel } from './registered-models.js';
import { readStage } from './stages.js';
import { VersionSources, type VersionSource } from './version-source.js';

/** Who registers a version may say what the file must hash to. */
const SHA256_TAG = 'headrace.model_sha256';

/** Model versions in PostgreSQL. Each change is one transaction; deployments that waited for a version change in the same one. */
@Injectable()
export class ModelVersions {
  private readonly db: RegistryDb;

  constructor(
    @Inject(DATABASE) database: RegistryDatabase,
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(PolicyGate) private readonly gate: PolicyGate,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(VersionSources) private readonly sources: VersionSources,
    @Inject(ReconcileDeployments) private readonly reconcile: ReconcileDeployments,
  ) {
    this.db = database.db;
  }

  /**
   * Files are read before anything is locked: they may be large.
   * @param given the number and time that the version has elsewhere; default the next number, now
   * @throws HeadraceError CONFLICT for a given number that is not above all that were ever given
   */
  async create(by: Caller, request: CreateVersion, given?: GivenVersion): Promise<ModelVersion> {
    const { name } = request;
    const source = await this.sources.resolve(request, {
      byNumber: (model, version) => this.get(model, Number(version)),
      byAlias: (model, alias) => this.getByAlias(model, alias),
    });
    checkPromise(request.tags, source.artifact);
    const version = await this.changes.run({ action: 'version.created', model: name, by }, async (trx) => {
      await lockModel(trx, name);
      const number = await takeNumber(trx, name, given?.version);
      await insert(trx, { request, number, source, by, createdAt: given?.creation_timestamp ?? Date.now() });
      await this.notifications.tell(trx, 'version.created', name, toPayload(request, number, source));
      await this.reconcile.run(trx, name, `version ${number} of ${name} was created`);
      return number;
    });
    return this.get(name, version);
  }

  async get(name: string, version: number): Promise<ModelVersion> {
    const rows = await this.db
      .selectFrom('model_versions')
      .selectAll()
      .where('name', '=', name)
      .where('version', '=', version)
      .execute();
    const [found] = await loadVersions(this.db, rows);
    if (found) return found;
    await this.modelExists(name);
    throw noSuchVersion(name, version);
  }

  /** `latest`, in any case, is the newest version. */
  async getByAlias(name: string, alias: string): Promise<ModelVersion> {
    await this.modelExists(name);
    const isLatest = alias.toLowerCase() === 'latest';
    const { rows } = isLatest
      ? await sql<{ version: number }>`select max(version) as version from model_versions where name = ${name}`.execute(
          this.db,
        )
      : await sql<{ version: number }>`
          select version from model_aliases where name = ${name} and alias = ${alias}`.execute(this.db);
    const version = rows[0]?.version;
    if (version != null) return this.get(name, version);
    if (isLatest) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Latest version not found for model ${name}.`);
    // MLflow answers this one with INVALID_PARAMETER_VALUE, and its client tells it apart by that.
    throw invalidParameter(`Registered model alias ${alias} not found.`);
  }

  /** The newest version of each stage asked for; of every stage when none is. */
  async latest(name: string, stages: readonly string[]): Promise<ModelVersion[]> {
    const wanted = stages.map(readStage);
    await this.modelExists(name);
    const { rows } = await sql<VersionRow>`
      select distinct on (current_stage) * from model_versions
      where name = ${name} and (${wanted.length === 0} or current_stage = any(${wanted}))
      order by current_stage, version desc`.execute(this.db);
    return loadVersions(this.db, rows);
  }

  async search(request: Search): Promise<{ versions: ModelVersion[]; nextPageToken: string | undefined }> {
    const { page, nextPageToken } = await searchVersionRows(this.db, request);
    return { versions: await loadVersions(this.db, page), nextPageToken };
  }

  async describe(by: Caller, name: string, version: number, description: string): Promise<ModelVersion> {
    await this.changes.run({ action: 'version.described', model: name, by }, async (trx) => {
      await lockVersion(trx, name, version);
      const change = { description, last_updated_timestamp: Date.now() };
      await trx
        .updateTable('model_versions')
        .set(change)
        .where('name', '=', name)
        .where('version', '=', version)
        .execute();
    });
    return this.get(name, version);
  }

  /** With its aliases. @throws MlflowError INVALID_STATE while a deployment runs it */
  async delete(by: Caller, name: string, version: number): Promise<void> {
    await this.changes.run({ action: 'version.deleted', model: name, by }, async (trx) => {
      await lockVersion(trx, name, version);
      const using = await deploymentsUsing(trx, name, version);
      if (using.length > 0) {
        throw new MlflowError(
          'INVALID_STATE',
          `Version ${version} of '${name}' is in use by ${using.join(', ')}: move or delete the deployment first`,
        );
      }
      for (const alias of await aliasesOf(trx, name, version))
        await this.gate.mayRemove(trx, name, `alias:${alias}`, by.principal);
      await trx.deleteFrom('model_versions').where('name', '=', name).where('version', '=', version).execute();
      await touchModel(trx, name);
    });
  }

  async setTag(by: Caller, name: string, version: number, tag: Tag): Promise<void> {
    await this.changes.run({ action: 'version-tag.set', model: name, by }, async (trx) => {
      await lockVersion(trx, name, version);
      await upsertTag(trx, name, version, tag);
      await this.notifications.tell(trx, 'version-tag.set', name, { name, version: String(version), ...tag });
    });
  }

  async deleteTag(by: Caller, name: string, version: number, key: string): Promise<void> {
    await this.changes.run({ action: 'version-tag.deleted', model: name, by }, async (trx) => {
      await lockVersion(trx, name, version);
      await sql`delete from version_tags where name = ${name} and version = ${version} and key = ${key}`.execute(trx);
      await this.notifications.tell(trx, 'version-tag.deleted', name, { name, version: String(version), key });
    });
  }

  private async modelExists(name: string): Promise<void> {
    const found = await this.db
      .selectFrom('registered_models')
      .select('name')
      .where('name', '=', name)
      .executeTakeFirst();
    if (!found) throw noSuchModel(name);
  }
}

export function noSuchVersion(name: string, version: number): HeadraceError {
  return new HeadraceError('NOT_FOUND', `Model Version (name=${name}, version=${version}) not found`);
}

/** The model's lock, and the version is there. @throws HeadraceError NOT_FOUND */
export async function lockVersion(trx: RegistryTransaction, name: string, version: number): Promise<void> {
  await lockModel(trx, name);
  const { rows } = await sql`select from model_versions where name = ${name} and version = ${version}`.execute(trx);
  if (rows.length === 0) throw noSuchVersion(name, version);
}

/** What webhooks are told: of a prompt its text, of a model where its files are. */
const toPayload = (request: CreateVersion, number: number, from: VersionSource) => (isPrompt: boolean) => ({
  name: request.name,
  version: String(number),
  ...(isPrompt
    ? { template: request.tags.findLast(({ key }) => key === PROMPT_TEXT_TAG)?.value ?? null }
    : { source: from.source, run_id: from.runId }),
  tags: tagsOf(request.tags, isPrompt),
  description: request.description || null,
});

function checkPromise(tags: readonly Tag[], artifact: ModelArtifact | null): void {
  const promised = tags.find((tag) => tag.key === SHA256_TAG)?.value;
  if (promised === undefined || promised === artifact?.sha256) return;
  const found = artifact ? `${artifact.uri} has sha256 ${artifact.sha256}` : 'There is no ONNX file';
  throw invalidParameter(`${found}, not ${promised} as the tag ${SHA256_TAG} says: log the file again`);
}

async function aliasesOf(trx: RegistryTransaction, name: string, version: number): Promise<string[]> {
  const { rows } = await sql<{ alias: string }>`
    select alias from model_aliases where name = ${name} and version = ${version} order by alias`.execute(trx);
  return rows.map(({ alias }) => alias);
}

/** @param wanted instead of the next one; those between are never given */
async function takeNumber(trx: RegistryTransaction, name: string, wanted?: number): Promise<number> {
  const { rows } = await sql<{ next: number }>`
    select next_version as next from registered_models where name = ${name}`.execute(trx);
  if (!rows[0]) throw noSuchModel(name);
  const { next } = rows[0];
  const number = wanted ?? next;
  if (number < next)
    throw new HeadraceError('CONFLICT', `'${name}' has given version ${number} already; the next is ${next}`);
  await sql`update registered_models set next_version = ${number + 1}, last_updated_timestamp = ${Date.now()}
            where name = ${name}`.execute(trx);
  return number;
}

interface NewVersion {
  readonly request: CreateVersion;
  readonly number: number;
  readonly source: VersionSource;
  readonly by: Caller;
  readonly createdAt: number;
}

async function insert(
  trx: RegistryTransaction,
  { request, number: version, source: from, by, createdAt }: NewVersion,
): Promise<void> {
  const { name, run_link, description, tags } = request;
  const row = {
    name,
    version,
    run_link,
    description,
    source: from.source,
    run_id: from.runId,
    model_id: from.modelId,
    download_uri: from.downloadUri,
    artifact_uri: from.artifact?.uri ?? null,
    sha256: from.artifact?.sha256 ?? null,
    signature: from.artifact?.signature ? JSON.stringify(from.artifact.signature) : null,
    user_id: by.principal === 'anonymous' ? '' : by.principal,
    creation_timestamp: createdAt,
    last_updated_timestamp: Date.now(),
  };
  await trx.insertInto('model_versions').values(row).execute();
  for (const tag of tags) await upsertTag(trx, name, version, tag);
}

async function upsertTag(trx: RegistryTransaction, name: string, version: number, tag: Tag): Promise<void> {
  await sql`insert into version_tags (name, version, key, value) values (${name}, ${version}, ${tag.key}, ${tag.value})
            on conflict (name, version, key) do update set value = excluded.value`.execute(trx);
}
