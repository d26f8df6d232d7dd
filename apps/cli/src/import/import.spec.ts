import { describe, expect, it } from '@jest/globals';
import { inParallel } from './in-parallel.js';
import { Progress } from './progress.js';
import { Tally } from './tally.js';

describe('the closing count', () => {
  it('matches only thing by thing: one that is missing is not made up for by another', () => {
    const tally = new Tally();
    tally.add('run a', { runs: 1, files: 2, 'file bytes': 10 }, { runs: 1, files: 2, 'file bytes': 10 });
    expect(tally.matches).toBe(true);
    tally.add('run b', { runs: 1, params: 3 }, { runs: 1, params: 2 });
    tally.add('run c', { runs: 1, params: 3 }, { runs: 1, params: 4 });
    expect(tally.matches).toBe(false);
    expect(tally.differences).toEqual(['run b: 3 params there and 2 here', 'run c: 3 params there and 4 here']);
    expect(tally.toText()).toMatch(/^runs +3 +3$/m);
  });
});

describe('progress', () => {
  it('is a bar on a terminal, which is drawn again in its place', () => {
    const drawn: string[] = [];
    const progress = new Progress('runs', 4, { out: () => undefined, redraw: (line) => drawn.push(line) });
    progress.addBytes(3 * 2 ** 20);
    progress.step();
    progress.end();
    expect(drawn).toEqual([
      `runs [${'-'.repeat(30)}] 0/4 (0 %)`,
      `runs [${'-'.repeat(30)}] 0/4 (0 %), 3.0 MiB`,
      `runs [${'#'.repeat(7)}${'-'.repeat(23)}] 1/4 (25 %), 3.0 MiB`,
      `runs [${'#'.repeat(7)}${'-'.repeat(23)}] 1/4 (25 %), 3.0 MiB\n`,
    ]);
  });

  it('is a line each tenth of the way elsewhere, and the last', () => {
    const said: string[] = [];
    const progress = new Progress('runs', 1000, { out: (line) => said.push(line) });
    for (let step = 0; step < 1000; step++) progress.step();
    progress.end();
    expect(said).toHaveLength(10);
    expect(said.at(-1)).toMatch(/1000\/1000 \(100 %\)$/);
  });

  it('of nothing says nothing', () => {
    const said: string[] = [];
    new Progress('runs', 0, { out: (line) => said.push(line), redraw: (line) => said.push(line) }).end();
    expect(said).toEqual([]);
  });
});

describe('work in parallel', () => {
  it('has at most so many in hand, and all of them done at the end', async () => {
    let [inHand, most, done] = [0, 0, 0];
    await inParallel(
      Array.from({ length: 20 }, (_, at) => at),
      3,
      async () => {
        most = Math.max(most, ++inHand);
        await new Promise((resolve) => setImmediate(resolve));
        inHand--;
        done++;
      },
    );
    expect([most, done]).toEqual([3, 20]);
  });

  it('begins nothing more after a failure, which it tells when those in hand have ended', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      await new Promise((resolve) => setImmediate(resolve));
      if (item === 1) throw new Error('no');
    };
    await expect(inParallel([0, 1, 2, 3, 4, 5, 6, 7], 2, work)).rejects.toThrow('no');
    expect(begun.length).toBeLessThan(8);
  });
});
