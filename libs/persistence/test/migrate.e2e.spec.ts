import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, outboxMigrations, type Database } from '../src/index.js';
import { dropTestDatabase, openTestDatabase } from './test-database.js';

let database: Database<any>;
let folder: string;

beforeEach(async () => {
  database = openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
});
afterEach(async () => {
  await dropTestDatabase(database);
  await rm(folder, { recursive: true });
});

const write = (name: string, sql: string) => writeFile(join(folder, name), sql);
const run = () => migrate(database.pool, database.schema, folder);
const short = (names: string[]) => names.map((name) => name.split('/')[1]);

describe('migrate', () => {
  it('applies each file once, in order, into the service’s own schema', async () => {
    await write('0002_more.sql', 'alter table thing add column colour text');
    await write('0001_thing.sql', 'create table thing (id bigint)');
    expect(short(await run())).toEqual(['0001_thing.sql', '0002_more.sql']);
    expect(await run()).toEqual([]);
    await write('0003_row.sql', 'insert into thing values (9007199254740991, $$red$$)');
    expect(short(await run())).toEqual(['0003_row.sql']);
    const { rows } = await database.pool.query(`select * from ${database.schema}.thing`);
    expect(rows).toEqual([{ id: 9007199254740991, colour: 'red' }]);
  });

  it('a file that fails changes nothing, and those before it stay', async () => {
    await write('0001_thing.sql', 'create table thing (id int)');
    await write('0002_broken.sql', 'create table other (id int); select 1 / 0');
    await expect(run()).rejects.toThrow(/division by zero/);
    await write('0002_broken.sql', 'create table other (id int)');
    expect(short(await run())).toEqual(['0002_broken.sql']);
  });

  it('ten processes at once apply each file once', async () => {
    await write('0001_thing.sql', 'create table thing (id int)');
    await write('0002_row.sql', 'insert into thing values (1)');
    const applied = await Promise.all(Array.from({ length: 10 }, run));
    expect(applied.flat()).toHaveLength(2);
    const { rows } = await database.pool.query('select count(*) as n from thing');
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('refuses a file that was edited after it was applied', async () => {
    await write('0001_thing.sql', 'create table thing (id int)');
    await run();
    await write('0001_thing.sql', 'create table thing (id bigint)');
    await expect(run()).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('0001_thing.sql') });
  });

  it('brings the outbox beside the service’s own tables', async () => {
    await write('0001_outbox.sql', 'create table mine (id int)');
    const applied = await migrate(database.pool, database.schema, outboxMigrations, folder);
    expect(short(applied)).toEqual(['0001_outbox.sql', '0002_uncompressed.sql', '0003_batch.sql', '0001_outbox.sql']);
  });
});
