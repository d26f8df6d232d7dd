import type { Tag } from '@headrace/mlflow-protocol';
import { sql } from 'kysely';
import type { RegistryDb, VersionRow } from '../tables.js';

export interface ModelVersion extends VersionRow {
  readonly tags: Tag[];
  readonly aliases: string[];
}

/** Adds tags and aliases: two queries however many versions there are. */
export async function loadVersions(db: RegistryDb, rows: readonly VersionRow[]): Promise<ModelVersion[]> {
  if (rows.length === 0) return [];
  const keys = sql`(name, version) in (select * from unnest(${rows.map((row) => row.name)}::text[], ${rows.map((row) => row.version)}::int[]))`;
  const [tags, aliases] = await Promise.all([
    sql<Tag & Key>`select * from version_tags where ${keys} order by key`.execute(db),
    sql<{ alias: string } & Key>`select * from model_aliases where ${keys} order by alias`.execute(db),
  ]);
  const tagsOf = Map.groupBy(tags.rows, keyOf);
  const aliasesOf = Map.groupBy(aliases.rows, keyOf);
  return rows.map((row) => ({
    ...row,
    tags: (tagsOf.get(keyOf(row)) ?? []).map(({ key, value }) => ({ key, value })),
    aliases: (aliasesOf.get(keyOf(row)) ?? []).map(({ alias }) => alias),
  }));
}

interface Key {
  readonly name: string;
  readonly version: number;
}

const keyOf = ({ name, version }: Key): string => `${version}/${name}`;
