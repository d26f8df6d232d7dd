import { expect, it } from '@jest/globals';
import { finalCounts } from './merge-snapshots.js';
import { Metrics } from './metrics.js';

function workerWith(records: number, version: number): Metrics {
  const metrics = new Metrics();
  metrics.counter({ name: 'records_total', help: 'r', labelNames: ['d'] }).inc({ d: 'a' }, records);
  metrics.gauge({ name: 'version', help: 'v' }).set(version);
  metrics.histogram({ name: 'seconds', help: 's', buckets: [1, 2] }).observe(records);
  return metrics;
}

it('adds counters and histograms of several processes, and states a gauge once', async () => {
  const metrics = new Metrics();
  metrics.gauge({ name: 'own', help: 'o' }).set(7);
  metrics.include(async () => [await workerWith(2, 3).snapshot(), await workerWith(1, 3).snapshot()]);
  const lines = (await metrics.scrape()).split('\n').filter((line) => !line.startsWith('#'));
  expect(lines).toEqual(
    expect.arrayContaining([
      'own 7',
      'records_total{d="a"} 3',
      'version 3',
      'seconds_bucket{le="1"} 1',
      'seconds_count 2',
    ]),
  );
});

it('counters of a process that has ended stay, its gauges do not', async () => {
  const ended = await finalCounts([await workerWith(2, 3).snapshot(), await workerWith(3, 9).snapshot()]);
  const metrics = new Metrics();
  metrics.include(async () => [await finalCounts([ended]), await workerWith(4, 5).snapshot()]);
  const lines = (await metrics.scrape()).split('\n');
  expect(lines).toEqual(expect.arrayContaining(['records_total{d="a"} 9', 'version 5', 'seconds_count 3']));
});
