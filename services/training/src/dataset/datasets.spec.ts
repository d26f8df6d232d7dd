import { InMemoryEventLog } from '@headrace/event-log';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Datasets, type TrainableSpec } from './datasets.js';
import { Timelines } from './timelines.js';

const hour = 3_600_000;
const spec: TrainableSpec = {
  model: { name: 'm', alias: 'champion' },
  input: { topic: 'features', recordId: 'id', eventTime: 'at', features: ['x', 'late'] },
  output: { topic: 'headrace.predictions' },
  labels: { topic: 'labels', recordId: 'id', value: 'truth', eventTime: 'at' },
  training: {
    trainer: 'logistic',
    windowMs: 10 * hour,
    bootstrapAfterMs: null,
    holdoutMs: 2 * hour,
    gate: { minRows: 1, minAucGain: 0, maxLogLossIncrease: 0, maxCalibrationError: 1 },
  },
};
const windowEnd = 20 * hour;

let log: InMemoryEventLog;
let datasets: Datasets;

const feature = (id: string, at: number, x: unknown = 1, partition = 0) =>
  log.produce('features', { value: { id, at: at * hour, x, late: true }, partition });
const label = (id: string, at: number, truth: unknown, partition = 0) =>
  log.produce('labels', { value: { id, at: at * hour, truth }, partition });

beforeEach(async () => {
  log = new InMemoryEventLog();
  log.create('features', 2);
  log.create('labels', 2);
  datasets = new Datasets(log, new Timelines(log));
});

describe('Datasets', () => {
  it('takes labelled rows of the window, in record-id order, and keeps the holdout out', async () => {
    await feature('before', 9.9);
    await feature('b', 12, 2, 1);
    await feature('a', 10, -1.5);
    await feature('kept', 18);
    await feature('after', 20);
    for (const id of ['before', 'a', 'kept', 'b', 'after']) await label(id, 19, id === 'b');
    const { data, snapshot, holdout } = await datasets.take(spec, windowEnd);
    expect([...data.features]).toEqual([-1.5, 1, 2, 1]);
    expect([...data.labels]).toEqual([0, 1]);
    expect(snapshot).toMatchObject({ rows: 2, fromTime: 10 * hour, toTime: 18 * hour });
    expect(snapshot.ranges).toEqual([
      { topic: 'features', partition: 0, from: 1, to: 2 },
      { topic: 'features', partition: 1, from: 0, to: 1 },
      { topic: 'labels', partition: 0, from: 1, to: 4 },
    ]);
    expect(holdout).toEqual({
      fromTime: 18 * hour,
      toTime: 20 * hour,
      rows: 1,
      ranges: [{ topic: 'features', partition: 0, from: 2, to: 3 }],
      labelRanges: [{ topic: 'labels', partition: 0, from: 2, to: 3 }],
    });
  });

  it('knows no label whose event time is not before the window’s end', async () => {
    await feature('a', 12);
    await feature('b', 12);
    await label('a', 20, true);
    await label('b', 19.9, true);
    await label('b', 20.5, false);
    const { data, leftOut } = await datasets.take(spec, windowEnd);
    expect([...data.labels]).toEqual([1]);
    expect(leftOut.unlabelled).toBe(1);
  });

  it('the latest label of a record counts, and its first features', async () => {
    await feature('a', 12, 5);
    await feature('a', 12, 6);
    await label('a', 13, false);
    await label('a', 14, true);
    const { data, leftOut } = await datasets.take(spec, windowEnd);
    expect([...data.labels]).toEqual([1]);
    expect(data.features[0]).toBe(5);
    expect(leftOut.repeated).toBe(1);
  });

  it('a redriven copy is neither a second record nor a correction', async () => {
    const headers = { headrace_redrive_group: 'g' };
    await feature('a', 12, 5);
    await label('a', 13, false);
    await label('a', 14, true);
    await log.produce('features', { value: { id: 'a', at: 12 * hour, x: 5, late: true }, headers });
    await log.produce('labels', { value: { id: 'a', at: 13 * hour, truth: false }, headers });
    const { data, leftOut } = await datasets.take(spec, windowEnd);
    expect([...data.labels]).toEqual([1]);
    expect(leftOut.repeated).toBe(0);
  });

  it('leaves out and counts records that no model could score', async () => {
    await feature('a', 12, 'NaN');
    await feature('b', 12, null);
    await feature('c', 12);
    for (const id of ['a', 'b', 'c']) await label(id, 13, 1);
    await label('c', 14, 'yes');
    const { data, leftOut } = await datasets.take(spec, windowEnd);
    expect([...data.labels]).toEqual([1]);
    expect(leftOut).toEqual({ unusable: 2, repeated: 0, unlabelled: 0 });
  });

  it('builds the same rows again from the snapshot, whatever has been appended since', async () => {
    for (let at = 10; at < 18; at += 0.01) {
      await feature(`r${at.toFixed(2)}`, at, at, Math.round(at * 100) % 2);
      await label(`r${at.toFixed(2)}`, at + 1, at > 14, Math.round(at * 100) % 2);
    }
    const { snapshot, data } = await datasets.take(spec, windowEnd);
    await feature('r10.00', 10, 99);
    await label('r10.00', 12, true);
    const again = await datasets.again(spec, snapshot, windowEnd);
    expect(again).toEqual(data);
    await expect(datasets.again(spec, { ...snapshot, sha256: 'other' }, windowEnd)).rejects.toMatchObject({
      code: 'CONFLICT',
      retry: 'never',
    });
  });

  it('reads only the chunks of the log that the window touches', async () => {
    for (let row = 0; row < 3 * 2048; row++) await feature(`r${row}`, row < 2048 ? 1 : 12, row);
    await label('r2048', 13, true);
    const timelines = new Timelines(log);
    await timelines.features(spec).refresh();
    expect(timelines.features(spec).rangesOf(10 * hour, windowEnd)).toEqual([
      { topic: 'features', partition: 0, from: 2048, to: 3 * 2048 },
    ]);
    expect(timelines.features(spec).firstTime).toBe(hour);
    expect(timelines.features(spec).lastTime).toBe(12 * hour);
  });
});
