import { normalQuantile, normalTail } from '@headrace/statistics';
import type { AlarmLevels } from './budget.js';

/** A figure with its standard error, the rows' dependence included. */
export interface MeasuredFigure {
  readonly value: number;
  readonly error: number;
}

export interface FigureChange {
  /** Current less reference, turned so that up is worse; both ways its absolute value. */
  readonly worse: number;
  /** Where the true difference (current less reference) lies, the reference's error included. */
  readonly low: number;
  readonly high: number;
  /** Chance, at most, of so large a change while the true one is within materiality. */
  readonly pValue: number;
}

/** Which change counts as worse. */
export type WorseWhen = 'higher' | 'lower' | 'different';

/** A difference (current less reference), turned so that up is worse. */
export function worseBy(difference: number, worseWhen: WorseWhen): number {
  return worseWhen === 'higher' ? difference : worseWhen === 'lower' ? -difference : Math.abs(difference);
}

/**
 * Tests whether a figure is worse than its reference by more than `materiality`. The reference is taken at the end of its interval that speaks for the model; what is beyond that
 * must be more than the window's own error explains.
 */
export function figureChange(
  current: MeasuredFigure,
  reference: MeasuredFigure,
  { worseWhen, materiality, levels }: { worseWhen: WorseWhen; materiality: number; levels: AlarmLevels },
): FigureChange {
  const difference = current.value - reference.value;
  const worse = worseBy(difference, worseWhen);
  const sides = worseWhen === 'different' ? 2 : 1;
  const radius = -normalQuantile(levels.reference / sides) * reference.error;
  const reach = -normalQuantile(levels.look / sides) * current.error + radius;
  const beyond = worse - materiality - radius;
  return {
    worse,
    low: difference - reach,
    high: difference + reach,
    // Without any error on this side, beyond is beyond.
    pValue: current.error > 0 ? Math.min(1, sides * normalTail(beyond / current.error)) : beyond > 0 ? 0 : 1,
  };
}
