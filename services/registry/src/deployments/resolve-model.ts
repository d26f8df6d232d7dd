import type { DeploymentSpec, ResolvedModel } from '@headrace/contracts';
import { sql } from 'kysely';
import type { RegistryDb, VersionRow } from '../tables.js';

/** What a spec's alias or version stands for now; null while it does not exist, or has no ONNX file that could run. */
export async function resolveModel(
  db: RegistryDb,
  { name, alias, version }: DeploymentSpec['model'],
): Promise<ResolvedModel | null> {
  const number =
    alias === undefined
      ? sql`${version ?? null}::int`
      : sql`(select version from model_aliases where name = ${name} and alias = ${alias})`;
  const { rows } =
    await sql<VersionRow>`select * from model_versions where name = ${name} and version = ${number}`.execute(db);
  const [found] = rows;
  if (!found || found.artifact_uri === null || found.sha256 === null) return null;
  const { artifact_uri: artifactUri, sha256 } = found;
  return { name, version: found.version, runId: found.run_id, artifactUri, sha256 };
}
