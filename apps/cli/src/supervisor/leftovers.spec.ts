import { RunFolder } from '@headrace/dev';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endEarlierRuns } from './leftovers.js';

let runs: string;

beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(runs, { recursive: true }));

describe('endEarlierRuns', () => {
  it('ends what each of several runs left, and forgets them', async () => {
    const sleepers = ['1', '2'].map((run) => {
      const sleeper = spawn('sleep', ['60']);
      new RunFolder(join(runs, run)).record(`sleeper-${run}`, sleeper.pid!, 'SIGTERM');
      return { run, gone: once(sleeper, 'exit') };
    });

    const ended = await endEarlierRuns(runs);

    expect(ended.map(({ name }) => name).sort()).toEqual(['sleeper-1', 'sleeper-2']);
    for (const { gone } of sleepers) await expect(gone).resolves.toEqual([null, 'SIGTERM']);
    expect(readdirSync(runs)).toEqual([]);
  });

  it('does nothing where nothing ran yet', async () => {
    await expect(endEarlierRuns(join(runs, 'new'))).resolves.toEqual([]);
  });
});
