import { topics, type DriftReported } from '@headrace/contracts';
import { testCluster, waitFor, type Service } from '@headrace/dev';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DriftWorld } from './drift-world.js';
import { messagesOf, records } from './synthetic-traffic.js';

const HOURS = 7;
const CLOSED = HOURS - 1;
const messages = messagesOf(records(HOURS, 400, 3));
/** So many instances while a part of the stream is played. */
const INSTANCES = [1, 4, 2, 4, 1];

/** The stream pauses while instances come and go; a partition that is idle lets the watermark go, and what comes then is late. */
const PATIENT = { DRIFT_IDLE_PARTITION_MS: '120000' };

const world = new DriftWorld(4);
const databases: Array<{ url: string; drop(): Promise<void> }> = [];
const instances: Service[] = [];

beforeAll(async () => {
  await world.prepare();
  databases.push(await testCluster.createDatabase('drift'), await testCluster.createDatabase('drift'));
}, 60_000);
afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.stop()));
  await world.log.close();
  for (const database of databases) await database.drop();
}, 60_000);

/** The last to come goes first; every second one dies instead. */
async function scaleTo(count: number): Promise<void> {
  while (instances.length > count) {
    const leaving = instances.pop()!;
    await (instances.length % 2 === 0 ? leaving.stop() : leaving.kill());
  }
  while (instances.length < count) instances.push(await world.start(databases[0]!.url, PATIENT));
}

/** Whether each instance that runs has consumed something since it was asked first. */
async function allWork(before: ReadonlyMap<Service, number>): Promise<boolean> {
  const now = await Promise.all(instances.map(consumed));
  return instances.every((instance, at) => now[at]! > (before.get(instance) ?? 0));
}

async function consumed(instance: Service): Promise<number> {
  const text = await (await fetch(`${instance.url}/metrics`)).text();
  const ours = text.split('\n').filter((line) => line.startsWith('headrace_consumed_records_total{'));
  return ours
    .filter((line) => line.includes(`topic="${world.predictions.name}"`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const withoutClock = ({ reportedAt: _, ...rest }: DriftReported) => rest;

it('from one instance to four and back, in the middle of the stream: the state is that of one that was never disturbed', async () => {
  const chunk = Math.ceil(messages.length / INSTANCES.length);
  for (const [part, count] of INSTANCES.entries()) {
    await scaleTo(count);
    const before = new Map(await Promise.all(instances.map(async (each) => [each, await consumed(each)] as const)));
    await world.send(messages.slice(part * chunk, (part + 1) * chunk));
    await waitFor(() => allWork(before), { what: `${count} instances to share the work`, timeoutMs: 90_000 });
  }
  const [one] = instances as [Service];
  const undisturbed = await world.start(databases[1]!.url, PATIENT);
  instances.push(undisturbed);
  for (const deployment of [world.watched, world.frozen]) {
    const windows = await world.windowsWhenClosed(one, deployment, CLOSED);
    const expected = await world.windowsWhenClosed(undisturbed, deployment, CLOSED);
    expect(windows.map(withoutClock)).toEqual(expected.map(withoutClock));
    expect(windows.some(({ verdict }) => verdict === 'DRIFT')).toBe(true);
  }
  const told = (await world.onTopic(topics.retrainCommands)).map(({ commandId }) => commandId);
  expect(new Set(told)).toEqual(new Set([`${world.watched}:1:1`]));
}, 300_000);
