import { Inject, Injectable } from '@nestjs/common';
import { invalidParameter, MlflowError, type Tag } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { sql } from 'kysely';
import { ModelArtifacts, type ModelArtifact } from '../artifacts/model-artifacts.js';
import { deploymentsUsing, ReconcileDeployments } from '../deployments/reconcile-deployments.js';
import { lockModel } from '../locks.js';
import type { RegistryDatabase, RegistryDb, RegistryTransaction, VersionRow } from '../tables.js';
import { loadVersions, type ModelVersion } from './load-versions.js';
import type { CreateVersion, Search } from './model-messages.js';
import { searchVersionRows } from './model-search.js';
import { noSuchModel } from './registered-models.js';

/** Who registers a version may say what the file must hash to. */
const SHA256_TAG = 'headrace.model_sha256';

/** Model versions in PostgreSQL. Each call is one transaction; deployments that waited for a version change in the same one. */
@Injectable()
export class ModelVersions {
  private readonly db: RegistryDb;

  constructor(
    @Inject(DATABASE) database: RegistryDatabase,
    @Inject(ModelArtifacts) private readonly artifacts: ModelArtifacts,
    @Inject(ReconcileDeployments) private readonly reconcile: ReconcileDeployments,
  ) {
    this.db = database.db;
  }

  /** The file is read before anything is locked: it may be large. */
  async create(request: CreateVersion): Promise<ModelVersion> {
    await this.modelExists(request.name);
    const artifact = await this.artifacts.resolve(request.source);
    checkPromise(request.tags, artifact);
    const version = await this.db.transaction().execute(async (trx) => {
      await lockModel(trx, request.name);
      const number = await takeNumber(trx, request.name);
      await insert(trx, request, number, artifact);
      await this.reconcile.run(trx, request.name, `version ${number} of ${request.name} was created`);
      return number;
    });
    return this.get(request.name, version);
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
    throw noSuchVersion(name, version);
  }

  async getByAlias(name: string, alias: string): Promise<ModelVersion> {
    await this.modelExists(name);
    const query = this.db
      .selectFrom('model_aliases')
      .select('version')
      .where('name', '=', name)
      .where('alias', '=', alias);
    const found = await query.executeTakeFirst();
    if (found) return this.get(name, found.version);
    // MLflow answers this one with INVALID_PARAMETER_VALUE, and its client tells it apart by that.
    throw invalidParameter(`Registered model alias ${alias} not found.`);
  }

  async latest(name: string): Promise<ModelVersion[]> {
    await this.modelExists(name);
    const { rows } = await sql<VersionRow>`
      select * from model_versions where name = ${name} order by version desc limit 1`.execute(this.db);
    return loadVersions(this.db, rows);
  }

  async search(request: Search): Promise<{ versions: ModelVersion[]; nextPageToken: string | undefined }> {
    const { page, nextPageToken } = await searchVersionRows(this.db, request);
    return { versions: await loadVersions(this.db, page), nextPageToken };
  }

  async describe(name: string, version: number, description: string): Promise<ModelVersion> {
    await this.get(name, version);
    await this.db
      .updateTable('model_versions')
      .set({ description, last_updated_timestamp: Date.now() })
      .where('name', '=', name)
      .where('version', '=', version)
      .execute();
    return this.get(name, version);
  }

  /** With its aliases. @throws MlflowError INVALID_STATE while a deployment runs it */
  async delete(name: string, version: number): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await lockModel(trx, name);
      const using = await deploymentsUsing(trx, name, version);
      if (using.length > 0) {
        throw new MlflowError(
          'INVALID_STATE',
          `Version ${version} of '${name}' is in use by ${using.join(', ')}: move or delete the deployment first`,
        );
      }
      const query = trx.deleteFrom('model_versions').where('name', '=', name).where('version', '=', version);
      if ((await query.executeTakeFirst()).numDeletedRows === 0n) throw noSuchVersion(name, version);
    });
  }

  async setTag(name: string, version: number, tag: Tag): Promise<void> {
    await this.get(name, version);
    await upsertTag(this.db, name, version, tag);
  }

  async deleteTag(name: string, version: number, key: string): Promise<void> {
    await this.get(name, version);
    await sql`delete from version_tags where name = ${name} and version = ${version} and key = ${key}`.execute(this.db);
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

function checkPromise(tags: readonly Tag[], artifact: ModelArtifact): void {
  const promised = tags.find((tag) => tag.key === SHA256_TAG)?.value;
  if (promised === undefined || promised === artifact.sha256) return;
  throw invalidParameter(
    `${artifact.uri} has sha256 ${artifact.sha256}, not ${promised} as the tag ${SHA256_TAG} says: log the file again`,
  );
}

async function takeNumber(trx: RegistryTransaction, name: string): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    update registered_models set next_version = next_version + 1, last_updated_timestamp = ${Date.now()}
    where name = ${name} returning next_version - 1 as version`.execute(trx);
  if (!rows[0]) throw noSuchModel(name);
  return rows[0].version;
}

async function insert(
  trx: RegistryTransaction,
  request: CreateVersion,
  version: number,
  artifact: ModelArtifact,
): Promise<void> {
  const now = Date.now();
  const { name, source, run_link, description } = request;
  const times = { creation_timestamp: now, last_updated_timestamp: now };
  const file = { artifact_uri: artifact.uri, sha256: artifact.sha256 };
  const row = {
    name,
    version,
    source,
    run_link,
    description,
    user_id: '',
    run_id: request.run_id ?? null,
    ...file,
    ...times,
  };
  await trx.insertInto('model_versions').values(row).execute();
  for (const tag of request.tags) await upsertTag(trx, name, version, tag);
}

async function upsertTag(db: RegistryDb, name: string, version: number, tag: Tag): Promise<void> {
  await sql`insert into version_tags (name, version, key, value) values (${name}, ${version}, ${tag.key}, ${tag.value})
            on conflict (name, version, key) do update set value = excluded.value`.execute(db);
}
