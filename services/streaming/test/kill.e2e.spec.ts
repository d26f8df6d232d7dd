import { expect, it } from '@jest/globals';
import { waitFor } from '@headrace/dev';
import { StreamingFixture, type Pool } from './streaming-fixture.js';

const KILLS = process.env['HEADRACE_LONG'] ? 70 : 6;
const KEYS = 40;
/** Small, so that a kill falls between many batches and not after one. */
const CHUNK = 20;
const RECORDS_A_ROUND = 3_000;
const BAD_EVERY = 97;

/** Whom a fault hits; a worker that is killed alone is followed by another without our doing. */
const victims = {
  'the service and its workers at once': async (fixture: StreamingFixture, pool: Pool): Promise<Pool> => {
    await pool.killAll();
    return fixture.startWorker(undefined, TWO_WORKERS);
  },
  'the service alone': async (fixture: StreamingFixture, pool: Pool): Promise<Pool> => {
    await pool.kill();
    return fixture.startWorker(undefined, TWO_WORKERS);
  },
  'one of its workers': async (_: StreamingFixture, pool: Pool, kill: number): Promise<Pool> => {
    const pids = await waitFor(
      async () => {
        const all = await pool.workerPids();
        return all.length === 2 ? all : undefined;
      },
      { what: 'two workers', timeoutMs: 60_000 },
    );
    process.kill(pids[kill % 2]!, 'SIGKILL');
    return pool;
  },
};

const TWO_WORKERS = { STREAMING_WORKERS: '2' };

it.each(Object.entries(victims))(
  `finds each input exactly once among predictions and dead letters, in key order, after ${KILLS} SIGKILLs of %s`,
  async (_, strike) => {
    const fixture = await new StreamingFixture().open();
    try {
      await survivesKills(fixture, strike);
    } finally {
      await fixture.close();
    }
  },
  KILLS * 40_000 + 180_000,
);

type Strike = (fixture: StreamingFixture, pool: Pool, kill: number) => Promise<Pool>;

async function survivesKills(fixture: StreamingFixture, strike: Strike): Promise<void> {
  await fixture.deploy(1);
  let produced = 0;
  let round = 0;
  let stop = false;
  const load = (async () => {
    while (!stop) {
      if (produced < round * RECORDS_A_ROUND)
        await fixture.produce(Array.from({ length: CHUNK }, () => record(produced++)));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  let worker = await fixture.startWorker(undefined, TWO_WORKERS);
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      // The next fault falls only after outputs have moved again: one that hits a stalled worker proves nothing.
      const before = await fixture.outputEnd();
      round++;
      await waitFor(async () => (await fixture.outputEnd()) > before, {
        what: `outputs to move before kill ${kill + 1}`,
        timeoutMs: 60_000,
        pollMs: 1 + ((kill * 37) % 90),
      });
      worker = await strike(fixture, worker, kill);
    }
  } finally {
    stop = true;
    await load;
  }
  await fixture.settled();
  // Killed in calls or not: none of these deaths was the model's fault.
  expect(await worker.get('quarantines')).toEqual(
    expect.not.arrayContaining([expect.objectContaining({ deployment: fixture.deployment })]),
  );
  await worker.stop();

  const predictions = await fixture.predictions();
  const letters = await fixture.deadLetters();
  const seen = [
    ...predictions.map(({ value }) => value.recordId),
    ...letters.map(({ raw }) => (JSON.parse(Buffer.from(raw!).toString()) as { id: string }).id),
  ];
  expect(seen).toHaveLength(produced);
  expect(new Set(seen).size).toBe(produced);
  expect(letters).toHaveLength(Math.ceil(produced / BAD_EVERY));
  for (const [key, sequence] of sequencesByKey(predictions))
    expect({ key, sequence }).toEqual({ key, sequence: [...sequence].sort((a, b) => a - b) });
}

/** Every 97th record lacks a feature. */
function record(n: number) {
  const bad = n % BAD_EVERY === 0;
  return {
    key: `key-${n % KEYS}`,
    value: JSON.stringify({ id: `record-${n}`, x: n % 7, ...(bad ? {} : { y: n % 3 }) }),
  };
}

function sequencesByKey(predictions: Awaited<ReturnType<StreamingFixture['predictions']>>): Map<string, number[]> {
  const sequences = new Map<string, number[]>();
  for (const { key, value } of predictions) {
    const name = key!.toString();
    sequences.set(name, [...(sequences.get(name) ?? []), Number(value.recordId.slice('record-'.length))]);
  }
  return sequences;
}
