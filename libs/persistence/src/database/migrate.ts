import { HeadraceError } from '@headrace/service-kit';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { checkedSchema } from './database.js';

/** The outbox's table; give it to migrate() beside the service's own directory. */
export const outboxMigrations = new URL('../../migrations/outbox/', import.meta.url);

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/**
 * Brings a schema up to date: each directory's NNNN_what.sql in name order, each file in its own transaction, once. Any number of processes may
 * call it at the same time; a SIGKILL leaves whole files applied. Forward only.
 * @returns names of the files applied now
 * @throws HeadraceError CONFLICT when a file that was applied has been changed since
 */
export async function migrate(
  pool: pg.Pool,
  schema: string,
  ...directories: ReadonlyArray<URL | string>
): Promise<string[]> {
  const migrations = (await Promise.all(directories.map(readMigrations))).flat();
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`headrace.migrate.${schema}`]);
    return await applyMissing(client, checkedSchema(schema), migrations);
  } finally {
    client.release(true); // ends the session, and with it the lock
  }
}

async function applyMissing(client: pg.PoolClient, schema: string, migrations: Migration[]): Promise<string[]> {
  await client.query(`create schema if not exists ${schema}`);
  await client.query(`create table if not exists ${schema}.schema_migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
  const { rows } = await client.query<{ name: string; sha256: string }>(
    `select name, sha256 from ${schema}.schema_migrations`,
  );
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const missing = migrations.filter((migration) => !isApplied(migration, applied));
  for (const migration of missing) await apply(client, schema, migration);
  return missing.map((migration) => migration.name);
}

function isApplied(migration: Migration, applied: ReadonlyMap<string, string>): boolean {
  const sha256 = applied.get(migration.name);
  if (sha256 !== undefined && sha256 !== migration.sha256) {
    throw new HeadraceError(
      'CONFLICT',
      `Migration ${migration.name} was changed after it was applied; restore it and put the change into a new file`,
      { context: { applied: sha256, found: migration.sha256 } },
    );
  }
  return sha256 !== undefined;
}

async function apply(client: pg.PoolClient, schema: string, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local search_path = ${schema}`);
    await client.query(migration.sql);
    await client.query(`insert into ${schema}.schema_migrations (name, sha256) values ($1, $2)`, [
      migration.name,
      migration.sha256,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Names are prefixed by their directory's, so that outbox/0001 and migrations/0001 do not meet. */
async function readMigrations(directory: URL | string): Promise<Migration[]> {
  const path = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const files = (await readdir(path)).filter((file) => /^\d{4}_[a-z0-9_]+\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(join(path, file), 'utf8');
      return { name: `${basename(path)}/${file}`, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
