import { topics, type PredictionMade, type ReplayFinished, type ReplayRecords } from '@headrace/contracts';
import { uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { replayGroup } from '../src/replay/replay-names.js';
import type { ReplayView } from '../src/replay/replay-view.js';
import { StreamingFixture, type Pool } from './streaming-fixture.js';

const RECORDS = 3_000;
/** Slow enough for two kills in the middle. */
const RATE = 300;
const PATIENCE = { timeoutMs: 120_000 };
const TWO_WORKERS = { STREAMING_WORKERS: '2' };

describe('a replay of recorded traffic', () => {
  const fixture = new StreamingFixture();
  const replayed = { ...topics.replays, name: uniqueName('replayed'), partitions: 2 };
  let pool: Pool;
  let range: { from: string; to: string };

  beforeAll(async () => {
    await fixture.open(3);
    await fixture.eventLog.provision([replayed]);
    await fixture.deploy(1);
    pool = await fixture.startWorker(undefined, TWO_WORKERS);
    await produce('before', 100);
    const from = await afterLast();
    await produce('within', RECORDS);
    const to = await afterLast();
    await produce('after', 100);
    range = { from: new Date(from).toISOString(), to: String(to) };
    await fixture.settled();
  });

  afterAll(async () => {
    await pool.kill();
    await fixture.close();
  });

  async function produce(name: string, count: number): Promise<void> {
    const values = Array.from({ length: count }, (_, n) => ({ id: `${name}-${n}`, x: n % 7, y: n % 3 }));
    await fixture.produce(values.map((value, n) => ({ key: `key-${n % 40}`, value: JSON.stringify(value) })));
  }

  /** A time later than the append of all that is there, and not later than that of what comes next. */
  async function afterLast(): Promise<number> {
    const appended = (await fixture.all({ ...topics.deadLetters, name: fixture.input })).map(
      ({ timestampMs }) => timestampMs,
    );
    const last = Math.max(...appended);
    await waitFor(() => Date.now() > last + 1, { what: 'the clock to move' });
    return last + 1;
  }

  const request = (more: object = {}) => ({
    replayId: randomUUID(),
    deployment: fixture.deployment,
    model: fixture.model,
    version: 2,
    ...range,
    outputTopic: replayed.name,
    ...more,
  });

  async function ask(body: object): Promise<{ status: number; body: any }> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${pool.url}/api/headrace/v1/replays`, init);
    return { status: response.status, body: await response.json() };
  }

  async function cancel(replayId: string): Promise<{ status: number; body: any }> {
    const response = await fetch(`${pool.url}/api/headrace/v1/replays/${replayId}/cancel`, { method: 'POST' });
    return { status: response.status, body: await response.json() };
  }

  async function look(replayId: string): Promise<ReplayView> {
    const response = await fetch(`${pool.url}/api/headrace/v1/replays/${replayId}`);
    expect(response.status).toBe(200);
    return (await response.json()) as ReplayView;
  }

  const done = ({ progress }: ReplayView) => progress!.reduce((sum, { from, committed }) => sum + committed - from, 0);
  const reached = (replayId: string, count: number) =>
    waitFor(
      async () => {
        const seen = await look(replayId);
        return done(seen) >= count ? seen : undefined;
      },
      { ...PATIENCE, what: `${count} records of the replay` },
    );
  const completed = (replayId: string) =>
    waitFor(
      async () => {
        const seen = await look(replayId);
        return seen.status === 'RUNNING' ? undefined : seen;
      },
      { ...PATIENCE, what: 'the replay to finish' },
    );
  const inOrder = (offsets: ReadonlyMap<number, number>) => [...offsets].sort(([a], [b]) => a - b);
  const outputsOf = async (replayId: string) =>
    (await fixture.all<PredictionMade>(replayed)).filter(({ value }) => value.deployment === `replay:${replayId}`);
  const ids = (predictions: Array<{ value: PredictionMade }>) => predictions.map(({ value }) => value.recordId).sort();
  const within = Array.from({ length: RECORDS }, (_, n) => `within-${n}`).sort();

  it('has each record of the range once, none other, after kills of the workers and of everything, and live offsets stay', async () => {
    const body = request({ recordsPerSecond: RATE });
    const live = inOrder(await fixture.eventLog.committed(fixture.group, fixture.input));
    const predictions = (await fixture.predictions()).length;
    const first = await ask(body);
    expect(first).toMatchObject({ status: 202, body: { replayId: body.replayId } });

    await reached(body.replayId, RECORDS / 10);
    for (const pid of await pool.workerPids()) process.kill(pid, 'SIGKILL');
    expect(await look(body.replayId)).toMatchObject({ status: 'RUNNING', scored: null });

    const before = await reached(body.replayId, RECORDS / 2);
    expect(before.status).toBe('RUNNING');
    await pool.killAll();
    pool = await fixture.startWorker(undefined, TWO_WORKERS);
    // The one that was asked for is found by a service that knows nothing but the topics.
    expect(await ask(body)).toEqual(first);
    expect(await ask({ ...body, version: 1 })).toMatchObject({ status: 409, body: { title: 'CONFLICT' } });
    expect(done(await look(body.replayId))).toBeGreaterThanOrEqual(done(before));

    const end = await completed(body.replayId);
    expect(end).toMatchObject({ status: 'COMPLETED', scored: RECORDS, version: 2, recordsPerSecond: RATE });
    const outputs = await outputsOf(body.replayId);
    expect(ids(outputs)).toEqual(within);
    expect(new Set(outputs.map(({ value }) => value.version))).toEqual(new Set([2]));
    for (const { partition, offset } of outputs)
      expect(
        end.outputRanges.some((each) => each.partition === partition && each.from <= offset && offset < each.to),
      ).toBe(true);
    expect(inOrder(await fixture.eventLog.committed(fixture.group, fixture.input))).toEqual(live);
    expect((await fixture.predictions()).length).toBe(predictions);
    const commands = await fixture.all<ReplayRecords>(topics.replayCommands);
    expect(commands.filter(({ value }) => value.replayId === body.replayId)).toHaveLength(1);
  }, 300_000);

  it('that is throttled has done next to nothing when one that is not has done all', async () => {
    const [slow, fast] = [request({ recordsPerSecond: 1 }), request()];
    await ask(slow);
    // It is under way before the other begins.
    await reached(slow.replayId, 1);
    await ask(fast);
    expect(await completed(fast.replayId)).toMatchObject({ status: 'COMPLETED', scored: RECORDS });
    const seen = await look(slow.replayId);
    expect(seen.status).toBe('RUNNING');
    expect(done(seen)).toBeLessThan(RECORDS / 2);
    expect(ids(await outputsOf(fast.replayId))).toEqual(within);

    // Nobody else shall go on with it.
    await pool.killAll();
    const { replayId, model, version, outputTopic } = slow;
    const over = {
      replayId,
      status: 'FAILED' as const,
      reason: 'the test is over',
      model,
      version,
      outputTopic,
      outputRanges: [],
      scored: 0,
    };
    await fixture.eventLog.publish([
      { topic: topics.replayResults, key: replayId, value: over satisfies ReplayFinished },
    ]);
    pool = await fixture.startWorker();
    expect(await look(replayId)).toMatchObject({ status: 'FAILED', reason: 'the test is over' });
  }, 300_000);

  it('ends where it is cancelled, also when everything is killed first; what it has written is there once and counted', async () => {
    const body = request({ recordsPerSecond: RATE });
    await ask(body);
    await reached(body.replayId, RECORDS / 10);
    expect(await cancel(body.replayId)).toMatchObject({ status: 202, body: { replayId: body.replayId } });
    await pool.killAll();
    pool = await fixture.startWorker(undefined, TWO_WORKERS);
    const end = await completed(body.replayId);
    expect(end).toMatchObject({ status: 'CANCELLED', reason: 'cancelled by api', finishedAt: expect.any(Number) });
    const outputs = ids(await outputsOf(body.replayId));
    expect(end.scored).toBe(outputs.length);
    expect(outputs.length).toBe(done(end));
    expect(new Set(outputs).size).toBe(outputs.length);
    expect(outputs.length).toBeGreaterThanOrEqual(RECORDS / 10);
    expect(outputs.length).toBeLessThan(RECORDS);
    expect(await cancel(body.replayId)).toMatchObject({ status: 202, body: { status: 'CANCELLED' } });
    expect(await ask(body)).toMatchObject({ status: 202 });
    expect(await fixture.eventLog.members(replayGroup(body.replayId), fixture.input)).toBe(0);
  }, 300_000);

  it('that runs in two workers ends within its batch when it is cancelled, and one that is done cannot be', async () => {
    const [slow, fast] = [request({ recordsPerSecond: 3 }), request()];
    await ask(slow);
    await ask(fast);
    await reached(slow.replayId, 1);
    await cancel(slow.replayId);
    const end = await completed(slow.replayId);
    expect(end.status).toBe('CANCELLED');
    expect((await outputsOf(slow.replayId)).length).toBe(end.scored);
    expect(await completed(fast.replayId)).toMatchObject({ status: 'COMPLETED', scored: RECORDS });
    const refused = await cancel(fast.replayId);
    expect(refused).toMatchObject({ status: 409, body: { title: 'CONFLICT' } });
    expect(refused.body.detail).toContain('is completed');
    expect(await cancel(randomUUID())).toMatchObject({ status: 404, body: { title: 'NOT_FOUND' } });
  }, 300_000);

  it('is refused where it can do harm, or nothing', async () => {
    for (const [more, status, title] of [
      [{ outputTopic: fixture.input }, 400, 'INPUT_INVALID'],
      [{ outputTopic: fixture.output }, 400, 'INPUT_INVALID'],
      [{ outputTopic: topics.retrainCommands.name }, 400, 'INPUT_INVALID'],
      [{ outputTopic: uniqueName('nowhere') }, 404, 'NOT_FOUND'],
      [{ deployment: uniqueName('nobody') }, 404, 'NOT_FOUND'],
      [{ version: 99 }, 404, 'NOT_FOUND'],
      [{ from: 'latest' }, 400, 'INPUT_INVALID'],
      [{ from: `${fixture.input}/0@999999` }, 400, 'INPUT_INVALID'],
      [{ to: 'soon' }, 400, 'INPUT_INVALID'],
      [{ recordsPerSecond: 0 }, 400, 'INPUT_INVALID'],
      [{ replayId: 'a b' }, 400, 'INPUT_INVALID'],
    ] as const) {
      const body = request(more);
      expect({ more, ...(await ask(body)) }).toMatchObject({ more, status, body: { title } });
      expect(
        (await fixture.all<ReplayRecords>(topics.replayCommands)).map(({ value }) => value.replayId),
      ).not.toContain(body.replayId);
    }
  });

  it('fails when its deployment reads another topic meanwhile, and scores nothing', async () => {
    const body = request();
    const elsewhere = uniqueName('elsewhere');
    await fixture.eventLog.provision([{ ...topics.deadLetters, name: elsewhere }]);
    const ranges = [{ topic: elsewhere, partition: 0, from: 0, to: 1 }];
    const { replayId, deployment, model, version, outputTopic } = body;
    const value: ReplayRecords = { replayId, deployment, model, version, ranges, outputTopic, requestedBy: 'test' };
    await fixture.eventLog.publish([{ topic: topics.replayCommands, key: replayId, value }]);
    const end = await completed(replayId);
    expect(end).toMatchObject({ status: 'FAILED', reason: expect.stringContaining(elsewhere) });
    expect((await fixture.eventLog.committed(replayGroup(replayId), elsewhere)).size).toBe(0);
  });
});
