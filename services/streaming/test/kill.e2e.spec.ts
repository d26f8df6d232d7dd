import { expect, it } from '@jest/globals';
import { waitFor } from '@headrace/dev';
import { StreamingFixture } from './streaming-fixture.js';

const KILLS = process.env['HEADRACE_LONG'] ? 100 : 10;
const KEYS = 40;
/** Small, so that a kill falls between many batches and not after one. */
const CHUNK = 20;
const RECORDS_A_ROUND = 3_000;
const BAD_EVERY = 97;

it(
  `finds each input exactly once among predictions and dead letters, in key order, after ${KILLS} SIGKILLs`,
  async () => {
    const fixture = await new StreamingFixture().open();
    try {
      await survivesKills(fixture);
    } finally {
      await fixture.close();
    }
  },
  KILLS * 30_000 + 180_000,
);

async function survivesKills(fixture: StreamingFixture): Promise<void> {
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
  let worker = await fixture.startWorker();
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
      await worker.kill();
      worker = await fixture.startWorker();
    }
  } finally {
    stop = true;
    await load;
  }
  await fixture.settled();
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
