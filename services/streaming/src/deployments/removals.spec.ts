import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { topics, type DeploymentApplied } from '@headrace/contracts';
import { waitFor } from '@headrace/dev';
import { InMemoryEventLog, type Subscription } from '@headrace/event-log';
import { silentLogger } from '@headrace/service-kit';
import { Removals } from './removals.js';
import { groupOf } from './running-deployment.js';

let eventLog: InMemoryEventLog;
let removals: Removals;
const applied = (topic: string, partition: number, fromOffset: number): DeploymentApplied => ({
  deployment: 'd',
  generation: 4,
  model: 'm',
  version: 2,
  topic,
  partition,
  fromOffset,
});
const declare = (topic: string | null) => {
  const spec = JSON.stringify({ model: { name: 'm' }, input: { topic, features: [] }, output: { topic: 'out' } });
  const value = topic && { name: 'd', generation: 4, model: null, spec, cause: 'test', changedAt: 0 };
  return eventLog.publish([{ topic: topics.deployments, key: 'd', value }]);
};
const tell = (...effects: DeploymentApplied[]) =>
  eventLog.publish(effects.map((value) => ({ topic: topics.deploymentEffects, key: 'd', value })));
/** A worker, which answers what there is. */
const work = (topic: string): Promise<Subscription> =>
  eventLog.consume({ topic, group: groupOf('d'), guarantee: 'exactly-once' }, async () => undefined);
const settled = (topic: string, offsets: readonly number[]) =>
  waitFor(
    async () => {
      const committed = await eventLog.committed(groupOf('d'), topic);
      return offsets.every((offset, partition) => (committed.get(partition) ?? 0) === offset);
    },
    { what: `${topic} to be answered` },
  );
const removed = async () => {
  const found: DeploymentApplied[] = [];
  for await (const { records } of eventLog.read(
    topics.deploymentEffects,
    await eventLog.offsets(topics.deploymentEffects),
  ))
    found.push(...records.map(({ value }) => value).filter(({ state }) => state === 'REMOVED'));
  return found;
};
const produce = async (topic: string, partition: number, count: number) => {
  for (let n = 0; n < count; n++) await eventLog.produce(topic, { value: {}, partition });
};
const follow = async () => {
  removals = new Removals(eventLog, silentLogger());
  await removals.start();
};

beforeEach(async () => {
  eventLog = new InMemoryEventLog();
  await eventLog.provision(Object.values(topics));
  for (const name of ['in', 'other']) eventLog.create(name, 2);
  await declare('in');
  await produce('in', 0, 3);
  await produce('in', 1, 5);
});

afterEach(async () => {
  await removals.stop();
  await eventLog.close();
});

it('tells the offset of each partition, once its last worker has left', async () => {
  await follow();
  const worker = await work('in');
  await settled('in', [3, 5]);
  await tell(applied('in', 0, 0), applied('in', 1, 0));
  await declare(null);
  // Nobody tells it as long as it goes on.
  await produce('in', 1, 1);
  await settled('in', [3, 6]);
  expect(await removed()).toEqual([]);
  await worker.stop();
  await waitFor(async () => (await removed()).length === 2, { what: 'the removal to be told' });
  expect(await removed()).toEqual([
    { ...applied('in', 0, 3), state: 'REMOVED' },
    { ...applied('in', 1, 6), state: 'REMOVED' },
  ]);
});

it('tells what ended while nobody was there, and none of it again', async () => {
  const worker = await work('in');
  await settled('in', [3, 5]);
  await worker.stop();
  await tell(applied('in', 0, 0), applied('in', 1, 2));
  await declare(null);
  for (let start = 0; start < 2; start++) {
    await follow();
    await waitFor(async () => (await removed()).length === 2, { what: 'the removal to be told' });
    await removals.stop();
  }
  await follow();
  await removals.stop();
  expect((await removed()).map(({ fromOffset }) => fromOffset)).toEqual([3, 5]);
});

it('tells where the former topic ends when a deployment reads another one', async () => {
  await follow();
  const worker = await work('in');
  await settled('in', [3, 5]);
  await tell(applied('in', 0, 0));
  await declare('other');
  await worker.stop();
  const next = await work('other');
  await tell(applied('other', 0, 0));
  await waitFor(async () => (await removed()).length === 1, { what: 'the end to be told' });
  await next.stop();
  expect(await removed()).toMatchObject([{ topic: 'in', partition: 0, fromOffset: 3 }]);
});

it('one that is there again before its workers have left has not ended', async () => {
  await follow();
  const worker = await work('in');
  await settled('in', [3, 5]);
  await tell(applied('in', 0, 0));
  await declare(null);
  await declare('in');
  await worker.stop();
  await removals.stop();
  // By now it would have been told.
  await follow();
  await removals.stop();
  expect(await removed()).toEqual([]);
});
