import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const load = async <T>(path: string): Promise<T> => (await import(path)) as T;
const { parseStat, usageOf } = await load<{
  parseStat(stat: string): { parent: number; ticks: number };
  usageOf(pids: number[]): { cpuSeconds: number; rssBytes: number; peakRssBytes: number };
}>('./measure/process-usage.mjs');
const { figuresOf, percentile, slope } = await load<{
  figuresOf(samples: object[]): Record<string, number>;
  percentile(values: number[], p: number): number;
  slope(points: Array<{ x: number; y: number }>): number;
}>('./measure/samples.mjs');
const { figure, markdownTable, spread, throughputTable } = await load<{
  figure(value: number): string;
  markdownTable(head: string[], rows: string[][]): string;
  spread(values: number[]): string;
  throughputTable(results: object[]): string;
}>('./report/tables.mjs');
const { categoryOf, topOther, whereTimeGoes } = await load<{
  categoryOf(frame: { functionName: string; url: string }): string | null;
  whereTimeGoes(profile: object, records: number): Array<{ category: string; ms: number; share: number }>;
  topOther(profile: object): Array<{ name: string; ms: number }>;
}>('./report/cpu-profile.mjs');
const { memoryOf } = await load<{ memoryOf(samples: object[]): Record<string, number> }>('./report/memory.mjs');
const readings = await load<{
  readingBytes(i: number, schemaId: number): Buffer;
  readingSchema: string;
  recordId(i: number): string;
  indexOfId(id: string): number;
  featuresOf(i: number, into: number[]): number[];
  entityOf(i: number): string;
  eventTime(i: number): number;
}>('./work/readings.mjs');
const { Book } = await load<{
  Book: new (input: object) => { seen(i: number, partition: number): void; close(): void; count: number };
}>('./work/verify-output.mjs');
const { outputChecker } = await load<{
  outputChecker(work: object, schema: string): (record: object) => { index: number; echo: boolean };
}>('./work/expected-output.mjs');

describe('parseStat', () => {
  it('adds user and system time of the process and of ended children, whatever its name holds', () =>
    expect(parseStat('12 (a) b (c)) S 7 12 12 0 -1 4194304 100 0 0 0 30 4 200 1000 20 0 11 0 99')).toEqual({
      parent: 7,
      ticks: 30 + 4 + 200 + 1000,
    }));
});

(process.platform === 'linux' ? it : it.skip)('usageOf counts what this process burns (Linux)', () => {
  const before = usageOf([process.pid]);
  const end = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < end);
  const after = usageOf([process.pid]);
  // Ticks are 10 ms.
  expect(after.cpuSeconds - before.cpuSeconds).toBeGreaterThanOrEqual(0.04);
  expect(after.peakRssBytes).toBeGreaterThanOrEqual(after.rssBytes);
});

describe('figuresOf', () => {
  const sample = (seconds: number, cpuSeconds: number, committed: number, rssBytes = 1, largestRssBytes = 1) => ({
    seconds,
    cpuSeconds,
    committed,
    rssBytes,
    largestRssBytes,
  });
  const figures = figuresOf([sample(1, 0.5, 0), sample(3, 1.5, 100, 7, 5), sample(4, 1.75, 600), sample(5, 2, 1100)]);

  it('tells CPU since the signal, since the process began, and of the warm part', () =>
    expect(figures).toMatchObject({
      cpuPerMillion: 1.5e6 / 1100,
      wholeCpuPerMillion: 2e6 / 1100,
      warmCpuPerMillion: 500,
    }));
  it('takes the rate over the warm part, the memory over all', () =>
    expect(figures).toMatchObject({
      eventsPerSecond: 500,
      peakRssBytes: 7,
      largestRssBytes: 5,
      records: 1100,
      seconds: 4,
    }));
  it('has figures of a run that one poll saw whole', () =>
    expect(figuresOf([sample(0, 1, 0), sample(2, 2, 10)])).toMatchObject({
      eventsPerSecond: 5,
      warmCpuPerMillion: 1e5,
    }));
});

describe('statistics', () => {
  it('percentile is the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([0.5, 0.99, 1].map((p) => percentile(values, p))).toEqual([50, 99, 100]);
  });
  it('slope is that of the line', () => expect(slope([1, 2, 5].map((x) => ({ x, y: 3 * x + 1 })))).toBeCloseTo(3));
  it('memory starts after the settling fifth, and tells the largest process', () => {
    const samples = Array.from({ length: 10 }, (_, n) => ({
      seconds: n * 360,
      rssBytes: (100 + n) * 2 ** 20,
      largestRssBytes: 90 * 2 ** 20,
    }));
    expect(memoryOf(samples)).toEqual({
      start: 102,
      end: 109,
      max: 109,
      largest: 90,
      slopeMibAnHour: expect.closeTo(10),
    });
  });
});

describe('tables', () => {
  it('aligns figures to the right', () =>
    expect(markdownTable(['a', 'b'], [['x', '1']])).toBe('| a | b |\n| --- | ---: |\n| x | 1 |'));
  it.each([
    [0.414, '0.41'],
    [37.04, '37.0'],
    [1240.4, '1,240'],
    [NaN, '–'],
  ])('%d is written %s', (value, text) => expect(figure(value)).toBe(text));
  it('shows median and spread of several runs', () => expect(spread([3, 1, 2])).toBe('2.00 (1.00–3.00)'));

  it('compares each worker with ours', () => {
    const run = (cpu: number, rate: number, echo = false) => ({
      records: 10,
      cpuPerMillion: cpu,
      warmCpuPerMillion: cpu,
      wholeCpuPerMillion: cpu,
      eventsPerSecond: rate,
      peakRssBytes: 2 * 2 ** 20,
      largestRssBytes: 2 ** 20,
      verified: { records: 10, echo },
    });
    const table = throughputTable([
      { label: 'ours', ours: true, runs: [run(2, 300, true)] },
      { label: 'peer', ours: false, runs: [run(4, 100)] },
    ]);
    expect(table).toContain('| ours | 10 | 2.00 |  | 2.00 | 2.00 | 300 |  | 2.00 | 1.00 | yes, with feature echo |');
    expect(table).toContain('| peer | 10 | 4.00 | 0.50× | 4.00 | 4.00 | 100 | 3.00× | 2.00 | 1.00 | yes |');
  });
});

describe('a CPU profile', () => {
  const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url },
    children,
  });
  const profile = {
    nodes: [
      node(1, '(root)', '', [2, 4, 5, 6]),
      node(2, 'append', 'file:///r/libs/event-log/dist/columns/record-batch-writer.js', [3]),
      node(3, 'copy', 'node:buffer'),
      node(4, '(idle)', ''),
      node(5, '(garbage collector)', ''),
      node(6, 'mystery', 'file:///r/x/y.js'),
    ],
    samples: [2, 3, 3, 4, 5, 6],
    timeDeltas: [1000, 1000, 1000, 50_000, 2000, 500],
  };

  it('gives a helper’s time to what its caller does, and leaves idle time out', () => {
    const rows = whereTimeGoes(profile, 1000);
    expect(rows.filter(({ ms }) => ms > 0).map(({ category, ms }) => [category, ms])).toEqual([
      ['produce', 3],
      ['GC', 2],
      ['other', 0.5],
      ['all', 5.5],
    ]);
  });
  it('names what it does not know', () =>
    expect(topOther(profile)).toEqual([expect.objectContaining({ name: 'mystery x/y.js', ms: 0.5 })]));
  it.each([
    ['decode', { functionName: 'fromBuffer', url: 'file:///r/node_modules/avsc/lib/types.js' }],
    ['encode', { functionName: 'toBuffer', url: 'file:///r/node_modules/avsc/lib/types.js' }],
    ['onnxruntime', { functionName: 'run', url: 'file:///r/node_modules/onnxruntime-node/dist/backend.js' }],
    [null, { functionName: 'copy', url: 'node:buffer' }],
  ])('knows %s', (category, frame) => expect(categoryOf(frame)).toBe(category));
});

describe('readings', () => {
  const type = avro.Type.forSchema(JSON.parse(readings.readingSchema) as avro.Schema);

  it('are Avro in Confluent framing, about 260 bytes, a function of their number', () => {
    const bytes = readings.readingBytes(7, 3);
    expect([bytes[0], bytes.readUInt32BE(1)]).toEqual([0, 3]);
    expect(type.fromBuffer(bytes.subarray(5))).toMatchObject({
      id: 'r000000000000007',
      f0: readings.featuresOf(7, [])[0],
    });
    expect(bytes.length).toBeGreaterThan(255);
    expect(bytes.equals(readings.readingBytes(7, 3))).toBe(true);
  });
  it('have ids that tell their number', () =>
    expect([readings.indexOfId(readings.recordId(42)), readings.indexOfId('x')]).toEqual([42, NaN]));
  it('have features of about unit variance', () => {
    const values = Array.from({ length: 500 }, (_, i) => readings.featuresOf(i, [])).flat();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(variance).toBeGreaterThan(0.9);
    expect(variance).toBeLessThan(1.1);
  });
});

describe('the book of a verification', () => {
  const input = { records: 3, ends: [2, 1], offsetOf: [0, 1, 0] };

  it('closes when each record was answered once, in order', () => {
    const book = new Book(input);
    [0, 1].forEach((i) => book.seen(i, 0));
    book.seen(2, 1);
    expect(() => book.close()).not.toThrow();
  });
  it.each([
    [[0, 0], /answered twice/],
    [[1, 0], /came after/],
  ])('refuses %j', (order, message) => {
    const book = new Book(input);
    expect(() => order.forEach((i) => book.seen(i, 0))).toThrow(message);
  });
  it('refuses what is missing', () => {
    const book = new Book(input);
    book.seen(0, 0);
    expect(() => book.close()).toThrow(/2 of 3 records have no output; the first is 1/);
  });
});

describe('outputChecker', () => {
  const schema = JSON.stringify(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/inference/prediction-made.avsc'), 'utf8')),
  );
  const type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'auto' });
  const work = {
    deployment: 'bench',
    model: { name: 'm', version: 2, runId: 'run' },
    input: { topic: 'in', records: 1, partitionOf: [3], offsetOf: [9] },
    output: 'out',
    schemaId: 5,
    keyOf: readings.entityOf,
    scores: { labels: [1], probabilities: [0.25, 0.75] },
  };
  const prediction = {
    predictionId: 'bench:r000000000000000',
    recordId: 'r000000000000000',
    deployment: 'bench',
    model: 'm',
    version: 2,
    runId: 'run',
    eventTime: readings.eventTime(0),
    score: 0.75,
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [], values: [1] },
      { name: 'probabilities', datatype: 'FP32', shape: [2], values: [0.25, 0.75] },
    ],
    features: null as number[] | null,
    input: { topic: 'in', partition: 3, offset: 9 },
  };
  const headers = {
    ce_specversion: '1.0',
    ce_id: 'bench:r000000000000000',
    ce_source: '/headrace/streaming',
    ce_type: 'out',
    ce_time: new Date(readings.eventTime(0)).toISOString(),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  const record = (value = prediction, more: object = {}) => ({
    partition: 3,
    key: Buffer.from(readings.entityOf(0)),
    value: Buffer.concat([Buffer.from([0, 0, 0, 0, 5]), type.toBuffer(value)]),
    headers: Object.fromEntries(
      Object.entries({ ...headers, ...more }).map(([name, text]) => [name, Buffer.from(String(text))]),
    ),
  });
  const check = outputChecker(work, schema);

  it('accepts the right output, with and without the feature row', () => {
    expect(check(record())).toEqual({ index: 0, echo: false });
    expect(check(record({ ...prediction, features: readings.featuresOf(0, []) }))).toEqual({ index: 0, echo: true });
  });
  it('accepts the last bits of a probability', () => {
    const near = {
      ...prediction,
      score: 0.750001,
      outputs: [prediction.outputs[0]!, { ...prediction.outputs[1]!, values: [0.249999, 0.750001] }],
    };
    expect(check(record(near))).toMatchObject({ index: 0 });
  });
  it.each([
    ['a wrong score', record({ ...prediction, score: 0.5 }), /score/],
    [
      'a probability that is off',
      record({
        ...prediction,
        score: 0.7,
        outputs: [prediction.outputs[0]!, { ...prediction.outputs[1]!, values: [0.3, 0.7] }],
      }),
      /probabilities/,
    ],
    ['another version', record({ ...prediction, version: 1 }), /differs/],
    ['another place', record({ ...prediction, input: { ...prediction.input, offset: 8 } }), /differs/],
    ['features that are not the record’s', record({ ...prediction, features: [1] }), /differs/],
    ['an unknown record', record({ ...prediction, recordId: 'r000000000000001' }), /never produced/],
    ['another partition', { ...record(), partition: 0 }, /is in partition 0/],
    ['another key', { ...record(), key: Buffer.from('x') }, /has key x/],
    ['a wrong header', record(prediction, { ce_type: 'other' }), /ce_type/],
    ['no trace', record(prediction, { traceparent: '' }), /traceparent/],
    ['one header more', record(prediction, { extra: '1' }), /headers are/],
  ])('refuses %s', (_, wrong, message) => expect(() => check(wrong)).toThrow(message));
});
