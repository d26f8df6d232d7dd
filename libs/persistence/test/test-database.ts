import { randomBytes } from 'node:crypto';
import { createDatabase, type Database } from '../src/index.js';

export function databaseUrl(): string {
  const url = process.env['DATABASE_URL'];
  if (!url)
    throw new Error('DATABASE_URL is not set: the end-to-end tests start PostgreSQL through their global setup');
  return url;
}

/** A schema of this suite's own. */
export function openTestDatabase<DB>(): Database<DB> {
  return createDatabase<DB>({ DATABASE_URL: databaseUrl() }, `t_${randomBytes(6).toString('hex')}`);
}

export async function dropTestDatabase(database: Database<any>): Promise<void> {
  await database.pool.query(`drop schema if exists ${database.schema} cascade`);
  await database.close();
}

/** Polls until the condition holds; the test's own timeout ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
