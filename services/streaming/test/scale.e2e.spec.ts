import { expect, it } from '@jest/globals';
import { waitFor } from '@headrace/dev';
import { accountOf, IN_ORDER } from './account.js';
import { NumberedLoad } from './numbered-load.js';
import { StreamingFixture } from './streaming-fixture.js';

const PARTITIONS = 8;
const ROUNDS = process.env['HEADRACE_LONG'] ? 10 : 1;
const RECORDS_A_STAGE = 4_000;
/** The service may be as slow as eight processes on two cores are. */
const PATIENCE = { timeoutMs: 180_000 };

it(
  'from one worker to eight and back under load: each input once, in key order',
  async () => {
    const fixture = await new StreamingFixture().open(PARTITIONS);
    try {
      await scales(fixture);
    } finally {
      await fixture.close();
    }
  },
  ROUNDS * 400_000,
);

async function scales(fixture: StreamingFixture): Promise<void> {
  await fixture.deploy(1);
  const load = new NumberedLoad(fixture);
  const pauses = longestPause(fixture);
  const one = await fixture.startWorker();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await moves(fixture, load);
      const seven = await fixture.startWorker(undefined, { STREAMING_WORKERS: '7' });
      await waitFor(async () => (await members(fixture)) === PARTITIONS, {
        what: 'eight workers at work',
        ...PATIENCE,
      });
      await moves(fixture, load);
      await seven.stop();
      await waitFor(async () => (await members(fixture)) === 1, { what: 'one worker alone', ...PATIENCE });
      await moves(fixture, load);
    }
  } finally {
    await load.stop();
  }
  await fixture.settled();
  await one.stop();
  console.log(`longest time without an output while records were waiting: ${await pauses()} ms`);
  expect(accountOf(load.produced, await load.predictions(), await load.letters())).toEqual(IN_ORDER);
}

async function moves(fixture: StreamingFixture, load: NumberedLoad): Promise<void> {
  const before = await fixture.outputEnd();
  load.more(RECORDS_A_STAGE);
  await waitFor(async () => (await fixture.outputEnd()) > before + RECORDS_A_STAGE / 2, {
    what: 'outputs to move',
    ...PATIENCE,
  });
}

/** Members that own a partition, as the group's coordinator knows them. */
async function members(fixture: StreamingFixture): Promise<number> {
  return (await fixture.assignedMembers()).length;
}

/** Polls the output; answers the longest time that it stood still, ms, when asked. */
function longestPause(fixture: StreamingFixture): () => Promise<number> {
  let [longest, stopped] = [0, false];
  const watching = (async () => {
    for (let [end, since] = [0, performance.now()]; !stopped;) {
      const now = await fixture.outputEnd();
      if (now !== end) [end, since] = [now, performance.now()];
      else if (end > 0 && (await fixture.isBehind())) longest = Math.max(longest, performance.now() - since);
      else since = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return async () => {
    stopped = true;
    await watching;
    return Math.round(longest);
  };
}
