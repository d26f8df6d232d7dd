import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { EmbeddedKafka, EmbeddedPostgres, RunFolder, startReaper } from '../src/index.js';
import { postgresBinaries } from '../src/postgres/binaries.js';
import { runAs } from '../src/postgres/run-as.js';
import { unprivilegedUser } from '../src/postgres/unprivileged-user.js';

let folder: string;
let runFolder: RunFolder;

beforeEach(() => {
  // mkdtemp gives 0700: as root, PostgreSQL's user cannot pass through it, as in a clone below /root.
  folder = mkdtempSync(join(tmpdir(), 'headrace-embedded-'));
  runFolder = new RunFolder(join(folder, 'run'));
  startReaper(runFolder.path, folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('EmbeddedKafka', () => {
  const start = () =>
    EmbeddedKafka.start({ folder: join(folder, 'kafka'), runFolder, logFile: join(folder, 'kafka.log') });

  it("keeps its topics over kill -9, with the broker's append time", async () => {
    const first = await start();
    const sentAt = Date.now();
    await inAdmin(first, async (kafka) => {
      await kafka.admin().createTopics({ topics: [{ topic: 'facts', numPartitions: 2 }], waitForLeaders: true });
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic: 'facts', acks: -1, messages: [{ value: 'kept', partition: 1, timestamp: '0' }] });
      await producer.disconnect();
    });
    await first.process.kill();

    const second = await start();
    await inAdmin(second, async (kafka) => {
      const offsets = await kafka.admin().fetchTopicOffsets('facts');
      expect(Object.fromEntries(offsets.map(({ partition, high }) => [partition, high]))).toEqual({ 0: '0', 1: '1' });
      const byTime = await kafka.admin().fetchTopicOffsetsByTimestamp('facts', sentAt);
      expect(byTime.find(({ partition }) => partition === 1)?.offset).toBe('0');
    });
    await second.stop();
    expect(runFolder.leftovers()).toEqual([]);
  });

  async function inAdmin(server: EmbeddedKafka, work: (kafka: Kafka) => Promise<void>): Promise<void> {
    const kafka = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    // One admin for the whole block: kafkajs makes a new one at each call.
    await work(Object.assign(Object.create(kafka), { admin: () => admin })).finally(() => admin.disconnect());
  }
});

describe('EmbeddedPostgres', () => {
  const start = () =>
    EmbeddedPostgres.start({ folder: join(folder, 'postgres'), runFolder, logFile: join(folder, 'postgres.log') });

  it('keeps committed rows over kill -9, from within a private folder', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE facts (fact text)');
    await query(first, "INSERT INTO facts VALUES ('kept')");
    await first.process.kill();

    const second = await start();
    expect(await query(second, 'SELECT fact FROM facts')).toEqual([{ fact: 'kept' }]);
    await second.stop();
    expect(runFolder.leftovers()).toEqual([]);
  });

  it('its programs find each other below a private folder', () => {
    const programs = join(folder, 'native');
    cpSync(join(dirname(postgresBinaries().initdb), '..'), programs, { recursive: true });
    const data = mkdtempSync(join(folder, 'data-'));
    const user = unprivilegedUser();
    if (user) chownSync(data, user.uid, user.gid);
    const initdb = join(programs, 'bin', 'initdb');

    const run = runAs(user, initdb, ['-D', data, '--no-sync', '--locale=C'], [initdb, data]);
    const result = spawnSync(run.command, run.args, { uid: run.uid, gid: run.gid, cwd: '/', encoding: 'utf8' });

    expect({ status: result.status, stderr: result.stderr.replace(/initdb: (warning|hint):.*\n/g, '') }).toEqual({
      status: 0,
      stderr: '',
    });
  });

  async function query(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query(sql).finally(() => client.end());
    return rows;
  }
});
