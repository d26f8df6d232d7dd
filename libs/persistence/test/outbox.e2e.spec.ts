import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Topic } from '@headrace/contracts';
import { silentLogger } from '@headrace/service-kit';
import {
  migrate,
  Outbox,
  outboxMigrations,
  outboxRow,
  OutboxRelay,
  type Database,
  type OutboxEvent,
  type OutboxPublisher,
  type OutboxWriter,
  type StoredEvent,
} from '../src/index.js';
import { dropTestDatabase, openTestDatabase, until } from './test-database.js';

const topic: Topic<{ n: number }> = {
  name: 'some.topic',
  partitions: 1,
  cleanup: 'delete',
  retentionMs: -1,
  owner: 'test',
  schema: null,
};
const outbox = new Outbox();
let database: Database<any>;
let relays: OutboxRelay[];

beforeEach(async () => {
  database = openTestDatabase();
  relays = [];
  await migrate(database.pool, database.schema, outboxMigrations);
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await dropTestDatabase(database);
});

class Recorder implements OutboxPublisher {
  readonly events: StoredEvent[] = [];
  readonly receipts: string[] = [];
  readonly sizes: number[] = [];
  /** Throws so often before anything is written. */
  failures = 0;
  /** Throws so often after it was written, as when the process dies or the answer is lost. */
  lostAnswers = 0;
  private taken = 0;

  async take(): Promise<OutboxWriter> {
    const turn = ++this.taken;
    return {
      write: async (events, receipt) => {
        if (turn !== this.taken) throw new Error('another relay took the outbox');
        if (this.failures-- > 0) throw new Error('the broker is away');
        this.events.push(...events);
        this.receipts.push(receipt);
        this.sizes.push(events.length);
        if (this.lostAnswers-- > 0) throw new Error('the answer is lost');
      },
      wrote: async (receipt) => this.receipts.at(-1) === receipt,
      close: async () => undefined,
    };
  }
  get numbers(): number[] {
    return this.events.map((event) => (event.value as { n: number }).n);
  }
}

function relay(publisher: OutboxPublisher): OutboxRelay {
  const started = new OutboxRelay(database, publisher, silentLogger());
  relays.push(started);
  started.start();
  return started;
}

const event = (n: number): OutboxEvent<{ n: number }> => ({ topic, key: 'k', value: { n } });
const enqueue = (...events: Array<OutboxEvent<any>>) =>
  database.db.transaction().execute((trx) => outbox.enqueue(trx, events));
function faultOf(relay: OutboxRelay): string | undefined {
  try {
    relay.check();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const waiting = async () => (await database.pool.query('select from outbox')).rowCount;

describe('the outbox', () => {
  it('passes an event on as it was given', async () => {
    const publisher = new Recorder();
    const id = '0b8f6ad2-3a53-4f2e-9e0c-0d9d0c9c6a11';
    await enqueue(
      {
        topic,
        key: 'a',
        value: { n: 1, text: 'é\u0000"\'' },
        headers: { why: 'because' },
        id,
        eventTime: 1_000_000_000_000,
      },
      { topic, key: 'gone', value: null },
    );
    relay(publisher);
    await until(() => publisher.events.length === 2);
    expect(publisher.events[0]).toEqual({
      topic: 'some.topic',
      key: 'a',
      value: { n: 1, text: 'é\u0000"\'' },
      headers: { why: 'because' },
      id,
      eventTime: 1_000_000_000_000,
    });
    expect(publisher.events[1]).toMatchObject({ key: 'gone', value: null, headers: {} });
    await until(async () => (await waiting()) === 0);
  });

  it('an event of a transaction that rolls back never leaves', async () => {
    const publisher = new Recorder();
    relay(publisher);
    const failing = database.db.transaction().execute(async (trx) => {
      await outbox.enqueue(trx, [event(1)]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await enqueue(event(2));
    await until(() => publisher.events.length > 0);
    expect(publisher.numbers).toEqual([2]);
  });

  it('a commit wakes the relay: it does not wait for its poll', async () => {
    const publisher = new Recorder();
    relay(publisher);
    await enqueue(event(0));
    await until(() => publisher.events.length === 1);
    // 20 commits one after the other would take 20 polls of a second each without the notification; the test's timeout is 15 s.
    for (let n = 1; n <= 20; n++) {
      await enqueue(event(n));
      await until(() => publisher.events.length === n + 1);
    }
    expect(publisher.numbers).toEqual(Array.from({ length: 21 }, (_, n) => n));
  }, 15_000);

  it('goes on in order after the publisher failed, and is not ready meanwhile', async () => {
    const publisher = new Recorder();
    publisher.failures = 3;
    const started = relay(publisher);
    await enqueue(event(1), event(2));
    await enqueue(event(3));
    await until(() => faultOf(started) === 'the broker is away');
    await until(() => publisher.events.length === 3);
    expect(publisher.numbers).toEqual([1, 2, 3]);
    await until(() => faultOf(started) === undefined);
  });

  it('what was published and not yet deleted is not published again', async () => {
    const publisher = new Recorder();
    publisher.lostAnswers = 2;
    relay(publisher);
    await enqueue(event(1), event(2));
    await until(() => publisher.events.length === 2);
    await enqueue(event(3));
    await enqueue(event(4));
    await until(() => publisher.events.length >= 4);
    await until(async () => (await waiting()) === 0);
    expect(publisher.numbers).toEqual([1, 2, 3, 4]);
    expect((await database.pool.query('select from outbox_batch')).rowCount).toBe(0);
  });

  it('three relays pass each event on once, in order', async () => {
    const publisher = new Recorder();
    for (let i = 0; i < 3; i++) relay(publisher);
    for (let n = 0; n < 1200; n += 40) await enqueue(...Array.from({ length: 40 }, (_, i) => event(n + i)));
    await until(() => publisher.events.length >= 1200);
    await until(async () => (await waiting()) === 0);
    expect(publisher.numbers).toEqual(Array.from({ length: 1200 }, (_, n) => n));
  });

  it('a standby takes over when the working relay’s connection is killed, and nothing is lost', async () => {
    const publisher = new Recorder();
    relay(publisher);
    await enqueue(event(1));
    await until(() => publisher.events.length === 1);
    relay(publisher);
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and query like 'listen%' or pid in (
        select pid from pg_locks where locktype = 'advisory' and ((classid::bigint << 32) | objid::bigint) = hashtextextended($2, 0))`,
      [`headrace-${database.schema}`, `headrace.outbox.${database.schema}`],
    );
    await enqueue(event(2));
    await until(() => publisher.events.length >= 2);
    await until(async () => (await waiting()) === 0);
    expect(publisher.numbers).toEqual([1, 2]);
  });

  it('carries numbers that JSON cannot', async () => {
    const publisher = new Recorder();
    relay(publisher);
    await enqueue(event(Number.NaN), event(-Infinity));
    await until(() => publisher.events.length === 2);
    expect(publisher.numbers).toEqual([Number.NaN, -Infinity]);
  });

  it('passes on in pieces what is large together', async () => {
    const publisher = new Recorder();
    const large = (n: number) => ({ ...event(n), value: { n, text: 'x'.repeat(900_000) } });
    await enqueue(...[1, 2, 3, 4, 5, 6, 7].map(large), event(8));
    relay(publisher);
    await until(() => publisher.events.length === 8);
    expect(publisher.numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(publisher.sizes).toEqual([5, 3]);
  });

  it('is passed on at a nudge, with no notification', async () => {
    const publisher = new Recorder();
    const started = relay(publisher);
    await until(() => faultOf(started) === undefined);
    const row = outboxRow(event(7));
    await database.pool.query(
      'insert into outbox (topic, key, value, headers, event_id, event_time) values ($1, $2, $3, $4, $5, $6)',
      [row.topic, row.key, row.value, row.headers, row.id, row.eventTime],
    );
    started.nudge();
    await until(() => publisher.events.length === 1);
    expect(publisher.numbers).toEqual([7]);
  });
});
