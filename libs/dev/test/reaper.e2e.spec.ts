import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryRoot, startTimeOf, waitFor } from '../src/index.js';

const dist = join(repositoryRoot, 'libs/dev/dist/index.js');

/** A parent that starts one child under the reaper's eyes, prints its pid and waits. */
const parent = (folder: string, reaper: boolean) => `
  const { RunFolder, startChild, startReaper } = await import(${JSON.stringify(dist)});
  const runFolder = new RunFolder(${JSON.stringify(folder)});
  if (${reaper}) startReaper(runFolder.path, ${JSON.stringify(folder)});
  const log = ${JSON.stringify(join(folder, 'sleeper.log'))};
  const child = await startChild({ name: 'sleeper', command: 'sleep', args: ['600'], log, runFolder });
  console.log(child.pid);
  setInterval(() => {}, 1000);
`;

async function killedParentsChild(folder: string, reaper: boolean): Promise<number> {
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', parent(folder, reaper)]);
  const [line] = (await once(process_.stdout, 'data')) as [Buffer];
  process_.kill('SIGKILL');
  await once(process_, 'exit');
  return Number(line.toString());
}

describe('the reaper', () => {
  it('ends the children of a parent that was killed, and removes its temporary folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reaped-'));
    const pid = await killedParentsChild(folder, true);
    await waitFor(() => startTimeOf(pid) === null, { what: `child ${pid} to be gone` });
    await waitFor(() => !existsSync(folder), { what: `${folder} to be gone` });
  });

  it('is needed: without it the child lives on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'not-reaped-'));
    const pid = await killedParentsChild(folder, false);
    expect(startTimeOf(pid)).not.toBeNull();
    process.kill(pid, 'SIGKILL');
  });
});
