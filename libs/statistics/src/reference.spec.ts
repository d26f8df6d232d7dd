import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { auc } from './auc.js';
import { psi } from './psi.js';
import { binColumn, decileBins } from './quantile-bins.js';

interface Case {
  edges: number[];
  refCounts: number[];
  curCounts: number[];
  psi: number;
  mannWhitneyU: number | null;
  ref: Array<number | null>;
  cur: Array<number | null>;
}

const file = new URL('../test-data/two-sample.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Record<string, Case> };

describe('against values computed with SciPy', () => {
  it.each(Object.entries(cases))('%s: deciles, counts and PSI agree', (_id, expected) => {
    const bins = decileBins(expected.ref);
    expect(bins.edges).toHaveLength(expected.edges.length);
    bins.edges.forEach((edge, i) => expect(Math.abs(edge - expected.edges[i]!)).toBeLessThanOrEqual(1e-12));
    expect(bins.counts).toEqual(expected.refCounts);
    expect(binColumn(bins.edges, expected.cur).counts).toEqual(expected.curCounts);
    expect(Math.abs(psi(expected.ref, expected.cur)! - expected.psi)).toBeLessThan(1e-9);
  });

  const ranked = Object.entries(cases).filter(([, expected]) => expected.mannWhitneyU !== null);
  it.each(ranked)('%s: the area is the Mann–Whitney U over the pairs', (_id, expected) => {
    const ref = expected.ref.filter((value) => value !== null);
    const cur = expected.cur.filter((value) => value !== null);
    const labels = [...ref.map(() => 1), ...cur.map(() => 0)];
    const area = auc(labels, [...ref, ...cur])!;
    expect(Math.abs(area - expected.mannWhitneyU! / (ref.length * cur.length))).toBeLessThan(1e-12);
  });
});
