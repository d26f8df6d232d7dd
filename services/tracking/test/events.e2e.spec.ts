import type { TrackingChanged } from '@headrace/contracts';
import { uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TrackingWorld } from './tracking-world.js';

const world = new TrackingWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const metric = (key: string, value: number | string, step = 0) => ({ key, value, step, timestamp: 1 });
const batch = (run_id: string, body: object) => world.call('POST', 'runs/log-batch', { run_id, ...body });

function eventsOf(id: string, count: number): Promise<TrackingChanged[]> {
  return waitFor(
    async () => {
      const events = await world.events(id);
      return events.length >= count ? events : undefined;
    },
    { what: `${count} events of ${id}`, timeoutMs: 60_000 },
  );
}

describe('each change is an event', () => {
  it('of a run, in order, a batch as one', async () => {
    const { run_id } = await world.createRun('0', { run_name: 'told', tags: [{ key: 'k', value: 'v' }] });
    await batch(run_id, {
      metrics: [metric('auc', 0.5, 1), metric('loss', 'NaN')],
      tags: [{ key: 'a\\u0000"', value: '"experimentId":"' }],
    });
    await batch(run_id, { params: [{ key: 'p', value: '1' }] });
    await world.call('POST', 'runs/delete-tag', { run_id, key: 'k' });
    await world.call('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 9 });
    await world.call('POST', 'runs/delete', { run_id });
    const events = await eventsOf(run_id, 6);
    expect(events.map(({ kind, change, experimentId }) => [kind, change, experimentId])).toEqual(
      ['CREATED', 'LOGGED', 'LOGGED', 'UPDATED', 'UPDATED', 'DELETED'].map((change) => ['RUN', change, '0']),
    );
    expect(events[0]).toMatchObject({
      tags: [
        { key: 'k', value: 'v' },
        { key: 'mlflow.runName', value: 'told' },
      ],
    });
    expect(events[1]!.metrics).toMatchObject([
      { key: 'auc', value: 0.5, step: 1 },
      { key: 'loss', value: Number.NaN },
    ]);
    expect(events[1]!.tags).toEqual([{ key: 'a\\u0000"', value: '"experimentId":"' }]);
    expect(events[2]!.params).toEqual([{ key: 'p', value: '1' }]);
    expect(events[3]!.removedTags).toEqual(['k']);
    expect(events[4]!.attributes).toEqual([
      { key: 'status', value: 'FINISHED' },
      { key: 'end_time', value: '9' },
    ]);
  });

  it('of an experiment and a logged model', async () => {
    const experiment = await world.createExperiment(uniqueName('told'));
    const { model } = (await world.call('POST', 'logged-models', { experiment_id: experiment, name: 'm' })).body;
    const { model_id } = model.info;
    await world.call('PATCH', `logged-models/${model_id}`, { status: 'LOGGED_MODEL_READY' });
    await world.call('POST', 'experiments/delete', { experiment_id: experiment });
    expect((await eventsOf(model_id, 2)).map(({ change }) => change)).toEqual(['CREATED', 'UPDATED']);
    // Other suites' databases give the same numbers to experiments, and tell on the same topic.
    await waitFor(async () => (await world.waitingEvents()) === 0, { what: 'the outbox to be empty' });
    expect((await world.events(experiment)).slice(-2).map(({ change }) => change)).toEqual(['CREATED', 'DELETED']);
  });

  it('and a refused call is none', async () => {
    const { run_id } = await world.createRun();
    await batch(run_id, { params: [{ key: 'p', value: '1' }] });
    expect((await batch(run_id, { params: [{ key: 'p', value: '2' }], metrics: [metric('m', 1)] })).status).toBe(400);
    await batch(run_id, { tags: [{ key: 'last', value: '' }] });
    const events = await eventsOf(run_id, 3);
    expect(events.map(({ params, tags }) => [...params!, ...tags!].map(({ key }) => key))).toEqual([
      ['mlflow.runName'],
      ['p'],
      ['last'],
    ]);
  });
});

describe('clients at once', () => {
  it('32 that log to one run lose nothing, never deadlock, and conflict on a param', async () => {
    const { run_id } = await world.createRun();
    const clients = 32;
    const rounds = 10;
    const refused: number[] = [];
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        for (let round = 0; round < rounds; round++) {
          // Keys in opposite orders: what takes rows as they come deadlocks here.
          const keys = client % 2 ? ['a', 'b', 'c', 'd'] : ['d', 'c', 'b', 'a'];
          const step = client * rounds + round;
          const answer = await batch(run_id, {
            metrics: keys.map((key) => metric(key, step, step)),
            tags: keys.map((key) => ({ key, value: String(step) })),
          });
          expect(answer.status).toBe(200);
        }
        const claim = await batch(run_id, {
          params: [{ key: 'owner', value: String(client) }],
          metrics: [metric('won', client)],
        });
        if (claim.status !== 200) refused.push(client);
      }),
    );
    expect(refused).toHaveLength(clients - 1);
    const { data } = await world.run(run_id);
    const owner = Number(data.params.find(({ key }: { key: string }) => key === 'owner').value);
    expect(refused).not.toContain(owner);
    const latest = Object.fromEntries(
      data.metrics.map(({ key, value }: { key: string; value: number }) => [key, value]),
    );
    const top = clients * rounds - 1;
    expect(latest).toEqual({ a: top, b: top, c: top, d: top, won: owner });
    const history = await world.call('GET', `metrics/get-history?run_id=${run_id}&metric_key=a`);
    expect(history.body.metrics).toHaveLength(clients * rounds);
    expect(await eventsOf(run_id, 1 + clients * rounds + 1)).toHaveLength(1 + clients * rounds + 1);
  }, 120_000);
});

describe('SIGKILL amid 1,000 log-batch calls, four times', () => {
  it('leaves each call that was answered 200, and its event once', async () => {
    const { run_id } = await world.createRun();
    const answered = new Set<number>();
    const calls = Array.from({ length: 1000 }, (_, n) => n);
    let away: Promise<unknown> | undefined;
    const killAndStart = async () => {
      await world.service.kill();
      await world.startService();
      away = undefined;
    };
    let kills = 0;
    const work = async () => {
      for (let n = calls.shift(); n !== undefined; n = calls.shift()) {
        await away;
        const answer = await batch(run_id, {
          metrics: [metric('m', n, n)],
          tags: [{ key: `t${n % 7}`, value: String(n) }],
        }).catch(() => undefined);
        if (answer?.status === 200) answered.add(n);
        if (kills < 4 && answered.size >= (kills + 1) * 180) {
          kills += 1;
          away = killAndStart();
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    await away;
    expect(kills).toBe(4);
    const points = async () =>
      (await world.call('GET', `metrics/get-history?run_id=${run_id}&metric_key=m`)).body.metrics as Array<{
        step: number;
      }>;
    const kept = (await points()).map(({ step }) => step).sort((a, b) => a - b);
    expect([...answered].filter((n) => !kept.includes(n))).toEqual([]);
    // A call that was cut off may be there or not; what is there has an event, what has an event is there, and no event is there twice.
    await waitFor(async () => (await world.waitingEvents()) === 0, { what: 'the outbox to be empty' });
    const told = (await world.eventRecords(run_id))
      .flatMap(({ value: { metrics = [] } }) => metrics.map(({ step }) => step))
      .sort((a, b) => a - b);
    expect(told).toEqual(kept);
  }, 180_000);
});
