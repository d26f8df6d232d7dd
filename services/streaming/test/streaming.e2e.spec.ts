import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DeploymentApplied, type PredictionMade, type ReplayFinished } from '@headrace/contracts';
import { waitFor } from '@headrace/dev';
import { randomUUID } from 'node:crypto';
import { StreamingFixture, type Service } from './streaming-fixture.js';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const json = (id: string, x: unknown = 1, y: unknown = 2) => ({ key: id, value: JSON.stringify({ id, x, y }) });

describe('a streaming worker', () => {
  let fixture: StreamingFixture;
  let worker: Service;

  beforeAll(async () => {
    fixture = await new StreamingFixture().open();
    await fixture.deploy(1);
    worker = await fixture.startWorker();
  }, 120_000);

  afterAll(async () => {
    await worker?.stop();
    await fixture?.close();
  }, 60_000);

  it('scores a record with the deployed version, and says which, when, and from where', async () => {
    await fixture.produce([{ key: 'k1', value: JSON.stringify({ id: 'first', x: 1, y: 0.25 }) }]);
    await fixture.settled();
    const [prediction] = await fixture.predictions();
    const { score, ...value } = prediction!.value;
    expect(score).toBeCloseTo(sigmoid(1), 6);
    expect(value).toMatchObject({
      predictionId: `${fixture.deployment}:first`,
      recordId: 'first',
      deployment: fixture.deployment,
      model: 'logistic',
      version: 1,
      runId: 'run-1',
      features: [1, 0.25],
      input: { topic: fixture.input, offset: 0 },
    });
    expect(prediction!.key?.toString()).toBe('k1');
    expect(prediction!.partition).toBe(value.input!.partition);
    expect(prediction!.headers['traceparent']?.toString()).toMatch(/^00-/);
  });

  it('sends each bad record to the dead letters with its reason, bytes and place; its neighbours go on in order', async () => {
    const bad: Array<[string, string | Buffer | null]> = [
      ['UNDECODABLE', 'not json'],
      ['UNDECODABLE', Buffer.alloc(0)],
      ['UNDECODABLE', null],
      ['UNDECODABLE', Buffer.from([0xff, 0xfe, 0x00])],
      ['SCHEMA_UNKNOWN', Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2])],
      ['NOT_A_RECORD', '[1, 2]'],
      ['MISSING_RECORD_ID', '{"x": 1, "y": 2}'],
      ['MISSING_FEATURE', '{"id": "a", "x": 1}'],
      ['WRONG_TYPE', '{"id": "b", "x": "one", "y": 2}'],
      ['NOT_FINITE', '{"id": "c", "x": 1e999, "y": 2}'],
    ];
    await fixture.produce(
      bad.flatMap(([, value], at) => [
        { partition: 0, value },
        { partition: 0, ...json(`neighbour-${at}`) },
      ]),
    );
    await fixture.settled();
    const neighbours = (await fixture.predictions()).filter(({ value }) => value.recordId.startsWith('neighbour-'));
    expect(neighbours.map(({ value }) => value.recordId)).toEqual(bad.map((_, at) => `neighbour-${at}`));
    const letters = await fixture.deadLetters();
    expect(letters.map(({ headers }) => headers['dlq_code']?.toString()).sort()).toEqual(
      bad.map(([code]) => code).sort(),
    );
    const wrongType = letters.find(({ headers }) => headers['dlq_code']?.toString() === 'WRONG_TYPE')!;
    expect(wrongType.raw?.toString()).toBe('{"id": "b", "x": "one", "y": 2}');
    expect(wrongType.headers['dlq_place']?.toString()).toMatch(new RegExp(`^${fixture.input}/0@\\d+$`));
    expect(wrongType.headers['dlq_message']?.toString()).toContain("'x'");
    expect(wrongType.headers['dlq_model_version']?.toString()).toBe('1');
  });

  it('swaps versions under load: none dropped, each prediction names one, the offsets are told; a corrupt version changes nothing', async () => {
    let produced = 0;
    let stop = false;
    const load = (async () => {
      while (!stop) {
        await fixture.produce(Array.from({ length: 50 }, () => json(`swap-${produced++}`)));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const versionsSeen = async () => new Set((await fixture.predictions()).map(({ value }) => value.version));
    await fixture.deploy(2);
    await waitFor(async () => (await versionsSeen()).has(2), { what: 'version 2 to answer', timeoutMs: 60_000 });
    await fixture.deploy(3);
    const status = async () =>
      (await fetch(`${worker.url}/api/headrace/v1/streaming/deployments/${fixture.deployment}`)).json() as Promise<{
        state: string;
        version: number;
        reason: string;
      }>;
    const refused = await waitFor(async () => ((await status()).state === 'failing' ? status() : undefined), {
      what: 'version 3 to be refused',
    });
    expect(refused.reason).toMatch(/cannot load the model/);
    const atRefusal = produced;
    await waitFor(() => produced > atRefusal + 200, { what: 'more load' });
    stop = true;
    await load;
    await fixture.settled();
    const swapped = (await fixture.predictions()).filter(({ value }) => value.recordId.startsWith('swap-'));
    expect(new Set(swapped.map(({ value }) => value.recordId)).size).toBe(produced);
    expect(swapped).toHaveLength(produced);
    expect(await versionsSeen()).toEqual(new Set([1, 2]));
    await expectAppliedOffsets(swapped.map(({ value }) => value));
  });

  /** What the effects say must be what the predictions show. */
  async function expectAppliedOffsets(predictions: PredictionMade[]): Promise<void> {
    const effects = (await fixture.all<DeploymentApplied>(topics.deploymentEffects))
      .map(({ value }) => value)
      .filter(({ deployment }) => deployment === fixture.deployment);
    for (const { version, input } of predictions) {
      const known = effects.filter(
        ({ partition, fromOffset }) => partition === input!.partition && fromOffset <= input!.offset,
      );
      expect(known.at(-1)?.version).toBe(version);
    }
  }

  it('replays a recorded range with another version, exactly once, without touching live offsets', async () => {
    const replayId = randomUUID();
    const ranges = (await fixture.eventLog.offsets(fixture.input)).map((range) => ({
      ...range,
      from: Math.min(1, range.to),
    }));
    const inRange = (await fixture.predictions()).map(({ value }) => value).filter(({ input }) => input!.offset >= 1);
    const command = {
      replayId,
      deployment: fixture.deployment,
      model: 'logistic',
      version: 2,
      ranges,
      outputTopic: topics.replays.name,
      requestedBy: 'test',
    };
    await fixture.eventLog.publish([{ topic: topics.replayCommands, key: replayId, value: command }]);
    const result = await waitFor(
      async () =>
        (await fixture.all<ReplayFinished>(topics.replayResults)).find(({ value }) => value.replayId === replayId)
          ?.value,
      { what: 'the replay to finish', timeoutMs: 60_000 },
    );
    expect(result).toMatchObject({ status: 'COMPLETED', version: 2, scored: inRange.length });
    const replayed: PredictionMade[] = [];
    for await (const { records } of fixture.eventLog.read(topics.replays, result.outputRanges))
      replayed.push(
        ...records.map(({ value }) => value).filter(({ deployment }) => deployment === `replay:${replayId}`),
      );
    const ids = replayed.map(({ recordId, input }) => `${recordId} ${input!.partition}@${input!.offset}`);
    expect(ids.sort()).toEqual(
      inRange.map(({ recordId, input }) => `${recordId} ${input!.partition}@${input!.offset}`).sort(),
    );
    const count = (await fixture.predictions()).length;
    await fixture.produce([json('after-replay')]);
    await waitFor(async () => (await fixture.predictions()).length > count, {
      what: 'the live prediction after the replay',
    });
    expect((await fixture.predictions()).filter(({ value }) => value.recordId === 'after-replay')).toHaveLength(1);
    expect((await fixture.predictions()).length).toBe(count + 1);
  });
});
