import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type Topic } from '@headrace/contracts';
import {
  bindingsOf,
  clientOptions,
  needing,
  repositoryRoot,
  SecuredKafka,
  waitFor,
  type KafkaAccess,
} from '@headrace/dev';
import { createLogger, kafkaConfig, loadConfig, Metrics, type HeadraceError } from '@headrace/service-kit';
import kafkajs, { type AclEntry } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLog, EventRecord, OutgoingEvent, Subscription } from '../src/event-log.js';
import { KafkaEventLog } from '../src/kafka-event-log.js';

const PATIENCE = { timeoutMs: 60_000 };
const { TOPIC, GROUP, TRANSACTIONAL_ID } = kafkajs.AclResourceTypes;

/** Users whose ACLs are those of the guide but for one kind of resource. */
const LACKING: Record<string, (acl: AclEntry) => boolean> = {
  'lacks-output': ({ resourceType, resourceName }) => resourceType === TOPIC && resourceName === 'payments.predictions',
  'lacks-input': ({ resourceType, resourceName }) => resourceType === TOPIC && resourceName === 'payments',
  'lacks-group': ({ resourceType }) => resourceType === GROUP,
  'lacks-transactions': ({ resourceType }) => resourceType === TRANSACTIONAL_ID,
};

const bytes = (name: string, cleanup: 'delete' | 'compact' = 'delete'): Topic<Uint8Array> => ({
  ...topics.deadLetters,
  name,
  partitions: 2,
  cleanup,
});
const predictions = bytes('payments.predictions');
/** What `payments` holds; the third is no JSON. */
const PAYMENTS = ['{"n":1}', '{"n":2}', 'no json', '{"n":4}'];

const secured = needing(it, 'openssl');

describe('on a secured broker, with the ACLs of docs/guides/secured-kafka.md', () => {
  let kafka: SecuredKafka;
  const opened: EventLog[] = [];

  beforeAll(async () => {
    kafka = await SecuredKafka.start(Object.keys(LACKING));
    const guide = readFileSync(join(repositoryRoot, 'docs/guides/secured-kafka.md'), 'utf8');
    const restricted = Object.entries(LACKING).flatMap(([user, lacks]) =>
      bindingsOf(guide, user).filter((acl) => !lacks(acl)),
    );
    await kafka.allow([...bindingsOf(guide, 'headrace'), ...restricted]);
    const admin = open(kafka.access('admin')).log;
    await admin.provision([bytes('payments'), predictions, bytes('hidden'), topics.deadLetters]);
    await produce(PAYMENTS);
  }, 180_000);

  afterAll(async () => {
    await Promise.all(opened.map((log) => log.close()));
    await kafka?.close();
  }, 60_000);

  describe.each([
    ['PLAIN', () => kafka.access('headrace', 'plain')],
    ['SCRAM-SHA-256', () => kafka.access('headrace', 'scram-sha-256')],
    ['SCRAM-SHA-512', () => kafka.access('headrace', 'scram-sha-512')],
    ['a client certificate', () => kafka.certifiedAccess('headrace')],
  ])('as a user with %s', (name, access) => {
    const place = name.replaceAll(' ', '-');
    const group = `headrace.test.${place}`;
    const rows = bytes(`headrace.rows-${place}`, 'compact');
    let log: EventLog;

    beforeAll(async () => {
      log = open(access()).log;
      await log.check();
      await log.provision([rows, topics.deadLetters]);
    });

    secured('publishes, reads, and follows a table', async () => {
      const row = (key: string, text: string): OutgoingEvent => ({ topic: rows, key, value: Buffer.from(text) });
      await log.publish([row('a', '1'), row('b', '2')]);
      const table = await log.table(rows);
      expect([...table.entries()].map(([key, value]) => [key, textOf(value)]).sort()).toEqual([
        ['a', '1'],
        ['b', '2'],
      ]);
      await log.publish([row('a', '3')]);
      await table.caughtUp();
      expect(textOf(table.get('a')!)).toBe('3');
      await table.stop();
      expect((await all(log, rows)).map(({ raw }) => raw!.toString()).sort()).toEqual(['1', '2', '3']);
    });

    secured('writes outputs, dead letters and offsets in transactions', async () => {
      const subscription = await log.consume<{ n: number }>(
        { topic: 'payments', group, guarantee: 'exactly-once' },
        async ({ records }) => ({
          emit: records.map((of) => ({ topic: predictions, key: name, value: Buffer.from(String(of.value.n)), of })),
        }),
      );
      const own = async () => (await all(log, predictions, kafka)).filter(({ key }) => key?.toString() === name);
      await waitFor(async () => (await own()).length === 3, { ...PATIENCE, what: 'three outputs' });
      await waitFor(async () => (await lettersOf(log, group)).length === 1, { ...PATIENCE, what: 'a dead letter' });
      await subscription.stop();
      expect((await own()).map(({ raw }) => raw!.toString()).sort()).toEqual(['1', '2', '4']);
      const [letter] = await lettersOf(log, group);
      expect(letter!.raw?.toString()).toBe('no json');
    });

    secured('consumes at least once', async () => {
      const seen: number[] = [];
      const subscription = await log.consume<{ n: number }>(
        { topic: 'payments', group: `${group}.least`, guarantee: 'at-least-once' },
        async ({ records }) => void seen.push(...records.map(({ value }) => value.n)),
      );
      await waitFor(() => seen.length >= 3, { ...PATIENCE, what: 'three records' });
      await subscription.stop();
      expect(seen.sort()).toEqual([1, 2, 4]);
    });
  });

  describe('says what is wrong and what to do', () => {
    secured('when the password is wrong, the authority another one, or the certificate missing', async () => {
      const [plain, scram] = [kafka.access('headrace'), kafka.access('headrace', 'scram-sha-512')];
      const without = { KAFKA_SSL_CERT_FILE: '', KAFKA_SSL_KEY_FILE: '' };
      await Promise.all([
        expectRefused({ ...plain, KAFKA_SASL_PASSWORD: 'guessed' }, 'CONFIG_INVALID', 'KAFKA_SASL_PASSWORD'),
        expectRefused({ ...scram, KAFKA_SASL_PASSWORD: 'guessed' }, 'CONFIG_INVALID', 'KAFKA_SASL_PASSWORD'),
        expectRefused({ ...plain, KAFKA_SSL_CA_FILE: kafka.foreignCaFile() }, 'CONFIG_INVALID', 'KAFKA_SSL_CA_FILE'),
        expectRefused({ ...kafka.certifiedAccess('headrace'), ...without }, 'CONFIG_INVALID', 'KAFKA_SSL_CERT_FILE'),
      ]);
    });

    secured('when a topic, group, or everything is forbidden', async () => {
      await Promise.all([
        expectForbidden('stranger', 'payments'),
        expectForbidden('lacks-input', 'payments'),
        expectExplained('lacks-group', 'headrace.forbidden.lacks-group'),
      ]);
    });

    secured(
      'when an output or the transactional id is forbidden; it is not tried for ever, nor at once again',
      async () => {
        await Promise.all([
          expectForbidden('lacks-output', 'payments.predictions'),
          expectExplained('lacks-transactions', 'headrace.forbidden.lacks-transactions/payments/'),
        ]);
        const log = open(kafka.access('admin')).log;
        expect((await all(log, predictions)).filter(({ key }) => key?.toString() === 'forbidden')).toEqual([]);
      },
    );

    secured('when a table, a publication or a topic to be made is forbidden', async () => {
      const { log } = open(kafka.access('headrace'));
      const forbidden = { code: 'FORBIDDEN', retry: 'never', message: expect.stringContaining('hidden') };
      const event = { topic: bytes('hidden'), key: 'k', value: Buffer.from('v') };
      await expect(log.publish([event])).rejects.toMatchObject(forbidden);
      await expect(log.table(bytes('hidden'))).rejects.toMatchObject(forbidden);
      await expect(log.offsets('hidden')).rejects.toMatchObject(forbidden);
      await expect(log.provision([bytes('hidden-new')])).rejects.toMatchObject(forbidden);
    });

    async function expectRefused(access: KafkaAccess, code: string, setting: string): Promise<void> {
      const refused = { code, retry: 'never', message: expect.stringContaining(setting) };
      const log = open(access).log;
      await Promise.all([
        expect(log.check()).rejects.toMatchObject(refused),
        expect(log.publish([{ topic: predictions, key: 'k', value: null }])).rejects.toMatchObject(refused),
        endOf(access, 'headrace.refused').then(({ error }) => expect(error).toMatchObject(refused)),
      ]);
    }

    async function expectForbidden(user: string, name: string): Promise<void> {
      const { error, attempts } = await endOf(kafka.access(user), `headrace.forbidden.${user}`);
      expect(error).toMatchObject({ code: 'FORBIDDEN', retry: 'never', message: expect.stringContaining(name) });
      expect(error.message).toMatch(/ACL/);
      expect(attempts).toBeLessThanOrEqual(20);
    }

    /** A client library may hide which answer it was; then the work is tried again, and the log says what it may be. */
    async function expectExplained(user: string, name: string): Promise<void> {
      const { log, said } = open(kafka.access(user));
      const consuming = consumePayments(log, `headrace.forbidden.${user}`, () => undefined).catch((error: Error) =>
        said.push(error.message),
      );
      const explained = () => said.some((message) => message.includes(name) && message.includes('ACL'));
      await waitFor(explained, { ...PATIENCE, what: `${name} and an ACL to be named` });
      await log.close();
      await consuming;
    }
  });

  /** How a subscription fares that cannot work: `consume` rejects, or it keeps failing, which ends nothing else; and how often the handler was tried. */
  async function endOf(access: KafkaAccess, group: string): Promise<{ error: HeadraceError; attempts: number }> {
    const { log, fatal } = open(access);
    let attempts = 0;
    try {
      const subscription = await consumePayments(log, group, () => attempts++);
      const error = await waitFor(() => subscription.failure(), { ...PATIENCE, what: `${group} to fail` });
      expect(fatal).toEqual([]);
      return { error: error as HeadraceError, attempts };
    } catch (error) {
      return { error: error as HeadraceError, attempts };
    }
  }

  function consumePayments(log: EventLog, group: string, onBatch: () => void): Promise<Subscription> {
    return log.consume({ topic: 'payments', group, guarantee: 'exactly-once' }, async ({ records }) => {
      onBatch();
      return { emit: records.map((of) => ({ topic: predictions, key: 'forbidden', value: Buffer.from('x'), of })) };
    });
  }

  /** With what it finds fatal, and what it says in its log. */
  function open(access: KafkaAccess): { log: EventLog; fatal: Error[]; said: string[] } {
    const fatal: Error[] = [];
    const said: string[] = [];
    const log = new KafkaEventLog({
      source: 'secured',
      config: loadConfig(kafkaConfig, { ...access, KAFKA_SESSION_TIMEOUT_MS: '6000' }),
      logger: createLogger('secured', 'warn', { write: (line) => void said.push(line) }),
      metrics: new Metrics(),
      onFatal: (error) => void fatal.push(error),
    });
    opened.push(log);
    return { log, fatal, said };
  }

  async function produce(values: string[]): Promise<void> {
    const producer = new kafkajs.Kafka(clientOptions(kafka.access('admin'))).producer();
    await producer.connect();
    await producer.send({ topic: 'payments', messages: values.map((value) => ({ key: 'k', value })) });
    await producer.disconnect();
  }

  /** Outputs are for others to read: the user itself may only write there. */
  async function all(log: EventLog, topic: Topic<Uint8Array>, as?: SecuredKafka) {
    const reader = as ? open(as.access('admin')).log : log;
    const found: Array<EventRecord<Uint8Array>> = [];
    for await (const { records } of reader.read(topic, await reader.offsets(topic))) found.push(...records);
    return found;
  }

  async function lettersOf(log: EventLog, group: string): Promise<Array<EventRecord<Uint8Array>>> {
    return (await all(log, topics.deadLetters)).filter(({ headers }) => headers['dlq_group']?.toString() === group);
  }
});

const textOf = (value: Uint8Array): string => Buffer.from(value).toString();
