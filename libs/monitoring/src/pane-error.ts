import { normalQuantile, studentUpperQuantile } from '@headrace/statistics';
import { remembered } from './remembered.js';

/** How much more a sum varies between panes than independent rows would let it. Rows that come together in time are alike; panes are nearly independent of each other. */
export interface DesignEffect {
  /** Variance between panes as a multiple of that of independent rows: n rows are worth n / effect. Above 1 for rows that resemble their neighbours. */
  readonly effect: number;
  /** Panes less one, over all samples: how well the effect is known. */
  readonly degrees: number;
}

/** One pane's part of a sum: how many rows, and the sum of their influences, each row's deviation from the whole sample's figure. */
export interface PaneInfluence {
  readonly rows: number;
  readonly influence: number;
}

/**
 * The design effect over samples that share it, each cut into panes (Kish 1965; the variance between clusters as in Liang & Zeger 1986).
 * @param rowVariance of one row's influence
 */
export function designEffect(
  samples: ReadonlyArray<readonly PaneInfluence[]>,
  rowVariance: readonly number[],
): DesignEffect {
  let [weighted, degrees] = [0, 0];
  samples.forEach((panes, i) => {
    const filled = panes.filter(({ rows }) => rows > 0);
    const rows = filled.reduce((sum, pane) => sum + pane.rows, 0);
    if (filled.length < 2 || !(rowVariance[i]! > 0)) return;
    const squares = filled.reduce((sum, { influence }) => sum + influence * influence, 0);
    // (K − 1) times the variance of the total between K panes, over that of as many independent rows.
    weighted += (filled.length * squares) / (rows * rowVariance[i]!);
    degrees += filled.length - 1;
  });
  return { effect: degrees > 0 ? weighted / degrees : 1, degrees };
}

/**
 * The effect to divide rows by at a level: never below 1, and made larger where few panes tell it, so that a normal test at that level keeps it (Student's quantile over
 * the normal one, squared).
 */
export function effectAtLevel({ effect, degrees }: DesignEffect, level: number): number {
  if (degrees === 0) return 1;
  return Math.max(1, effect * allowanceFor(level, degrees));
}

const allowanceFor = remembered(
  (level, degrees) => (studentUpperQuantile(level, degrees) / normalQuantile(level)) ** 2,
);
