import { expect, it } from '@jest/globals';
import { waitFor } from '@headrace/dev';
import { StreamingFixture, type Pool } from './streaming-fixture.js';

const KEYS = 40;
const CHUNK = 20;
/** How far the other worker has to come while the first is stopped. */
const MEANWHILE = 600;
const ROUNDS = process.env['HEADRACE_LONG'] ? 20 : 2;

it(
  'a worker that was stopped, lost its partitions and wakes up again doubles nothing, and becomes useful again',
  async () => {
    const fixture = await new StreamingFixture().open();
    try {
      await wakesZombies(fixture);
    } finally {
      await fixture.close();
    }
  },
  ROUNDS * 60_000 + 120_000,
);

async function wakesZombies(fixture: StreamingFixture): Promise<void> {
  await fixture.deploy(1);
  const load = startLoad(fixture);
  let stopped: number[] = [];
  const workers = [await fixture.startWorker(), await fixture.startWorker()];
  try {
    await waitFor(async () => (await fixture.outputEnd()) > 0, { what: 'first outputs', timeoutMs: 60_000 });
    for (let round = 0; round < ROUNDS; round++) {
      const zombie = workers[round % 2]!;
      await bothWork(workers);
      stopped = [zombie.pid, ...(await zombie.workerPids())];
      for (const pid of stopped) process.kill(pid, 'SIGSTOP');
      // The other one answers for all partitions: the group has given it those of the stopped one.
      await allPartitionsMove(fixture);
      for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT');
      await bothWork(workers);
    }
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    await load.stop();
  }
  await fixture.settled();
  expect(workers.map((worker) => worker.exit())).toEqual([null, null]);
  // Nor did their worker processes end, or the time in which they stood still count as a call that hangs.
  for (const pool of workers) expect(await pool.workers()).toMatchObject([{ restarts: 0 }]);
  await Promise.all(workers.map((worker) => worker.stop()));

  const predictions = await fixture.predictions();
  const ids = predictions.map(({ value }) => value.recordId);
  expect(ids).toHaveLength(load.produced());
  expect(new Set(ids).size).toBe(load.produced());
  const last = new Map<string, number>();
  for (const { key, value } of predictions) {
    const name = key!.toString();
    const at = Number(value.recordId.slice('record-'.length));
    expect(at).toBeGreaterThan(last.get(name) ?? -1);
    last.set(name, at);
  }
}

/** Both workers commit records from now on. */
async function bothWork(workers: readonly Pool[]): Promise<void> {
  for (const worker of workers) {
    const before = await committedBy(worker);
    await waitFor(async () => (await committedBy(worker)) > before, { what: 'a worker to commit', timeoutMs: 60_000 });
  }
}

async function committedBy({ url }: Pool): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('headrace_predictions_total'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function allPartitionsMove(fixture: StreamingFixture): Promise<void> {
  const before = await fixture.eventLog.offsets(fixture.output);
  await waitFor(
    async () => {
      const now = await fixture.eventLog.offsets(fixture.output);
      return now.every(({ to }, at) => to > before[at]!.to + MEANWHILE / now.length);
    },
    { what: 'outputs of all partitions to move without the stopped worker', timeoutMs: 60_000 },
  );
}

function startLoad(fixture: StreamingFixture) {
  let produced = 0;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await fixture.produce(Array.from({ length: CHUNK }, () => record(produced++)));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    produced: () => produced,
    stop: () => {
      stopped = true;
      return running;
    },
  };
}

function record(n: number) {
  return { key: `key-${n % KEYS}`, value: JSON.stringify({ id: `record-${n}`, x: n % 7, y: n % 3 }) };
}
