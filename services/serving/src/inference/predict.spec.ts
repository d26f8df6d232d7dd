import { topics } from '@headrace/contracts';
import { InMemoryEventLog } from '@headrace/event-log';
import { InMemoryModelRuntime, InMemoryModelStore } from '@headrace/model-runtime';
import { HeadraceError, traceIdOf } from '@headrace/service-kit';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Endpoint } from '../deployments/endpoint.js';
import type { InferRequest } from './infer-request.js';
import { predict } from './predict.js';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

const REQUEST: InferRequest = {
  id: 'q',
  parameters: { record_ids: ['r1', 'r2'], event_times: [7, 8] },
  inputs: [{ name: 'features', datatype: 'FP64', shape: [2, 2], data: [1, 0.25, -1, 0] }],
};

describe('predict', () => {
  let eventLog: InMemoryEventLog;
  let endpoint: Endpoint;

  async function load(weights: number[]): Promise<Endpoint> {
    const store = new InMemoryModelStore();
    const resolved = store.put('m', 3, InMemoryModelRuntime.bytesOf({ weights, bias: 0.5 }));
    const spec = { model: { name: 'm' }, input: { topic: 't', features: ['a', 'b'] }, output: { topic: 'out' } };
    return Endpoint.load({ store, runtime: new InMemoryModelRuntime() }, 'd', 1, spec, resolved);
  }

  async function recorded() {
    const topic = { ...topics.predictions, name: 'out' };
    const records = [];
    for await (const batch of eventLog.read(topic, await eventLog.offsets(topic))) records.push(...batch.records);
    return records.sort((a, b) => a.value.eventTime - b.value.eventTime);
  }

  const ask = (request = REQUEST) =>
    predict({ eventLog, maxRows: 10, patienceMs: 500, now: () => 99 }, endpoint, request, TRACE);

  beforeEach(async () => {
    eventLog = new InMemoryEventLog();
    endpoint = await load([1, 2]);
  });

  it('answers, and records each row as it was answered', async () => {
    const { outputs } = await ask();
    const [name, { data }] = outputs[0]!;
    expect(name).toBe('probability');
    expect([...data]).toEqual([expect.closeTo(sigmoid(2), 6), expect.closeTo(sigmoid(-0.5), 6)]);
    const [first, second] = await recorded();
    expect(first!.value).toMatchObject({
      predictionId: 'd:r1',
      recordId: 'r1',
      deployment: 'd',
      model: 'm',
      version: 3,
      runId: 'run-3',
      eventTime: 7,
      score: data[0],
      features: [1, 0.25],
      input: null,
    });
    expect(second!.value).toMatchObject({ recordId: 'r2', score: data[1], features: [-1, 0] });
    expect(first!.key?.toString()).toBe('r1');
    expect(first!.headers['ce_id']?.toString()).toBe('d:r1');
    expect(traceIdOf(first!.headers['traceparent']?.toString())).toBe(traceIdOf(TRACE));
  });

  it('a repeated request records the same prediction ids', async () => {
    await ask();
    await ask();
    const ids = (await recorded()).map(({ value }) => value.predictionId);
    expect(ids).toHaveLength(4);
    expect(new Set(ids)).toEqual(new Set(['d:r1', 'd:r2']));
  });

  it('nothing is answered that could not be recorded', async () => {
    eventLog.publish = () => Promise.reject(new HeadraceError('UNAVAILABLE', 'no brokers'));
    await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('an answer outlives a leader change, and is recorded under its ids', async () => {
    const publish = eventLog.publish.bind(eventLog);
    let failures = 2;
    eventLog.publish = async (events) => {
      await publish(events);
      if (failures-- > 0) throw new HeadraceError('UNAVAILABLE', 'not the leader');
    };
    expect((await ask()).rows).toBe(2);
    expect(new Set((await recorded()).map(({ value }) => value.predictionId))).toEqual(new Set(['d:r1', 'd:r2']));
  });

  it('an output that does not exist is refused before anything is predicted', async () => {
    await expect(ask({ ...REQUEST, outputs: [{ name: 'nope' }] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(await recorded()).toEqual([]);
  });

  it('a prediction that is not a number is neither answered nor recorded', async () => {
    const model = endpoint.model as { run: unknown };
    model.run = async () => ({
      probability: { datatype: 'FP32', shape: [2, 1], data: Float32Array.of(0.5, Number.NaN) },
    });
    await expect(ask()).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    expect(await recorded()).toEqual([]);
  });
});
