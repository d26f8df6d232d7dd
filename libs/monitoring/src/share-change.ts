import {
  chiSquareUpperQuantile,
  noncentralChiSquareTail,
  normalQuantile,
  psiOfCounts,
  type Counts,
} from '@headrace/statistics';
import type { AlarmLevels } from './budget.js';
import { designEffect, effectAtLevel, type PaneInfluence } from './pane-error.js';
import { remembered } from './remembered.js';
import type { TestOutcome } from './test-outcome.js';

const radiusQuantile = remembered(chiSquareUpperQuantile);

/** Counts of one side in the same bins, pane by pane; one pane where the parts are not known. */
export type PaneCounts = readonly Counts[];

/** How the shares of bins or categories changed from a reference to a window. Plain JSON: with the counts it is enough to compute it again. */
export interface ShareChange extends TestOutcome {
  /** Population stability index. */
  readonly psi: number;
  /** 4·Σ(√p − √q)² = 8·Hellinger², in the index's unit and never above it: what is tested. */
  readonly distance: number;
  /** Bins that either side saw. */
  readonly bins: number;
}

interface Sample {
  readonly panes: PaneCounts;
  readonly counts: Float64Array;
  readonly rows: number;
}

/**
 * Tests whether shares moved by more than `materiality` of the population stability index, both samples' errors included. Null when a side is empty.
 *
 * Square roots of shares have the same variance in every bin, 1 / (4n), whatever the shares (Bartlett 1936; Freeman & Tukey 1950): v = √p̂ − √q̂ of two samples is nearly normal around its
 * true value with no bin noisier than another, and |v|² is a noncentral chi-square whose distribution knows only the true distance. As the index is at least 4·|v|² for any two
 * distributions (ln t ≥ 2(t − 1)/(t + 1)), an index within δ means |v| ≤ √δ/2, and the tail there bounds the chance over the whole composite hypothesis.
 * - The reference is off by at most R = √(χ² quantile at its level)·s in any direction: by the triangle inequality the window lies within √δ/2 + R of it.
 * - Rows that resemble their neighbours: s² is taken along v itself, from the variance of the panes' projections onto it. With δ = 0 that is safe by Cauchy and Schwarz (|v|⁴ / vᵀΣv ≤ vᵀΣ⁻¹v,
 *   which is a chi-square), with a large δ because only the error along v matters.
 */
export function shareChange(
  reference: PaneCounts,
  current: PaneCounts,
  { materiality, levels }: { materiality: number; levels: AlarmLevels },
): ShareChange | null {
  const [r, c] = [sampleOf(reference), sampleOf(current)];
  if (r.rows === 0 || c.rows === 0) return null;
  const v = c.counts.map((count, i) => Math.sqrt(count / c.rows) - Math.sqrt(r.counts[i]! / r.rows));
  const length = Math.hypot(...v);
  const effect = length === 0 ? 1 : effectAlong(v, length, [r, c], levels.look);
  const bins = r.counts.filter((count, i) => count + c.counts[i]! > 0).length;
  const error = Math.sqrt(effect / (4 * c.rows));
  const radius = Math.sqrt((radiusQuantile(levels.reference, bins - 1) * effect) / (4 * r.rows));
  const tolerated = Math.sqrt(materiality) / 2 + radius;
  const reach = -normalQuantile(levels.look) * error + radius;
  return {
    psi: psiOfCounts(r.counts, c.counts)!,
    distance: 4 * length ** 2,
    low: 4 * Math.max(0, length - reach) ** 2,
    high: 4 * (length + reach) ** 2,
    bins,
    rows: c.rows,
    referenceRows: r.rows,
    effect,
    pValue: bins < 2 ? 1 : noncentralChiSquareTail((length / error) ** 2, bins - 1, (tolerated / error) ** 2),
  };
}

function sampleOf(panes: PaneCounts): Sample {
  const counts = new Float64Array(panes[0]?.length ?? 0);
  for (const pane of panes) for (let bin = 0; bin < counts.length; bin++) counts[bin]! += pane[bin]!;
  return { panes, counts, rows: counts.reduce((sum, count) => sum + count, 0) };
}

/** A row in bin b moves the projection by v_b / (2·√p_b) less its mean; independent rows would give it the variance 1/4. */
function effectAlong(v: Float64Array, length: number, samples: readonly Sample[], level: number): number {
  const influences = samples.map(({ panes, counts, rows }) => {
    const weights = v.map((part, bin) => (counts[bin]! > 0 ? part / length / (2 * Math.sqrt(counts[bin]! / rows)) : 0));
    const mean = weights.reduce((sum, weight, bin) => sum + weight * counts[bin]!, 0) / rows;
    return panes.map((pane) => influenceOf(pane, weights, mean));
  });
  return effectAtLevel(
    designEffect(
      influences,
      samples.map(() => 1 / 4),
    ),
    level,
  );
}

function influenceOf(pane: Counts, weights: Float64Array, mean: number): PaneInfluence {
  let [rows, influence] = [0, 0];
  for (let bin = 0; bin < pane.length; bin++) {
    rows += pane[bin]!;
    influence += pane[bin]! * (weights[bin]! - mean);
  }
  return { rows, influence };
}
