import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { topics, type DeploymentApplied } from '@headrace/contracts';
import { waitFor } from '@headrace/dev';
import { StreamingFixture, type Pool } from './streaming-fixture.js';

/** Deploys, answers under load, is deleted meanwhile. */
let fixture: StreamingFixture;
let pool: Pool | undefined;

beforeAll(async () => {
  fixture = await new StreamingFixture().open();
}, 60_000);

afterAll(async () => {
  await pool?.stop();
  await fixture.close();
}, 60_000);

const effects = async (): Promise<DeploymentApplied[]> =>
  (await fixture.all<DeploymentApplied>(topics.deploymentEffects))
    .map(({ value }) => value)
    .filter(({ deployment }) => deployment === fixture.deployment);
const removed = async () => (await effects()).filter(({ state }) => state === 'REMOVED');
const remove = () => fixture.eventLog.publish([{ topic: topics.deployments, key: fixture.deployment, value: null }]);
const produce = (from: number, count: number) =>
  fixture.produce(
    Array.from({ length: count }, (_, n) => ({
      partition: n % 3,
      value: JSON.stringify({ id: `r-${from + n}`, x: 1, y: 2 }),
    })),
  );
/** By partition: the offset after the last record that was answered. */
const answeredTo = async () => {
  const ends = [0, 0, 0];
  for (const { value } of await fixture.predictions())
    ends[value.input!.partition] = Math.max(ends[value.input!.partition]!, value.input!.offset + 1);
  return ends;
};

it('a deployment that is deleted under load ends at an offset of each partition, told once, and goes on there when it is made again', async () => {
  await fixture.deploy(1);
  pool = await fixture.startWorker(undefined, { STREAMING_WORKERS: '2' });
  let produced = 0;
  let stop = false;
  const load = (async () => {
    while (!stop) {
      await produce(produced, 60);
      produced += 60;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await waitFor(async () => (await answeredTo()).every((end) => end > 50), { what: 'answers', timeoutMs: 60_000 });
  await remove();
  await waitFor(async () => (await removed()).length === 3, { what: 'its end to be told', timeoutMs: 60_000 });
  const atRemoval = produced;
  await waitFor(() => produced > atRemoval + 200, { what: 'more load' });
  stop = true;
  await load;
  const told = (await removed()).sort((a, b) => a.partition - b.partition);
  expect(told.map(({ partition }) => partition)).toEqual([0, 1, 2]);
  expect(told.map(({ fromOffset }) => fromOffset)).toEqual(await answeredTo());
  await fixture.deploy(2);
  await fixture.settled();
  const predictions = (await fixture.predictions()).map(({ value }) => value);
  expect(predictions).toHaveLength(produced);
  for (const { input, version } of predictions)
    expect(version).toBe(input!.offset < told[input!.partition]!.fromOffset ? 1 : 2);
  const applied = (await effects()).filter(({ state, version }) => state !== 'REMOVED' && version === 2);
  for (const { partition, fromOffset } of told)
    expect(applied.find((each) => each.partition === partition)?.fromOffset).toBe(fromOffset);
}, 180_000);

it('one that is deleted while every process is killed is told by the next that start, once', async () => {
  const before = (await removed()).length;
  await pool!.killAll();
  await remove();
  const services = await Promise.all([fixture.startWorker(), fixture.startWorker()]);
  try {
    await waitFor(async () => (await removed()).length === before + 3, {
      what: 'its end to be told',
      timeoutMs: 90_000,
    });
    expect((await removed()).slice(before).map(({ version }) => version)).toEqual([2, 2, 2]);
    const ends = new Map((await removed()).map(({ partition, fromOffset }) => [partition, fromOffset]));
    expect([0, 1, 2].map((partition) => ends.get(partition))).toEqual(await answeredTo());
  } finally {
    // Each finishes what it has in hand: nothing is told a second time.
    await Promise.all(services.map((each) => each.stop()));
    pool = undefined;
  }
  expect(await removed()).toHaveLength(before + 3);
}, 180_000);
