import { sql } from 'kysely';
import type { RegistryTransaction } from '../tables.js';

/** The version an alias stands for; null when there is no such alias. The caller holds the model's lock. */
export async function aliasVersion(trx: RegistryTransaction, model: string, alias: string): Promise<number | null> {
  const { rows } = await sql<{
    version: number;
  }>`select version from model_aliases where name = ${model} and alias = ${alias}`.execute(trx);
  return rows[0]?.version ?? null;
}

export async function versionExists(trx: RegistryTransaction, model: string, version: number): Promise<boolean> {
  const { rows } = await sql`select 1 from model_versions where name = ${model} and version = ${version}`.execute(trx);
  return rows.length > 0;
}

export async function pointAlias(
  trx: RegistryTransaction,
  model: string,
  alias: string,
  version: number,
): Promise<void> {
  await sql`insert into model_aliases (name, alias, version) values (${model}, ${alias}, ${version})
            on conflict (name, alias) do update set version = excluded.version`.execute(trx);
}
