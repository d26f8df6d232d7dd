import { beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DeploymentSpec, type PredictionMade } from '@headrace/contracts';
import {
  eventHeaders,
  InMemorySchemaRegistry,
  ReaderSchemas,
  RecordBatchWriter,
  rowOf,
  Serde,
  type ColumnContext,
  type EventRecord,
  type OutgoingEvent,
  type Rejection,
} from '@headrace/event-log';
import { InMemoryModelStore, type LoadedModel, type Tensor } from '@headrace/model-runtime';
import { HeadraceError, traceIdOf } from '@headrace/service-kit';
import { columnsIn, columnsOf, type WrittenRecord } from '../../test/column-batch.js';
import { scoreBatch } from '../../test/score-rows.js';
import { ColumnScorer, redrivenForOthers } from './score-columns.js';
import { Scorer } from './scorer.js';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const spec: DeploymentSpec = {
  model: { name: 'm', version: 1 },
  input: { topic: 'in', recordId: 'id', eventTime: 'at', features: ['x', 'deep.y'], defaults: { 'deep.y': 9 } },
  output: { topic: 'out', score: 'probabilities' },
};
const schema = JSON.stringify({
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'id', type: ['long', 'string'] },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'x', type: 'double' },
    { name: 'deep', type: ['null', { type: 'record', name: 'Deep', fields: [{ name: 'y', type: 'int' }] }] },
  ],
});

/** Every kind of output; fails on a row whose first feature is 13, and has no number for 14. */
const model: LoadedModel = {
  inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 2] }],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    { name: 'class', datatype: 'BYTES', shape: [-1, 1] },
  ],
  close: async () => undefined,
  run: async ({ x }) => {
    const data = x!.data as Float64Array;
    const rows = data.length / 2;
    const first = Array.from({ length: rows }, (_, row) => data[row * 2]!);
    if (first.includes(13)) throw new HeadraceError('MODEL_INVALID', 'The model failed: 13');
    const outputs: Record<string, Tensor> = {
      label: {
        datatype: 'INT64',
        shape: [rows],
        data: BigInt64Array.from(first, (value) => BigInt(Math.trunc(value)) * -(2n ** 32n + 2n ** 31n)),
      },
      probabilities: {
        datatype: 'FP32',
        shape: [rows, 2],
        data: Float32Array.from({ length: rows * 2 }, (_, at) => (first[at >> 1] === 14 ? Number.NaN : data[at]! / 3)),
      },
      class: { datatype: 'BYTES', shape: [rows, 1], data: first.map((value) => `größe ${value}`) },
    };
    return outputs;
  },
};

const registry = new InMemorySchemaRegistry();
const readers = new ReaderSchemas(registry);
const serde = new Serde(registry, readers);
const output = { ...topics.predictions, name: 'out' };
let scorer: Scorer;

beforeAll(async () => {
  const store = new InMemoryModelStore();
  const resolved = { ...store.put('m', 3, Buffer.from('model')), name: 'modèle' };
  scorer = await Scorer.load({ runtime: { name: 'fake', load: async () => model }, store }, resolved, 1, spec);
});

async function avroRecord(
  value: Record<string, unknown>,
  more: Omit<WrittenRecord, 'value'> = {},
): Promise<WrittenRecord> {
  const topic = { ...topics.predictions, name: 'in', schema };
  return { value: await serde.encode<any>(topic, { note: null, deep: null, ...value }), ...more };
}

const json = (value: unknown, more: Omit<WrittenRecord, 'value'> = {}): WrittenRecord => ({
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  ...more,
});

async function scoreColumns(records: readonly WrittenRecord[], of: DeploymentSpec = spec) {
  const writer = new RecordBatchWriter({ initialBytes: 64, maxBatchBytes: 64 * 1024 * 1024 });
  const context: ColumnContext = {
    signal: new AbortController().signal,
    readerSchemaFor: (subject, writer) => readers.readerSchemaFor(subject, writer),
    output: async () => ({ partitions: 1, writerFor: () => writer }),
    schemaIdOf: (topic) => registry.idOf(`${topic.name}-value`, topic.schema as string),
  };
  const target = { deployment: 'd', spec: of, output };
  const columns = new ColumnScorer(target, 'streaming', redrivenForOthers('g'));
  const { reject, scored } = await columns.score(scorer, columnsOf('in', 3, records), context);
  expect(scored).toBe(writer.recordCount);
  if (scored === 0) return { written: [], reject };
  const events = columnsIn(writer, 'out', 0, scored);
  const written = Array.from({ length: scored }, (_, row) => rowOf(events, row));
  return { written, reject };
}

/** The same batch by way of objects. */
async function scoreRows(records: readonly WrittenRecord[], of: DeploymentSpec = spec) {
  const columns = columnsOf('in', 3, records);
  const decoded: Array<EventRecord<unknown>> = [];
  const reject: Array<Pick<Rejection, 'record' | 'code'> & { message?: string }> = [];
  for (const [row] of records.entries()) {
    const record = rowOf(columns, row);
    try {
      decoded.push({ ...record, value: await serde.decode('in', record) });
    } catch (error) {
      const { code, message } = error as HeadraceError;
      reject.push({ record, code, message });
    }
  }
  const target = { deployment: 'd', spec: of, output };
  const scored = await scoreBatch(target, scorer, { topic: 'in', partition: 3, records: decoded, highWatermark: 9 });
  return { emit: scored.emit, reject: [...reject, ...scored.reject].sort((a, b) => a.record.offset - b.record.offset) };
}

/** A traceparent's span is random. */
function headersOf(headers: Readonly<Record<string, string | Buffer>>): Array<[string, string]> {
  return Object.entries(headers).map(([name, value]) => [
    name,
    name === 'traceparent' ? (traceIdOf(String(value)) ?? 'none') : String(value),
  ]);
}

async function expectSame(records: readonly WrittenRecord[], of: DeploymentSpec = spec): Promise<void> {
  const [columns, rows] = [await scoreColumns(records, of), await scoreRows(records, of)];
  const events = await Promise.all(
    rows.emit.map(async (event: OutgoingEvent<PredictionMade>) => ({
      key: event.key,
      value: (await serde.encode(output, event.value))!.toString('hex'),
      headers: headersOf(eventHeaders(event, 'streaming')),
    })),
  );
  const written = columns.written.map(({ key, raw, headers }) => ({
    key,
    value: raw!.toString('hex'),
    headers: headersOf(headers),
  }));
  // A trace of its own, where there is none to continue, is random.
  const comparable = <T extends { headers: Array<[string, string]> }>(event: T, at: number) => ({
    ...event,
    headers: event.headers.filter(([name]) => name !== 'traceparent' || hasTrace(events[at]!.headers)),
  });
  expect(written.map(comparable)).toEqual(events.map(comparable));
  expect(columns.reject.map(({ row, code }) => [row, code])).toEqual(
    rows.reject.map(({ record, code }) => [record.offset, code]),
  );
  const said = (code: string, message?: string) => (code === 'UNDECODABLE' ? [] : [message]);
  expect(columns.reject.flatMap(({ code, message }) => said(code, message))).toEqual(
    rows.reject.flatMap(({ code, message }) => said(code, message)),
  );
}

function hasTrace(headers: Array<[string, string]>): boolean {
  return headers.some(([name, value]) => name === 'traceparent' && TRACE.includes(value));
}

const good = { id: 'a', at: Date.UTC(2001, 1, 3, 4, 5, 6, 7), x: 1.5 };

describe('scoring columns does what scoring rows does', () => {
  it('predictions: value, key and headers are the same bytes', async () => {
    const key = Buffer.from('k');
    const traceparent = [['traceparent', Buffer.from(TRACE)]] as const;
    await expectSame([
      await avroRecord({ ...good, deep: { y: -7 } }, { key, headers: traceparent }),
      await avroRecord({ ...good, id: 12_345_678_901_234 }),
      await avroRecord({ ...good, id: 'é'.repeat(200), at: -1 }, { key: Buffer.alloc(0) }),
      await avroRecord({ ...good, at: 8.64e15, note: 'x'.repeat(300) }, { headers: traceparent }),
      await avroRecord({ ...good, at: Date.UTC(1999, 11, 31, 23, 59, 59, 999), x: -0 }),
      json({ ...good, deep: { y: 2 } }, { key, headers: traceparent }),
      json({ schema: { type: 'struct' }, payload: { ...good, id: 5.5, at: '2001-02-03T04:05:06Z' } }),
    ]);
  });

  it('rejections: the same rows for the same reasons, their neighbours are scored', async () => {
    const whole = await avroRecord(good);
    await expectSame([
      whole,
      { value: null },
      { value: Buffer.alloc(0) },
      { value: whole.value!.subarray(0, 20) },
      { value: Buffer.concat([whole.value!, Buffer.from([0])]) },
      { value: Buffer.from([0, 0, 0, 0, 99, 1, 2]) },
      json('{"id": '),
      json([1]),
      await avroRecord({ ...good, x: Number.NaN }),
      await avroRecord({ ...good, id: '' }),
      await avroRecord({ ...good, at: 8.64e15 + 1 }),
      json({ ...good, x: 'one' }),
      json({ ...good, x: null }),
      await avroRecord({ ...good, x: 13 }),
      await avroRecord({ ...good, x: 14 }),
      whole,
    ]);
  });

  it('what no field is declared for: from headers, else from the broker', async () => {
    const bare: DeploymentSpec = { ...spec, input: { topic: 'in', features: ['x'], defaults: {} } };
    const single: DeploymentSpec = { ...bare, input: { ...bare.input, features: ['x', 'at'] } };
    const headers = [
      ['ce_id', Buffer.from('first')],
      ['ce_id', Buffer.from('last é')],
      ['ce_time', Buffer.from('2001-01-01T00:00:00Z')],
    ] as const;
    await expectSame(
      [
        await avroRecord(good, { headers, timestampMs: 77 }),
        await avroRecord(good, { timestampMs: 77 }),
        await avroRecord(good, {
          headers: [
            ['ce_id', Buffer.alloc(0)],
            ['ce_time', Buffer.from('soon')],
          ],
        }),
        json(good, { headers }),
        json(good),
      ],
      single,
    );
  });

  it('features are left out of predictions where the deployment says so', async () => {
    const { written } = await scoreColumns([await avroRecord(good)], {
      ...spec,
      output: { ...spec.output, echo: false },
    });
    const value = (await serde.decode(output, written[0]!)) as PredictionMade;
    expect(value).toMatchObject({ features: null, recordId: 'a', input: { topic: 'in', partition: 3, offset: 0 } });
  });

  it('a version of the schema that renamed, widened, added and dropped fields is read by the latest names', async () => {
    const evolved = JSON.stringify({
      type: 'record',
      name: 'Reading',
      fields: [
        { name: 'id', type: 'string' },
        { name: 'at', type: 'long' },
        { name: 'speed', type: 'double', aliases: ['x'] },
        { name: 'added', type: 'double', default: 4.25 },
      ],
    });
    const former = JSON.stringify({
      type: 'record',
      name: 'Reading',
      fields: [
        { name: 'gone', type: 'string' },
        { name: 'x', type: 'int' },
        { name: 'at', type: 'long' },
        { name: 'id', type: 'string' },
      ],
    });
    const topic = (text: string) => ({ ...topics.predictions, name: 'evolved', schema: text });
    const old = await serde.encode<any>(topic(former), { gone: 'g', x: 6, at: 5, id: 'old' });
    const young = await serde.encode<any>(topic(evolved), { id: 'new', at: 6, speed: 7.5, added: 1 });
    const input = { topic: 'evolved', recordId: 'id', eventTime: 'at', features: ['speed', 'added'] };
    const { written, reject } = await scoreColumns([{ value: old }, { value: young }], { ...spec, input });
    expect(reject).toEqual([]);
    const values = await Promise.all(written.map((record) => serde.decode(output, record) as Promise<PredictionMade>));
    expect(values.map(({ recordId, features }) => [recordId, features])).toEqual([
      ['old', [6, 4.25]],
      ['new', [7.5, 1]],
    ]);
  });

  it('a record that was redriven for another group is neither scored nor rejected', async () => {
    const redriven = (group: string) => ({ headers: [['headrace_redrive_group', Buffer.from(group)]] as const });
    const { written, reject } = await scoreColumns([
      await avroRecord({ ...good, id: 'mine' }, redriven('g')),
      await avroRecord({ ...good, id: 'theirs' }, redriven('other')),
    ]);
    const ids = written.map(({ headers }) => String(headers['ce_id']));
    expect([ids, reject]).toEqual([['d:mine'], []]);
  });

  it('a batch of more rows than one call of the model takes', async () => {
    const records = await Promise.all(
      Array.from({ length: 5000 }, (_, n) => avroRecord({ ...good, id: n, x: n === 4500 ? 13 : 1 })),
    );
    const { written, reject } = await scoreColumns(records);
    expect(reject).toMatchObject([{ row: 4500, code: 'MODEL_FAILED', message: 'The model failed: 13' }]);
    expect(written.map(({ headers }) => String(headers['ce_id']))).toEqual(
      Array.from({ length: 5000 }, (_, n) => `d:${n}`).filter((id) => id !== 'd:4500'),
    );
  });
});
