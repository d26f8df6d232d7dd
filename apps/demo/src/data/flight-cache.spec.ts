import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFlights, sampleName } from './flight-cache.js';

const path = join(import.meta.dirname, '../../../../node_modules/vega-datasets/data/flights-3m.parquet');

describe('loadFlights', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flights-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads the sample in order of departure, and the same again from the cache', async () => {
    const source = { path, oneIn: 4000, seed: 1 };
    const flights = await loadFlights(source, folder);
    expect(flights.length).toBeGreaterThan(600);
    expect(flights.every(({ departedAt }, i) => i === 0 || departedAt >= flights[i - 1]!.departedAt)).toBe(true);
    expect(flights[0]!.departedAt).toBeGreaterThanOrEqual(Date.UTC(2001, 0, 1));
    expect(flights.at(-1)!.departedAt).toBeLessThan(Date.UTC(2001, 6, 2));
    expect(readdirSync(folder)).toEqual([`${sampleName(source)}.json`]);
    expect(await loadFlights({ ...source, path: 'no such file' }, folder)).toEqual(flights);
  });

  it('keeps samples of other parameters apart', () => {
    const names = [40, 41].flatMap((oneIn) => [1, 2].map((seed) => sampleName({ path, oneIn, seed })));
    expect(new Set(names).size).toBe(4);
  });
});
