import type { GateMetrics } from '@headrace/rollout';
import { auc, calibrationError, logLoss } from '@headrace/statistics';

/** The figures of a version on labelled rows; null where undefined. */
export function qualityOf(labels: ArrayLike<number>, scores: ArrayLike<number>): GateMetrics {
  return {
    auc: auc(labels, scores),
    logLoss: logLoss(labels, scores),
    calibrationError: calibrationError(labels, scores),
  };
}

/** As run metrics, named as in drift reports behind a prefix; what is undefined is left out. */
export function asRunMetrics(prefix: string, quality: GateMetrics): Record<string, number> {
  const named = { auc: quality.auc, log_loss: quality.logLoss, calibration_error: quality.calibrationError };
  const defined = Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(defined.map(([name, value]) => [`${prefix}_${name}`, value]));
}
