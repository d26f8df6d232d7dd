import { auc, calibrationError, logLoss } from '@headrace/statistics';

/** How scores did against what happened. Null where undefined: no rows, or one class alone. */
export interface Quality {
  readonly rows: number;
  readonly lateShare: number | null;
  readonly auc: number | null;
  /** Nats. */
  readonly logLoss: number | null;
  /** Expected calibration error, 10 equal-width bins. */
  readonly calibrationError: number | null;
}

export class Observations {
  readonly labels: boolean[] = [];
  readonly scores: number[] = [];

  add(label: boolean, score: number): void {
    this.labels.push(label);
    this.scores.push(score);
  }

  quality(): Quality {
    const { labels, scores } = this;
    return {
      rows: labels.length,
      lateShare: labels.length === 0 ? null : labels.filter(Boolean).length / labels.length,
      auc: auc(labels, scores),
      logLoss: logLoss(labels, scores),
      calibrationError: calibrationError(labels, scores),
    };
  }
}
