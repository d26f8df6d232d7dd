import type { Columns } from '../multivariate/complete-rows.js';
import { absoluteErrors, squaredErrors } from '../performance/regression.js';
import { meanEstimate, standardErrorOf } from '../significance.js';
import {
  fitBoostedTrees,
  predictBoostedTrees,
  type BoostedTrees,
  type BoostingOptions,
} from '../trees/boosted-trees.js';

/** Knows how large a regression model's error is wont to be where; plain JSON. */
export interface LossModel {
  readonly absolute: BoostedTrees;
  readonly squared: BoostedTrees;
}

/** What a regression model's errors should be on rows without targets. */
export interface EstimatedLoss {
  readonly rows: number;
  readonly meanAbsoluteError: number;
  /** Of the mean, from the spread of the rows' expected errors; what the loss model does not know is not in it. */
  readonly standardError: number;
  readonly rootMeanSquaredError: number;
}

/**
 * Direct loss estimation (NannyML's DLE): a second model, of boosted trees, learns the size of the first one's error from the features and its prediction.
 * @param columns features of labelled reference rows that the watched model was not trained on, or its errors are too small here
 */
export function fitLossModel(
  columns: Columns,
  predictions: Float64Array,
  targets: ArrayLike<number>,
  options?: BoostingOptions,
): LossModel {
  const inputs = [...columns, predictions];
  return {
    absolute: fitBoostedTrees(inputs, absoluteErrors(targets, predictions), 'mean', options),
    squared: fitBoostedTrees(inputs, squaredErrors(targets, predictions), 'mean', options),
  };
}

/** Expected errors on rows without targets. Right while only inputs drift; wrong under concept drift, as CBPE. Null without rows. */
export function estimateLoss(model: LossModel, columns: Columns, predictions: Float64Array): EstimatedLoss | null {
  const inputs = [...columns, predictions];
  const absolute = meanEstimate(predictBoostedTrees(model.absolute, inputs));
  const squared = meanEstimate(predictBoostedTrees(model.squared, inputs));
  if (absolute === null || squared === null) return null;
  return {
    rows: absolute.rows,
    // Trees may fall below 0 where errors are tiny.
    meanAbsoluteError: Math.max(0, absolute.mean),
    standardError: standardErrorOf(absolute),
    rootMeanSquaredError: Math.sqrt(Math.max(0, squared.mean)),
  };
}
