import { describe, expect, it } from '@jest/globals';
import { reportedMetrics, windowFigures } from './window-figures.js';

const row = (score: number | null, label: boolean | null) => ({ score, label });

describe('the figures of a window', () => {
  it('stand on labelled rows only: a missing label is not a negative', () => {
    const labelled = [row(0.8, true), row(0.2, false), row(0.6, true)];
    const figures = windowFigures([...labelled, row(0.9, null), row(0.1, null)]);
    expect(figures).toMatchObject({ predictions: 5, labelled: 3, positives: 2 });
    expect(reportedMetrics(figures)).toEqual({
      ...reportedMetrics(windowFigures(labelled)),
      mean_score: (0.8 + 0.2 + 0.6 + 0.9 + 0.1) / 5,
    });
  });

  it('leave out rows without a finite score', () => {
    expect(windowFigures([row(NaN, true), row(null, false), row(0.5, true)])).toMatchObject({ labelled: 1 });
  });

  it('are null where they are undefined, for no row and for scores that are no probabilities', () => {
    expect(Object.values(reportedMetrics(windowFigures([])))).toEqual([null, null, null, null, null, null]);
    const regression = reportedMetrics(windowFigures([row(12, true), row(3, false)]));
    expect(regression).toMatchObject({ auc: 1, log_loss: null, brier: null, calibration_error: null });
  });

  it('never carry an infinity', () => {
    expect(reportedMetrics(windowFigures([row(1.7e308, true), row(1.7e308, false)])).mean_score).toBeNull();
  });
});
