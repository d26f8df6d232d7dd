import { topics, type DeadLetterRedriven, type DeploymentChanged } from '@headrace/contracts';
import { testCluster, uniqueName, waitFor } from '@headrace/dev';
import { REDRIVE_GROUP, type EventRecord } from '@headrace/event-log';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { StreamingFixture, type Service } from './streaming-fixture.js';

const KILLS = process.env['HEADRACE_LONG'] ? 60 : 6;
const LETTERS_A_KILL = 40;

interface Summary {
  readonly place: string;
  readonly origin: string;
  readonly state: string;
}
interface Outcome {
  readonly redriven: Array<{ readonly letter: string }>;
  readonly refused: Array<{ readonly letter: string; readonly code: string }>;
  readonly remaining: unknown[];
}

async function ask<T>({ url }: Service, path: string, body?: object): Promise<{ status: number; body: T }> {
  const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/headrace/v1/dead-letters${path}`, init);
  return { status: response.status, body: (await response.json()) as T };
}

/** Two deployments on one topic: `first` needs x and y, `second` x and z. */
describe('dead letters of two deployments on one topic', () => {
  const fixture = new StreamingFixture();
  const second = uniqueName('second');
  let worker: Service;

  beforeAll(async () => {
    await fixture.open(2);
    await fixture.deploy(1);
    await declare(second, ['x', 'z'], 1);
    worker = await fixture.startWorker();
  });

  afterAll(async () => {
    await worker.kill();
    await fixture.eventLog.publish([{ topic: topics.deployments, key: second, value: null }]);
    await fixture.close();
  });

  async function declare(name: string, features: string[], generation: number): Promise<void> {
    const declared = await fixture.all<DeploymentChanged>(topics.deployments);
    const { model } = declared.find(({ value }) => value?.name === fixture.deployment)!.value;
    const spec = JSON.stringify({ ...fixture.spec(), input: { ...fixture.spec().input, features } });
    const value = { name, generation, model, spec, cause: 'test', changedAt: Date.now() };
    await fixture.eventLog.publish([{ topic: topics.deployments, key: name, value }]);
  }

  const predictions = async () =>
    (await fixture.predictions())
      .map(({ value }) => `${value.deployment === second ? 'second' : 'first'} ${value.recordId}`)
      .sort();
  const copies = async (): Promise<Array<EventRecord<unknown>>> =>
    (await fixture.all<unknown>({ ...topics.deadLetters, name: fixture.input })).filter(
      ({ headers }) => headers[REDRIVE_GROUP],
    );
  const list = async (query: string) =>
    (await ask<{ deadLetters: Summary[] }>(worker, `?topic=${fixture.input}&${query}`)).body.deadLetters;

  it('are listed and shown; a dry run changes nothing', async () => {
    await fixture.produce([
      { key: 'a', value: JSON.stringify({ id: 'both', x: 1, y: 2, z: 3, w: 4 }) },
      { key: 'a', value: JSON.stringify({ id: 'no-y', x: 1, z: 3, w: 4 }) },
      { key: 'a', value: JSON.stringify({ id: 'no-z', x: 1, y: 2, w: 4 }) },
      { key: 'a', value: JSON.stringify({ id: 'neither', x: 1, w: 4 }) },
    ]);
    await waitFor(async () => (await list('')).length === 4, { what: 'four letters', timeoutMs: 60_000 });
    const mine = await list(`deployment=${fixture.deployment}&state=open&code=MISSING_FEATURE`);
    expect(mine).toHaveLength(2);
    const { body } = await ask(worker, `/${encodeURIComponent(mine[1]!.origin)}`);
    expect(body).toMatchObject({ code: 'MISSING_FEATURE', key: 'a', attempt: 1, state: 'open', headers: {} });
    const dry = await ask<Outcome>(worker, '/redrive', { filter: { topic: fixture.input }, dryRun: true });
    expect(dry.body).toMatchObject({ redriven: [{}, {}, {}, {}], refused: [], remaining: [] });
    expect(await copies()).toEqual([]);
    expect(await list('state=redriven')).toEqual([]);
  });

  it('an unknown place is a clear error, and so is a record with letters of both', async () => {
    expect(await ask(worker, '/nonsense')).toMatchObject({ status: 400, body: { title: 'INPUT_INVALID' } });
    for (const place of ['headrace.dead-letters/0@999999', 'headrace.dead-letters/77@0', 'nowhere/0@1'])
      expect(await ask(worker, `/${encodeURIComponent(place)}`)).toMatchObject({
        status: 404,
        body: { title: 'NOT_FOUND' },
      });
    const neither = (await list('')).map(({ origin }) => origin).find((origin, at, all) => all.indexOf(origin) !== at)!;
    expect(await ask(worker, '/redrive', { letters: [neither] })).toMatchObject({
      status: 409,
      body: { letters: [{}, {}] },
    });
  });

  it('redriven after the cause is gone, each record has one prediction of each deployment', async () => {
    // The cause was that y and z are optional; w is not.
    await declare(fixture.deployment, ['x', 'w'], 2);
    await declare(second, ['x', 'w'], 2);
    await waitFor(
      async () => (await states()).every(({ state, generation }) => state === 'running' && generation === 2),
      {
        what: 'both deployments to read x and w',
        timeoutMs: 60_000,
      },
    );
    const first = await ask<Outcome>(worker, '/redrive', {
      filter: { topic: fixture.input, deployment: fixture.deployment },
    });
    expect(first.body).toMatchObject({ redriven: [{}, {}], refused: [] });
    const other = await ask<Outcome>(worker, '/redrive', { filter: { topic: fixture.input }, limit: 1 });
    expect(other.body.redriven).toHaveLength(1);
    await ask(worker, '/redrive', { filter: { topic: fixture.input }, ranges: other.body.remaining });
    await answered('end');
    const expected = ['both', 'end', 'neither', 'no-y', 'no-z'].flatMap((id) => [`first ${id}`, `second ${id}`]).sort();
    expect(await predictions()).toEqual(expected);
    expect(await copies()).toHaveLength(4);
    expect(await list('state=open')).toEqual([]);
    const [letter] = first.body.redriven;
    expect((await ask(worker, '/redrive', { letters: [letter!.letter] })).body).toMatchObject({
      redriven: [],
      refused: [{ code: 'ALREADY_REDRIVEN' }],
    });
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toMatch(
      new RegExp(`headrace_dead_letters_redriven_total{topic="${fixture.input}",group="${fixture.group}"} 2`),
    );
  });

  it('one that fails anew is a letter of the second attempt', async () => {
    await fixture.produce([{ key: 'a', value: JSON.stringify({ id: 'bad', x: 'text', w: 4 }) }]);
    await waitFor(async () => (await list('code=WRONG_TYPE')).length === 2, {
      what: 'both letters',
      timeoutMs: 60_000,
    });
    await ask(worker, '/redrive', { filter: { topic: fixture.input, deployment: second } });
    await answered('another end');
    const letters = await list('code=WRONG_TYPE');
    expect(letters).toHaveLength(3);
    expect(letters[0]).toMatchObject({ deployment: second, attempt: 2, state: 'open' });
  });

  /** Writes one more record behind all others of the partition, and waits until both have dealt with it. */
  async function answered(id: string): Promise<void> {
    await fixture.produce([{ key: 'a', value: JSON.stringify({ id, x: 1, w: 4 }) }]);
    await waitFor(async () => (await predictions()).filter((each) => each.endsWith(` ${id}`)).length === 2, {
      what: `both to answer ${id}`,
      timeoutMs: 60_000,
    });
  }

  async function states(): Promise<Array<{ state: string; generation: number }>> {
    const all = (await (await fetch(`${worker.url}/api/headrace/v1/streaming/deployments`)).json()) as Array<{
      name: string;
      state: string;
      generation: number;
    }>;
    return all.filter(({ name }) => name === fixture.deployment || name === second);
  }
});

describe('a redrive that is cut short', () => {
  const fixture = new StreamingFixture();

  beforeAll(async () => {
    await fixture.open(2);
    await fixture.deploy(1);
  });
  afterAll(() => fixture.close());

  const bad = (n: number) => ({ key: `k${n}`, value: JSON.stringify({ id: `bad-${n}`, x: 1 }) });
  const marks = async (): Promise<string[]> => {
    const states = await fixture.all<DeadLetterRedriven>(topics.deadLetterStates);
    return states
      .filter(({ value }) => value.group === fixture.group)
      .map(({ value }) => value.letter)
      .sort();
  };
  const copies = async (): Promise<string[]> =>
    (await fixture.all<unknown>({ ...topics.deadLetters, name: fixture.input }))
      .filter(({ headers }) => headers[REDRIVE_GROUP])
      .map(({ headers }) => headers['headrace_redrive_letter']!.toString())
      .sort();
  const request = { filter: { topic: fixture.input } };

  it('between the record and its mark leaves neither, and the next one does both', async () => {
    const worker = await fixture.startWorker();
    try {
      await fixture.produce([bad(0)]);
      await waitFor(async () => (await fixture.deadLetters()).length === 1, { what: 'the letter', timeoutMs: 60_000 });
      // What a process killed there leaves behind: the record in an open transaction under the redrive's id.
      const killed = new kafkajs.Kafka({ brokers: [testCluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).producer(
        {
          transactionalId: 'headrace.redrive',
          idempotent: true,
          maxInFlightRequests: 1,
        },
      );
      await killed.connect();
      const transaction = await killed.transaction();
      await transaction.send({
        topic: fixture.input,
        messages: [{ ...bad(0), headers: { [REDRIVE_GROUP]: fixture.group, headrace_redrive_letter: 'half' } }],
      });
      await killed.disconnect();
      expect((await ask<Outcome>(worker, '/redrive', request)).body.redriven).toHaveLength(1);
      await waitFor(async () => (await copies()).length > 0, { what: 'the copy', timeoutMs: 60_000 });
      expect(await copies()).toEqual(await marks());
      expect(await copies()).toHaveLength(1);
    } finally {
      await worker.kill();
    }
  });

  it(
    `by ${KILLS} SIGKILLs has written each record as often as its mark`,
    async () => {
      let next = 1;
      let cut = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        let worker = await fixture.startWorker();
        const before = (await fixture.deadLetters()).length;
        await fixture.produce(Array.from({ length: LETTERS_A_KILL }, () => bad(next++)));
        await waitFor(async () => (await fixture.deadLetters()).length >= before + LETTERS_A_KILL, {
          what: 'letters',
          timeoutMs: 60_000,
        });
        // One request after another, so that the kill falls into one.
        const requests = (async () => {
          for (const { place } of (
            await ask<{ deadLetters: Summary[] }>(worker, `?topic=${fixture.input}&state=open&limit=1000`)
          ).body.deadLetters)
            await ask(worker, '/redrive', { letters: [place] });
        })().then(
          () => undefined,
          () => cut++,
        );
        const marked = (await marks()).length;
        await waitFor(async () => (await marks()).length > marked, {
          what: 'a mark',
          timeoutMs: 60_000,
          pollMs: 1 + ((kill * 37) % 90),
        });
        await worker.kill();
        await requests;
        worker = await fixture.startWorker();
        await ask<Outcome>(worker, '/redrive', request);
        await worker.kill();
      }
      const worker = await fixture.startWorker();
      await ask<Outcome>(worker, '/redrive', request);
      await waitFor(async () => (await copies()).length === (await marks()).length, {
        what: 'marks and copies',
        timeoutMs: 60_000,
      });
      expect(await copies()).toEqual(await marks());
      expect(new Set(await copies()).size).toBe((await copies()).length);
      expect(cut).toBeGreaterThan(0);
      await worker.kill();
    },
    KILLS * 60_000,
  );

  it('by somebody else who redrives the same letters: each goes back once', async () => {
    const workers = await Promise.all([fixture.startWorker(), fixture.startWorker()]);
    try {
      const before = (await fixture.deadLetters()).length;
      await fixture.produce(Array.from({ length: 12 }, (_, n) => bad(10_000 + n)));
      await waitFor(async () => (await fixture.deadLetters()).length >= before + 12, {
        what: 'letters',
        timeoutMs: 60_000,
      });
      const open = (await ask<{ deadLetters: Summary[] }>(workers[0]!, `?topic=${fixture.input}&state=open&limit=12`))
        .body.deadLetters;
      for (const { place } of open) {
        const answers = await Promise.all(
          workers.map((worker) => ask<Outcome>(worker, '/redrive', { letters: [place] })),
        );
        const results = answers.map(({ body }) => [body.redriven.length, body.refused.map(({ code }) => code).join()]);
        expect(results.sort()).toEqual([
          [0, 'ALREADY_REDRIVEN'],
          [1, ''],
        ]);
      }
      await waitFor(async () => (await copies()).length === (await marks()).length, {
        what: 'marks and copies',
        timeoutMs: 60_000,
      });
      expect(new Set(await copies()).size).toBe((await copies()).length);
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
    }
  });
});
