import { expect, it } from '@jest/globals';
import { testCluster, waitFor } from '@headrace/dev';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { accountOf, type Answer } from './account.js';
import { NumberedLoad } from './numbered-load.js';
import { StreamingFixture } from './streaming-fixture.js';

const KILLS = 2;
const RECORDS_A_ROUND = 400;
const entry = join(import.meta.dirname, 'naive-worker.mjs');

/** The negative control: the check that workers pass after being killed fails for one without transactions. */
it('a worker that writes outputs and commits offsets by themselves is found out', async () => {
  const fixture = await new StreamingFixture().open();
  const load = new NumberedLoad(fixture);
  const start = () => fork(entry, [testCluster.brokers, fixture.group, fixture.input, fixture.output]);
  let worker = start();
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const before = await fixture.outputEnd();
      load.more(RECORDS_A_ROUND);
      await waitFor(async () => (await fixture.outputEnd()) > before + RECORDS_A_ROUND / 4, {
        what: `outputs to move before kill ${kill + 1}`,
        timeoutMs: 90_000,
        pollMs: 5,
      });
      await killed(worker);
      worker = start();
    }
    await load.stop();
    await fixture.settled();
    const { doubled } = accountOf(load.produced, await answers(fixture), []);
    expect(doubled).toBeGreaterThan(0);
  } finally {
    await load.stop();
    await killed(worker);
    await fixture.close();
  }
}, 300_000);

async function answers(fixture: StreamingFixture): Promise<Answer[]> {
  return (await fixture.all<{ id: string }>(fixture.output)).map(({ key, value: { id } }) => ({
    id,
    key: key!.toString(),
    number: Number(id.slice('record-'.length)),
  }));
}

async function killed(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}
