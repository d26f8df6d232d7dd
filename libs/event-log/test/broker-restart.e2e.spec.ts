import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type Topic } from '@headrace/contracts';
import { EmbeddedKafka, freePort, RunFolder, waitFor } from '@headrace/dev';
import { createLogger, kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventRecord, Subscription, Table } from '../src/event-log.js';
import { KafkaEventLog } from '../src/kafka-event-log.js';

const PATIENCE = { timeoutMs: 120_000 };

/** A broker of its own, which is killed and comes back on the same port with the same data. */
describe('when the broker goes away for longer than kafkajs tries and comes back', () => {
  let folder: string;
  let port: number;
  let kafka: EmbeddedKafka;
  let log: KafkaEventLog;
  const fatal: Error[] = [];
  const bytes = (name: string, cleanup: 'delete' | 'compact' = 'delete'): Topic<Uint8Array> => ({
    ...topics.deadLetters,
    name,
    partitions: 2,
    cleanup,
  });
  const [input, output, rows] = [bytes('input'), bytes('output'), bytes('rows', 'compact')];
  const start = () =>
    EmbeddedKafka.start({
      folder: join(folder, 'kafka'),
      runFolder: new RunFolder(join(folder, 'run')),
      logFile: join(folder, 'kafka.log'),
      port,
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headrace-broker-'));
    port = await freePort();
    kafka = await start();
    log = new KafkaEventLog({
      source: 'restart',
      config: loadConfig(kafkaConfig, { KAFKA_BROKERS: kafka.brokers, KAFKA_SESSION_TIMEOUT_MS: '3000' }),
      logger: process.env['HEADRACE_DEBUG'] ? createLogger('restart', 'debug') : silentLogger(),
      metrics: new Metrics(),
      onFatal: (error) => void fatal.push(error),
    });
    await log.provision([input, output, rows, topics.deadLetters]);
  }, 120_000);

  afterAll(async () => {
    await log?.close();
    await kafka?.process.kill();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('consumers, tables, publishers and admin go on without a new process, each record once', async () => {
    const seen: string[] = [];
    const exact = await log.consume<Uint8Array>(
      { topic: input, group: 'exact', guarantee: 'exactly-once' },
      async ({ records }) => ({ emit: records.map((of) => ({ topic: output, key: of.key, value: of.value, of })) }),
    );
    const least = await log.consume<Uint8Array>(
      { topic: input, group: 'least', guarantee: 'at-least-once' },
      async ({ records }) => void seen.push(...records.map(({ raw }) => raw!.toString())),
    );
    const table = await log.table<Uint8Array>(rows);
    const changes: string[] = [];
    table.onChange((key, value) => changes.push(`${key}=${value && Buffer.from(value).toString()}`));
    await publish('before');
    await arrived('before', seen, table);
    await goesAway([exact, least]);
    expect(fatal).toEqual([]);
    kafka = await start();
    await waitFor(() => exact.isReady() && least.isReady(), { ...PATIENCE, what: 'both consumers to join again' });
    await log.check();
    await publish('after');
    await arrived('after', seen, table);
    const outputs = (await all(output)).map(({ raw }) => raw!.toString());
    expect(outputs.sort()).toEqual(['after', 'before']);
    expect(changes).toEqual(['row=before', 'row=after']);
    expect(fatal).toEqual([]);
  }, 300_000);

  async function goesAway(subscriptions: Subscription[]): Promise<void> {
    await kafka.process.kill();
    const what = 'nobody to say it is ready';
    await waitFor(() => !subscriptions.some((each) => each.isReady()), { ...PATIENCE, what });
    await expect(log.check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(publish('lost')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  }

  async function arrived(value: string, seen: string[], table: Table<Uint8Array>): Promise<void> {
    await waitFor(async () => (await all(output)).some(({ raw }) => raw!.toString() === value), {
      ...PATIENCE,
      what: `output '${value}'`,
    });
    await waitFor(() => seen.includes(value), { ...PATIENCE, what: `'${value}' at least once` });
    await waitFor(() => Buffer.from(table.get('row') ?? '').toString() === value, {
      ...PATIENCE,
      what: `row ${value}`,
    });
  }

  const publish = (text: string) => {
    const value = Buffer.from(text);
    return log.publish([
      { topic: input, key: 'k', value },
      { topic: rows, key: 'row', value },
    ]);
  };

  async function all(from: Topic<Uint8Array>): Promise<Array<EventRecord<Uint8Array>>> {
    const found: Array<EventRecord<Uint8Array>> = [];
    for await (const { records } of log.read(from, await log.offsets(from))) found.push(...records);
    return found;
  }
});
