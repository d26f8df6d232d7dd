import { binomialTail, normalQuantile, proportionUpperBound } from '@headrace/statistics';
import type { AlarmLevels } from './budget.js';
import { designEffect, effectAtLevel } from './pane-error.js';
import type { TestOutcome } from './test-outcome.js';

/** How many rows of a pane had a property. */
export interface PaneHits {
  readonly rows: number;
  readonly hits: number;
}

export interface RareShareRise extends TestOutcome {
  readonly share: number;
  readonly referenceShare: number;
}

/**
 * Tests whether a share that is small or 0 (missing, out of range, new) rose by more than `materiality`: the binomial's own tail, beyond the upper end of the reference's interval
 * (Clopper & Pearson 1934), which is sound where the reference never saw the property. Null when a side is empty.
 */
export function rareShareRise(
  reference: readonly PaneHits[],
  current: readonly PaneHits[],
  { materiality, levels }: { materiality: number; levels: AlarmLevels },
): RareShareRise | null {
  const [r, c] = [total(reference), total(current)];
  if (r.rows === 0 || c.rows === 0) return null;
  const effect = effectOf([reference, current], levels.look);
  const share = c.hits / c.rows;
  const bound = proportionUpperBound(r.hits / effect, r.rows / effect, levels.reference);
  const tolerated = Math.min(1, bound + materiality);
  const error = Math.sqrt((share * (1 - share) * effect) / c.rows) * -normalQuantile(levels.look);
  return {
    share,
    referenceShare: r.hits / r.rows,
    rows: c.rows,
    referenceRows: r.rows,
    low: Math.max(0, share - error - bound),
    high: Math.min(1, share + error),
    effect,
    pValue: binomialTail(c.hits / effect, c.rows / effect, tolerated),
  };
}

function total(panes: readonly PaneHits[]): PaneHits {
  return panes.reduce((sum, { rows, hits }) => ({ rows: sum.rows + rows, hits: sum.hits + hits }), {
    rows: 0,
    hits: 0,
  });
}

function effectOf(samples: ReadonlyArray<readonly PaneHits[]>, level: number): number {
  const shares = samples.map((panes) => {
    const { rows, hits } = total(panes);
    return rows === 0 ? 0 : hits / rows;
  });
  const influences = samples.map((panes, i) =>
    panes.map(({ rows, hits }) => ({ rows, influence: hits - rows * shares[i]! })),
  );
  const variances = shares.map((share) => share * (1 - share));
  // A share of 0 or 1 has no variance between panes to speak of.
  const effect = designEffect(influences, variances);
  return effectAtLevel(effect, level);
}
