import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testCluster, waitFor } from '@headrace/dev';
import { ConfluentSchemaRegistry, VALUE_SCHEMA_ID_HEADER } from '@headrace/event-log';
import avro from 'avsc';
import kafkajs, { type IHeaders } from 'kafkajs';
import { StreamingFixture, type Service } from './streaming-fixture.js';

type Value = string | Buffer | null;
/** A record, and what must become of it: 'scored', or the code of its one dead letter. */
interface Poison {
  readonly what: string;
  readonly becomes: string;
  readonly value: Value;
  readonly headers?: IHeaders;
}

const MIB = 1024 * 1024;
const good = (id: string, more = '') => `{"id": ${JSON.stringify(id)}, "x": 1, "y": 0.25${more}}`;
const id = (what: string) => `poison: ${what}`;
const unknownGuid = Buffer.concat([Buffer.from([1]), Buffer.alloc(16, 0xee)]);
const many = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`header-${n}`, value]));

const AVRO = {
  type: 'record',
  name: 'Poison',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'x', type: 'double' },
    { name: 'y', type: 'double' },
    { name: 'tags', type: { type: 'array', items: 'int' } },
  ],
};
const WRONG_SHAPE = {
  ...AVRO,
  fields: [
    { name: 'id', type: 'string' },
    { name: 'x', type: 'string' },
    { name: 'y', type: 'double' },
  ],
};

/** Names and values that the platform writes itself: those of a producer must change nothing. */
const FORGED = {
  dlq_code: 'FORGED',
  dlq_place: 'elsewhere/0@0',
  dlq_group: 'forged',
  dlq_message: 'forged',
  dlq_attempts: '-7',
  ce_id: 'forged',
  ce_time: '1970-01-01T00:00:00Z',
  ce_type: 'forged',
  traceparent: 'forged',
};

/** Names that a careless reader would give to every object. */
const PROTOTYPES = {
  ...JSON.parse('{"__proto__": "polluted"}'),
  constructor: 'c',
  toString: 't',
  hasOwnProperty: 'h',
} as IHeaders;

const UNTYPED: Poison[] = [
  { what: 'wrong magic byte', becomes: 'UNDECODABLE', value: Buffer.from([2, 0, 0, 0, 1, 2, 3, 4]) },
  { what: 'magic byte and nothing else', becomes: 'UNDECODABLE', value: Buffer.from([0]) },
  { what: 'unknown schema id', becomes: 'SCHEMA_UNKNOWN', value: Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2]) },
  { what: 'unknown GUID', becomes: 'SCHEMA_UNKNOWN', value: Buffer.concat([unknownGuid, Buffer.from([1, 2])]) },
  {
    what: 'unknown GUID in the header',
    becomes: 'SCHEMA_UNKNOWN',
    value: Buffer.from([1, 2]),
    headers: { [VALUE_SCHEMA_ID_HEADER]: unknownGuid },
  },
  {
    what: 'a header that names no schema',
    becomes: 'UNDECODABLE',
    value: good('x'),
    headers: { [VALUE_SCHEMA_ID_HEADER]: 'latest' },
  },
  { what: 'empty value', becomes: 'UNDECODABLE', value: Buffer.alloc(0) },
  { what: 'tombstone', becomes: 'UNDECODABLE', value: null },
  { what: 'not UTF-8', becomes: 'UNDECODABLE', value: Buffer.from([0x22, 0xff, 0xfe, 0x22]) },
  { what: 'JSON cut short', becomes: 'UNDECODABLE', value: good('x').slice(0, -2) },
  { what: 'JSON’s NaN', becomes: 'UNDECODABLE', value: '{"id": "x", "x": NaN, "y": 1}' },
  { what: 'infinity by a large exponent', becomes: 'NOT_FINITE', value: '{"id": "x", "x": -1e999, "y": 1}' },
  { what: 'an array', becomes: 'NOT_A_RECORD', value: '[1, 2]' },
  { what: 'JSON null', becomes: 'NOT_A_RECORD', value: 'null' },
  { what: 'an array for a feature', becomes: 'WRONG_TYPE', value: '{"id": "x", "x": [1], "y": 1}' },
  { what: 'text for a feature', becomes: 'WRONG_TYPE', value: '{"id": "x", "x": "1", "y": 1}' },
  { what: 'null for a feature', becomes: 'MISSING_FEATURE', value: '{"id": "x", "x": null, "y": 1}' },
  { what: 'an id beyond 2^53', becomes: 'MISSING_RECORD_ID', value: '{"id": 9007199254740993, "x": 1, "y": 1}' },
  { what: 'an id of 600 characters', becomes: 'MISSING_RECORD_ID', value: good('x'.repeat(600)) },
  { what: 'an object for an id', becomes: 'MISSING_RECORD_ID', value: '{"id": {}, "x": 1, "y": 1}' },
  {
    what: 'features on the prototype',
    becomes: 'MISSING_FEATURE',
    value: '{"id": "x", "__proto__": {"x": 1, "y": 1}}',
  },
  { what: '20 MB of nothing', becomes: 'UNDECODABLE', value: Buffer.alloc(20 * MIB, 0x20) },
  { what: 'deep nesting without an end', becomes: 'UNDECODABLE', value: '['.repeat(500_000) },
  { what: 'bad, under 10,000 headers', becomes: 'UNDECODABLE', value: 'x', headers: many(10_000, 'v') },
  { what: 'bad, with a header of 1 MB', becomes: 'UNDECODABLE', value: 'x', headers: { large: Buffer.alloc(MIB, 1) } },
  { what: 'bad, with forged headers', becomes: 'UNDECODABLE', value: 'x', headers: FORGED },
  { what: 'bad, with names of a prototype', becomes: 'UNDECODABLE', value: 'x', headers: PROTOTYPES },
  {
    what: 'bad, with 3 MB of forged headers',
    becomes: 'UNDECODABLE',
    value: 'x',
    headers: Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`dlq_forged_${n}`, 'f'.repeat(1000)])),
  },

  {
    what: '20 MB beside the features',
    becomes: 'scored',
    value: good(id('20 MB beside the features'), `, "pad": "${'p'.repeat(20 * MIB)}"`),
  },
  {
    what: 'deep nesting',
    becomes: 'scored',
    value: good(id('deep nesting'), `, "deep": ${'['.repeat(200_000)}${']'.repeat(200_000)}`),
  },
  { what: 'a key twice', becomes: 'scored', value: `{"id": "${id('a key twice')}", "x": "first", "x": 1, "y": 0.25}` },
  {
    what: 'many digits',
    becomes: 'scored',
    value: `{"id": "${id('many digits')}", "x": 1.${'0'.repeat(100_000)}, "y": 0.25}`,
  },
  { what: '10,000 headers', becomes: 'scored', value: good(id('10,000 headers')), headers: many(10_000, 'v') },
  {
    what: 'a header of 1 MB',
    becomes: 'scored',
    value: good(id('a header of 1 MB')),
    headers: { large: Buffer.alloc(MIB, 1) },
  },
  {
    what: 'headers that are not UTF-8',
    becomes: 'scored',
    value: good(id('headers that are not UTF-8')),
    headers: { traceparent: Buffer.from([0xff, 0xfe]), ce_id: Buffer.from([0xc0]), '\udfff': 'lone surrogate' },
  },
  { what: 'forged headers', becomes: 'scored', value: good(id('forged headers')), headers: FORGED },
  { what: 'names of a prototype', becomes: 'scored', value: good(id('names of a prototype')), headers: PROTOTYPES },
  { what: 'a header twice', becomes: 'scored', value: good(id('a header twice')), headers: { ce_id: ['a', 'b'] } },
];

describe('a poisonous record becomes one dead letter or one prediction, and its neighbours are scored', () => {
  const registry = new ConfluentSchemaRegistry(testCluster.schemaRegistryUrl);
  let fixture: StreamingFixture;
  let worker: Service;
  let all: Poison[];
  let letters: Awaited<ReturnType<StreamingFixture['deadLetters']>>;
  let predictions: Awaited<ReturnType<StreamingFixture['predictions']>>;

  /** Avro of a schema that is registered under the topic's subject. */
  async function avroPoison(): Promise<Poison[]> {
    const prefix = async (subject: string, schema: object) => {
      const framed = Buffer.alloc(5);
      framed.writeUInt32BE(await registry.idOf(subject, JSON.stringify(schema)), 1);
      return framed;
    };
    const own = await prefix(`${fixture.input}-value`, AVRO);
    const foreign = await prefix(`${fixture.input}-foreign`, WRONG_SHAPE);
    const type = avro.Type.forSchema(AVRO as avro.Schema);
    const row = (x: number, what = 'x') => type.toBuffer({ id: id(what), x, y: 0.25, tags: [1, 2] });
    const make = (what: string, becomes: string, ...parts: Buffer[]) => ({
      what,
      becomes,
      value: Buffer.concat(parts),
    });
    /** Up to the array's count. */
    const head = row(1).subarray(0, -4);
    const claims = avro.Type.forSchema('long').toBuffer(2 ** 45);
    return [
      make('truncated Avro', 'UNDECODABLE', own, row(1).subarray(0, -5)),
      make('Avro without a payload', 'UNDECODABLE', own),
      make('Avro and more', 'UNDECODABLE', own, row(1), Buffer.from([0])),
      make('Avro that announces 2^45 items', 'UNDECODABLE', own, head, claims, Buffer.from([2])),
      make('Avro NaN', 'NOT_FINITE', own, row(Number.NaN)),
      make('Avro infinity', 'NOT_FINITE', own, row(Number.NEGATIVE_INFINITY)),
      make(
        'Avro of another schema',
        'WRONG_TYPE',
        foreign,
        avro.Type.forSchema(WRONG_SHAPE as avro.Schema).toBuffer({ id: 'x', x: 'one', y: 1 }),
      ),
      make('Avro as it should be', 'scored', own, row(1, 'Avro as it should be')),
    ];
  }

  beforeAll(async () => {
    fixture = await new StreamingFixture().open();
    await raiseLimit(fixture.input);
    await fixture.deploy(1);
    worker = await fixture.startWorker();
    all = [...UNTYPED, ...(await avroPoison())];
    for (const [at, { value, headers, what }] of all.entries()) {
      const record = { partition: 0, key: what, value, ...(headers ? { headers } : {}) };
      await fixture.producer.send({
        topic: fixture.input,
        messages: [record, { partition: 0, value: good(`neighbour-${at}`) }],
      });
    }
    const scored = all.filter(({ becomes }) => becomes === 'scored').length;
    await waitFor(
      async () => {
        [predictions, letters] = [await fixture.predictions(), await fixture.deadLetters()];
        return predictions.length >= all.length + scored && letters.length >= all.length - scored;
      },
      { what: 'all to be dealt with', timeoutMs: 120_000, pollMs: 500 },
    ).catch(() => undefined);
  }, 240_000);

  afterAll(async () => {
    await worker?.stop();
    await fixture?.close();
  }, 60_000);

  async function raiseLimit(topic: string): Promise<void> {
    const admin = new kafkajs.Kafka({ brokers: [testCluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: String(40 * MIB) }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
    await admin.disconnect();
  }

  it('each as it must', () => {
    const outcomes = new Map<string, string[]>(all.map(({ what }) => [what, []]));
    for (const { value } of predictions)
      if (!value.recordId.startsWith('neighbour-'))
        outcomes.get(value.recordId.replace('poison: ', ''))?.push('scored');
    const places = new Map(all.map(({ what }, at) => [`${fixture.input}/0@${2 * at}`, what]));
    for (const { headers } of letters)
      outcomes.get(places.get(String(headers['dlq_place'])) ?? '')?.push(String(headers['dlq_code']));
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(all.map(({ what, becomes }) => [what, [becomes]])));
  });

  it('every neighbour once, in order', () =>
    expect(predictions.map(({ value }) => value.recordId).filter((each) => each.startsWith('neighbour-'))).toEqual(
      all.map((_, at) => `neighbour-${at}`),
    ));

  it('a prediction is about what its record says, whatever its headers claim', () => {
    const { value, headers } = predictions.find((each) => each.value.recordId === id('forged headers'))!;
    expect(value).toMatchObject({ predictionId: `${fixture.deployment}:${id('forged headers')}`, features: [1, 0.25] });
    // Where no field is declared for it, the time is the producer's to say.
    expect(value.eventTime).toBe(Date.parse(FORGED.ce_time));
    expect(headers['ce_id']?.toString()).toBe(value.predictionId);
    expect(headers['traceparent']?.toString()).toMatch(/^00-[0-9a-f]{32}-/);
    expect(headers['dlq_code']).toBeUndefined();
  });

  it('a letter has the record’s bytes, key and headers; one that is too large for that says how large it was', () => {
    const letterOf = (what: string) =>
      letters.find(
        ({ headers }) =>
          String(headers['dlq_place']) === `${fixture.input}/0@${2 * all.findIndex((each) => each.what === what)}`,
      )!;
    const plain = letterOf('JSON cut short');
    expect({ key: plain.key?.toString(), raw: plain.raw?.toString() }).toEqual({
      key: 'JSON cut short',
      raw: good('x').slice(0, -2),
    });
    expect(letterOf('bad, under 10,000 headers').headers['header-9999']?.toString()).toBe('v');
    expect(letterOf('20 MB of nothing').headers['dlq_value_bytes']?.toString()).toBe(String(20 * MIB));
    expect(letterOf('bad, with a header of 1 MB').headers['dlq_value_bytes']?.toString()).toBe('1');
    expect(letterOf('bad, with forged headers').headers).toMatchObject({
      ce_id: expect.anything(),
      dlq_attempts: Buffer.from('1'),
    });
  });

  it('nothing stopped: the worker is the same, ready, and goes on', async () => {
    expect((await fetch(`${worker.url}/health/ready`)).status).toBe(200);
    await fixture.produce([{ partition: 0, value: good('after') }]);
    await waitFor(async () => (await fixture.predictions()).some(({ value }) => value.recordId === 'after'), {
      what: 'the record after all of them',
    });
  });
});
