import type { AlarmLevels } from './budget.js';
import { figureChange } from './figure-change.js';
import { designEffect, effectAtLevel } from './pane-error.js';
import type { TestOutcome } from './test-outcome.js';

/** Its rows are panes: each is one observation. */
export interface SilenceRise extends TestOutcome {
  /** Mean over panes of the longest silence, ms. */
  readonly silence: number;
  readonly referenceSilence: number;
}

/**
 * Tests whether event time lies fallow for longer than it did: the mean, over panes, of each pane's longest stretch without a record, beyond the reference's by more than `materiality`, ms. Panes of a
 * night and of a day differ among themselves, so their own spread is the error, widened by Student's quantile. One long gap widens it, too: what is told is what is so in most panes.
 * Null where fewer than two panes of either side could tell a spread.
 */
export function silenceRise(
  reference: readonly number[],
  current: readonly number[],
  given: { materiality: number; levels: AlarmLevels },
): SilenceRise | null {
  if (reference.length === 0 || current.length === 0) return null;
  const [silence, referenceSilence] = [meanOf(current), meanOf(reference)];
  const deviations = (panes: readonly number[], centre: number) =>
    panes.map((each) => ({ rows: 1, influence: each - centre }));
  const samples = [deviations(current, silence), deviations(reference, referenceSilence)];
  // Against a variance of 1 ms² the effect is the panes' own.
  const design = designEffect(samples, [1, 1]);
  if (design.degrees === 0) return null;
  const effect = effectAtLevel(design, given.levels.look);
  const change = figureChange(
    { value: silence, error: Math.sqrt(effect / current.length) },
    { value: referenceSilence, error: Math.sqrt(effect / reference.length) },
    { worseWhen: 'higher', ...given },
  );
  const { low, high, pValue } = change;
  return {
    silence,
    referenceSilence,
    rows: current.length,
    referenceRows: reference.length,
    low,
    high,
    effect,
    pValue,
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
