import { expect, it } from '@jest/globals';
import { waitFor } from '@headrace/dev';
import { accountOf, IN_ORDER } from './account.js';
import { BAD_EVERY, NumberedLoad } from './numbered-load.js';
import { StreamingFixture, type Pool } from './streaming-fixture.js';

const KILLS = process.env['HEADRACE_LONG'] ? 70 : 7;
const RECORDS_A_ROUND = 3_000;

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
  const load = new NumberedLoad(fixture);
  let worker = await fixture.startWorker(undefined, TWO_WORKERS);
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      // The next fault falls only after outputs have moved again: one that hits a stalled worker proves nothing.
      const before = await fixture.outputEnd();
      load.more(RECORDS_A_ROUND);
      await waitFor(async () => (await fixture.outputEnd()) > before, {
        what: `outputs to move before kill ${kill + 1}`,
        timeoutMs: 60_000,
        pollMs: 1 + ((kill * 37) % 90),
      });
      worker = await strike(fixture, worker, kill);
    }
  } finally {
    await load.stop();
  }
  await fixture.settled();
  // Killed in calls or not: none of these deaths was the model's fault.
  expect(await worker.get('quarantines')).toEqual(
    expect.not.arrayContaining([expect.objectContaining({ deployment: fixture.deployment })]),
  );
  await worker.stop();
  const [predictions, letters] = [await load.predictions(), await load.letters()];
  expect(accountOf(load.produced, predictions, letters)).toEqual(IN_ORDER);
  expect(letters).toHaveLength(Math.ceil(load.produced / BAD_EVERY));
}
