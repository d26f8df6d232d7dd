import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@headrace/service-kit';
import {
  createDatabase,
  isDatabaseUnavailable,
  migrate,
  Outbox,
  outboxMigrations,
  OutboxRelay,
  type Database,
  type StoredEvent,
} from '../src/index.js';
import { CuttableProxy } from './cuttable-proxy.js';
import { databaseUrl, dropTestDatabase, openTestDatabase, until } from './test-database.js';

const proxy = new CuttableProxy(new URL(databaseUrl()));
let direct: Database<any>;
let database: Database<any>;

beforeAll(async () => {
  direct = openTestDatabase();
  await migrate(direct.pool, direct.schema, outboxMigrations);
  database = createDatabase({ DATABASE_URL: (await proxy.start()).href }, direct.schema);
});
afterAll(async () => {
  await database.close();
  await dropTestDatabase(direct);
  await proxy.cut();
});

describe('when PostgreSQL goes away and comes back', () => {
  it('the process lives, readiness tells, waiting events leave afterwards', async () => {
    const published: StoredEvent[] = [];
    const relay = new OutboxRelay(
      database,
      {
        take: async () => ({
          write: async (events) => void published.push(...events),
          wrote: async () => false,
          close: async () => undefined,
        }),
      },
      silentLogger(),
    );
    relay.start();
    await database.check();
    const lent = await database.pool.connect(); // lent and idle: the case in which an unheard 'error' event would end the process
    const underWay = database.pool.query('select pg_sleep(60)').then(
      () => undefined,
      (error: unknown) => error,
    );

    await proxy.cut();
    expect(isDatabaseUnavailable(await underWay)).toBe(true);
    await expect(database.check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(database.db.selectFrom('outbox').selectAll().execute()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    lent.release();
    const topic = {
      name: 't',
      partitions: 1,
      cleanup: 'delete',
      retentionMs: -1,
      owner: 'test',
      schema: null,
    } as const;
    await direct.db.transaction().execute((trx) => new Outbox().enqueue(trx, [{ topic, key: 'k', value: { n: 1 } }]));

    await proxy.start();
    await database.check();
    await until(() => published.length === 1);
    await relay.stop();
  });
});
