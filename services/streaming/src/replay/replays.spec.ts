import { topics, type ReplayFinished, type ReplayRecords } from '@headrace/contracts';
import { InMemoryEventLog } from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { replayGroup } from './replay-names.js';
import { Replays, type ReplayRequest } from './replays.js';

const request: ReplayRequest = {
  replayId: 'one',
  deployment: 'risk',
  model: 'risk',
  version: 2,
  from: 'earliest',
  to: 'latest',
  outputTopic: topics.replays.name,
  recordsPerSecond: null,
};
const spec = { input: { topic: 'in', features: ['x'] }, output: { topic: 'out' }, labels: { topic: 'labels' } };
const catalogue = {
  async resolve(name: string, version: number) {
    if (version !== 2) throw new HeadraceError('NOT_FOUND', `The registry knows no ${name}@${version}`);
    return { name, version, runId: null, artifactUri: '', sha256: '' };
  },
};

let log: InMemoryEventLog;
let replays: Replays;

async function commands(): Promise<ReplayRecords[]> {
  const found: ReplayRecords[] = [];
  for await (const { records } of log.read(topics.replayCommands, await log.offsets(topics.replayCommands)))
    found.push(...records.map(({ value }) => value));
  return found;
}

async function started(): Promise<Replays> {
  const made = new Replays(log, catalogue);
  await made.start();
  return made;
}

beforeEach(async () => {
  log = new InMemoryEventLog();
  await log.provision(Object.values(topics));
  for (const name of ['in', 'out', 'labels', 'free']) log.create(name, 2);
  for (const partition of [0, 0, 1]) await log.produce('in', { value: { x: 1 }, partition });
  const value = { name: 'risk', generation: 1, model: null, spec: JSON.stringify(spec), cause: 'apply', changedAt: 0 };
  await log.publish([{ topic: topics.deployments, key: 'risk', value }]);
  replays = await started();
});
afterEach(async () => {
  await replays.stop();
  await log.close();
});

describe('asking for a replay', () => {
  it('writes one command, however often and by however many it is asked for', async () => {
    const other = await started();
    const first = await replays.request(request);
    expect(first.ranges).toEqual([
      { topic: 'in', partition: 0, from: 0, to: 2 },
      { topic: 'in', partition: 1, from: 0, to: 1 },
    ]);
    await log.produce('in', { value: { x: 1 }, partition: 1 });
    expect(await other.request(request)).toEqual(first);
    const fresh = { ...request, replayId: 'two', recordsPerSecond: 2.5 };
    const asked = await Promise.all([replays, other, replays, other].map((each) => each.request(fresh)));
    expect(new Set(asked.map((each) => JSON.stringify(each))).size).toBe(1);
    expect((await commands()).map(({ replayId, recordsPerSecond }) => [replayId, recordsPerSecond])).toEqual([
      ['one', null],
      ['two', 2.5],
    ]);
    await other.stop();
  });

  it('is no repetition when no id is given', async () => {
    const [a, b] = [
      await replays.request({ ...request, replayId: undefined }),
      await replays.request({ ...request, replayId: undefined }),
    ];
    expect(a.replayId).not.toBe(b.replayId);
    expect(await commands()).toHaveLength(2);
  });

  it.each([
    { deployment: 'other' },
    { model: 'other' },
    { version: 1 },
    { from: '0' },
    { to: 'in/0@1' },
    { outputTopic: 'free' },
    { recordsPerSecond: 5 },
  ])('conflicts with another one of its id: %p', async (other) => {
    await replays.request(request);
    await expect(replays.request({ ...request, ...other })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await commands()).toHaveLength(1);
  });

  it.each([
    [{ deployment: 'nobody' }, 'NOT_FOUND', /deployment nobody/],
    [{ version: 3 }, 'NOT_FOUND', /risk@3/],
    [{ outputTopic: 'nowhere' }, 'NOT_FOUND', /no topic nowhere.*headrace\.replays/],
    [{ outputTopic: 'in' }, 'INPUT_INVALID', /input topic of deployment risk/],
    [{ outputTopic: 'out' }, 'INPUT_INVALID', /live predictions of deployment risk/],
    [{ outputTopic: 'labels' }, 'INPUT_INVALID', /labels of deployment risk/],
    [{ outputTopic: topics.deployments.name }, 'INPUT_INVALID', /platform's own/],
    [{ outputTopic: topics.predictions.name }, 'INPUT_INVALID', /platform's own/],
    [{ from: 'latest' }, 'INPUT_INVALID', /no records of in/],
    [{ to: 'soon' }, 'INPUT_INVALID', /no point in the log/],
  ])('is refused: %p', async (wrong, code, message) => {
    await expect(replays.request({ ...request, ...wrong })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await commands()).toEqual([]);
  });

  it('may write to a topic of its own', async () => {
    expect(await replays.request({ ...request, outputTopic: 'free' })).toMatchObject({ outputTopic: 'free' });
  });
});

describe('cancelling a replay', () => {
  const asked = async () => {
    const found: string[] = [];
    const topic = topics.replayCancellations;
    for await (const { records } of log.read(topic, await log.offsets(topic)))
      found.push(...records.map(({ value, key }) => `${key!.toString()} ${value.replayId}`));
    return [...new Set(found)];
  };
  const end = (status: ReplayFinished['status'], reason: string | null = null) => {
    const { replayId, model, version, outputTopic } = { ...request, replayId: 'one' };
    const value = { replayId, status, reason, model, version, outputTopic, outputRanges: [], scored: 0 };
    return log.publish([{ topic: topics.replayResults, key: replayId, value }]);
  };

  it('is written once it is asked for, however often, and shows when it has ended', async () => {
    await replays.request(request);
    expect(await replays.cancel('one')).toMatchObject({ status: 'RUNNING' });
    expect(await replays.cancel('one')).toMatchObject({ status: 'RUNNING' });
    expect(await asked()).toEqual(['one one']);
    await end('CANCELLED', 'cancelled by api');
    expect(await replays.cancel('one')).toMatchObject({ status: 'CANCELLED', reason: 'cancelled by api' });
  });

  it.each([
    ['COMPLETED', null, /cannot be cancelled, as it is completed/],
    ['FAILED', 'no such file', /cannot be cancelled, as it failed \(no such file\)/],
  ] as const)('conflicts with one that is %s', async (status, reason, message) => {
    await replays.request(request);
    await end(status, reason);
    await expect(replays.cancel('one')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(message),
    });
    expect(await asked()).toEqual([]);
  });

  it('needs one that was asked for', async () => {
    await expect(replays.cancel('two')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await asked()).toEqual([]);
  });
});

describe('looking at a replay', () => {
  const finished = (more: object = {}): ReplayFinished => ({
    replayId: 'one',
    status: 'COMPLETED',
    model: 'risk',
    version: 2,
    outputTopic: topics.replays.name,
    outputRanges: [{ topic: topics.replays.name, partition: 0, from: 0, to: 3 }],
    scored: 3,
    ...more,
  });
  const finish = (value: ReplayFinished) => log.publish([{ topic: topics.replayResults, key: 'one', value }]);

  it('shows what its group has committed, then how it ended, also to a service that has just started', async () => {
    await replays.request(request);
    expect(await replays.find('one')).toMatchObject({
      status: 'RUNNING',
      scored: null,
      progress: [
        { partition: 0, committed: 0, to: 2 },
        { partition: 1, committed: 0, to: 1 },
      ],
    });
    const ranges = [{ topic: 'in', partition: 0, from: 0, to: 2 }];
    const group = await log.consumeColumns({ topic: 'in', group: replayGroup('one'), ranges }, async () => undefined);
    await group.finished;
    expect((await replays.find('one')).progress!.map(({ committed }) => committed)).toEqual([2, 0]);
    await finish(finished());
    const other = await started();
    const seen = await other.find('one');
    expect(seen).toMatchObject({ status: 'COMPLETED', scored: 3, outputRanges: [{ to: 3 }] });
    expect(seen.progress!.map(({ committed }) => committed)).toEqual([2, 1]);
    await other.stop();
  });

  it('tells why it failed', async () => {
    await replays.request(request);
    await finish(finished({ status: 'FAILED', reason: 'no such file', outputRanges: [], scored: 0 }));
    // A worker that told it twice says nothing new.
    await finish(finished());
    expect(await replays.find('one')).toMatchObject({ status: 'FAILED', reason: 'no such file' });
  });

  it('lists the newest first, those that training asked for too', async () => {
    await replays.request(request);
    const value = {
      ...(await commands())[0]!,
      replayId: 'of-training',
      requestedBy: 'training:7',
      from: null,
      to: null,
    };
    await log.publish([{ topic: topics.replayCommands, key: 'of-training', value }]);
    expect((await replays.list(10)).map(({ replayId }) => replayId)).toEqual(['of-training', 'one']);
    expect(await replays.list(1)).toHaveLength(1);
    await expect(replays.find('two')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
