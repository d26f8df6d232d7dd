import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { corrections, type Correction } from '../corrections.js';
import { normalTail } from '../normal.js';
import { estimatePsi, psiOfCounts } from '../psi.js';
import { binColumn, binSorted, decileBins, quantileBins } from '../quantile-bins.js';
import { zOfProportions } from '../significance.js';
import { sortedSample } from '../sorted-sample.js';
import { chiSquareTest, gTest } from './contingency.js';
import { cramerVonMises } from './cramer-von-mises.js';
import { hellingerDistance, jensenShannonDistance, largestShareChange, totalVariation } from './distances.js';
import { kolmogorovTail } from './kolmogorov.js';
import { ksTest } from './ks.js';
import { mannWhitney } from './mann-whitney.js';
import { evidentlyBins, evidentlyPsi, nannymlBins } from './peer-bins.js';
import { normalisedWasserstein, wassersteinDistance } from './wasserstein.js';

/** The figures of one case by name; null where a library gave none. */
type Figures = Record<string, any>;
const read = (path: string): any =>
  JSON.parse(readFileSync(new URL(`../../test-data/${path}`, import.meta.url), 'utf8'));
const expected = read('reference/expected.json') as Record<string, { values: Record<string, Figures> }>;
const { scipy, evidently, nannyml } = expected as Record<'scipy' | 'evidently' | 'nannyml', { values: Figures }>;
const more = read('scipy.json') as Figures;

const ids = Object.keys(scipy.values);
const numeric = ids.filter((id) => 'ks_stat' in scipy.values[id]);
const categorical = ids.filter((id) => id.startsWith('cat_'));
const raw = (id: string): { ref: Array<number | null>; cur: Array<number | null> } =>
  read(`reference/inputs/${id}.json`);
const samples = (id: string) => ({ ref: sortedSample(raw(id).ref), cur: sortedSample(raw(id).cur) });

/** Fails unless the value lies within `tolerance` of what a library says, absolute or relative to it. */
function agree(value: number | null | undefined, target: number, tolerance: number, relative = false): void {
  expect(value).not.toBeNull();
  expect(Math.abs(value! - target)).toBeLessThanOrEqual(tolerance * (relative ? Math.abs(target) : 1));
}

describe('against SciPy, numbers', () => {
  it.each(numeric)('%s: KS and its three p-values', (id) => {
    const { ref, cur } = samples(id);
    const target = scipy.values[id];
    agree(ksTest(ref, cur)!.statistic, target.ks_stat, 1e-12);
    agree(ksTest(ref, cur, 'exact')!.pValue, target.ks_p_exact, 1e-6, true);
    agree(ksTest(ref, cur, 'finite')!.pValue, target.ks_p_asymp_scipy, 1e-6, true);
    agree(ksTest(ref, cur, 'limit')!.pValue, target.ks_p_kolmogorov_limit, 1e-8, true);
  });

  it.each(more.kstwo as Array<[number, number, number]>)("Kolmogorov's tail at n = %d, D = %d", (n, d, p) => {
    agree(kolmogorovTail(d, n), p, 1e-6, true);
  });

  it.each(numeric)('%s: Wasserstein, Cramér–von Mises, Mann–Whitney', (id) => {
    const { ref, cur } = samples(id);
    const target = scipy.values[id];
    agree(wassersteinDistance(ref, cur), target.wasserstein, 1e-6, true);
    agree(normalisedWasserstein(ref, cur), target.wasserstein_norm_std0, 1e-6, true);
    agree(cramerVonMises(ref, cur)!.statistic, target.cvm_stat, 1e-9);
    agree(cramerVonMises(ref, cur)!.pValue, more.cramerVonMisesP[id], 1e-7);
    agree(mannWhitney(ref, cur)!.u, target.mannwhitney_u, 0);
    agree(mannWhitney(ref, cur, 'normal')!.pValue, target.mannwhitney_p, 1e-8, true);
  });

  it('num_tiny_cur5: Mann–Whitney, exact', () => {
    const { ref, cur } = samples('num_tiny_cur5');
    agree(mannWhitney(ref, cur)!.pValue, more.mannWhitneyExactP.num_tiny_cur5, 1e-8, true);
  });

  it.each(numeric)('%s: deciles, their counts and the distances over them', (id) => {
    const { ref, cur } = samples(id);
    const target = scipy.values[id];
    const bins = quantileBins(ref, 10);
    expect(bins).toEqual(decileBins(raw(id).ref));
    expect(bins.edges).toEqual(target.psi_deciles_edges);
    expect(bins.counts).toEqual(target.psi_deciles_ref_counts);
    const counted = binSorted(cur, bins.edges);
    expect(counted.counts).toEqual(target.psi_deciles_cur_counts);
    expect(binColumn(bins.edges, raw(id).cur)).toEqual(counted);
    agree(estimatePsi(bins, counted)!.psi, target.psi_deciles, 1e-9);
    agree(jensenShannonDistance(bins.counts, counted.counts), target.js_distance_deciles_base2, 1e-9);
    agree(hellingerDistance(bins.counts, counted.counts), target.hellinger_deciles, 1e-9);
    agree(totalVariation(bins.counts, counted.counts), target.tv_deciles, 1e-9);
    agree(largestShareChange(bins.counts, counted.counts), target.linf_deciles, 1e-9);
  });
});

describe('against SciPy, categories', () => {
  it.each(categorical)('%s: distances and contingency tests', (id) => {
    const target = scipy.values[id];
    const [ref, cur] = [target.ref_counts, target.cur_counts];
    agree(psiOfCounts(ref, cur), target.psi, 1e-9);
    agree(jensenShannonDistance(ref, cur), target.js_distance_base2, 1e-9);
    agree(jensenShannonDistance(ref, cur, 'e'), target.js_distance_base_e, 1e-9);
    agree(hellingerDistance(ref, cur), target.hellinger, 1e-9);
    agree(totalVariation(ref, cur), target.tv, 1e-9);
    agree(largestShareChange(ref, cur), target.linf, 1e-9);
    const chi = chiSquareTest(ref, cur)!;
    agree(chi.statistic, target.chi2_contingency_stat, 1e-8);
    agree(chi.pValue, target.chi2_contingency_p, 1e-8, true);
    expect(chi.degrees).toBe(target.chi2_dof);
    agree(gTest(ref, cur)!.statistic, target.gtest_stat, 1e-8);
    agree(gTest(ref, cur)!.pValue, target.gtest_p, 1e-8, true);
  });
});

describe('against Evidently', () => {
  it.each(numeric)('%s: KS, PSI, Wasserstein, Jensen–Shannon', (id) => {
    const { ref, cur } = samples(id);
    const target = evidently.values[id];
    const bins = evidentlyBins(ref, cur)!;
    agree(ksTest(ref, cur)!.pValue, target.ks.score, 1e-6, true);
    agree(evidentlyPsi(bins.reference, bins.current), target.psi.score, 1e-6);
    agree(normalisedWasserstein(ref, cur), target.wasserstein.score, 1e-6, true);
    agree(jensenShannonDistance(bins.reference, bins.current, 'e'), target.jensenshannon.score, 1e-6);
  });

  it.each(categorical)('%s: PSI, Jensen–Shannon, Hellinger, z of two shares', (id) => {
    const target = evidently.values[id];
    const { ref_counts: ref, cur_counts: cur } = scipy.values[id];
    agree(evidentlyPsi(ref, cur), target.psi.score, 1e-6);
    agree(jensenShannonDistance(ref, cur, 'e'), target.jensenshannon.score, 1e-6);
    agree(hellingerDistance(ref, cur), target.hellinger.score, 1e-6);
    if (target.z) {
      const z = zOfProportions(cur[1], cur[0] + cur[1], ref[1], ref[0] + ref[1]);
      agree(2 * normalTail(Math.abs(z)), target.z.score, 1e-6);
    }
  });
});

describe('against NannyML', () => {
  const varying = numeric.filter((id) => id !== 'num_const_ref_vary');
  it.each(varying)('%s: Jensen–Shannon and Hellinger over its bins, KS, Wasserstein', (id) => {
    const { ref, cur } = samples(id);
    const target = nannyml.values[id];
    const bins = nannymlBins(ref, cur)!;
    expect(bins.reference).toHaveLength(target.js_bins.length);
    agree(jensenShannonDistance(bins.reference, bins.current), target.js, 1e-6);
    agree(hellingerDistance(bins.reference, bins.current), target.hellinger, 1e-6);
    agree(ksTest(ref, cur)!.statistic, target.ks, 1e-12);
    agree(wassersteinDistance(ref, cur), target.wasserstein, 1e-6, true);
  });

  it.each(categorical)('%s: Jensen–Shannon, Hellinger, L∞', (id) => {
    const target = nannyml.values[id];
    const { ref_counts: ref, cur_counts: cur } = scipy.values[id];
    agree(jensenShannonDistance(ref, cur), target.js, 1e-6);
    agree(hellingerDistance(ref, cur), target.hellinger, 1e-6);
    agree(largestShareChange(ref, cur), target.linf, 1e-9);
  });

  it('says 0 for a constant reference whose current values moved by less than a half; here that is drift', () => {
    const { ref, cur } = samples('num_const_ref_vary');
    const bins = nannymlBins(ref, cur)!;
    expect(nannyml.values.num_const_ref_vary.js).toBe(0);
    expect(jensenShannonDistance(bins.reference, bins.current)).toBeGreaterThan(0.5);
  });
});

describe('corrections', () => {
  const names: Array<[string, Correction]> = [
    ['bonferroni', 'bonferroni'],
    ['holm', 'holm'],
    ['bh', 'benjamini-hochberg'],
    ['by', 'benjamini-yekutieli'],
  ];
  const cases = Object.entries(read('reference/corrections.json') as Figures);
  it.each(cases.flatMap(([id, target]) => names.map(([key, name]) => [id, name, target.p, target[key]] as const)))(
    '%s: %s',
    (_id, name, p, target: number[]) => corrections[name](p).forEach((value, i) => agree(value, target[i]!, 1e-12)),
  );

  it.each(cases)('%s: rejects the same at 5 %%', (_id, target) => {
    const rejects = (name: Correction): boolean[] => Array.from(corrections[name](target.p), (p) => p <= 0.05);
    expect(rejects('benjamini-hochberg')).toEqual(target.bh_reject_005);
    expect(rejects('bonferroni')).toEqual(target.bonferroni_reject_005);
  });
});
