import { describe, expect, it } from '@jest/globals';
import { npmi } from './correlation.js';

const counts = (total: number, first: number, second: number, both: number) => ({ total, first, second, both });

describe('the correlation of two filters', () => {
  it('is that of MLflow 3.17', () => {
    // mlflow.store.analytics.trace_correlation.calculate_npmi_from_counts(6, 6, 7, 10)
    expect(npmi(counts(10, 6, 7, 6))).toBeCloseTo(0.6982322877799215, 12);
    expect(npmi(counts(10, 6, 7, 6), 0.5)).toBeCloseTo(0.5404578674731575, 12);
  });

  it.each([
    ['1 where they always meet', counts(10, 10, 10, 10), 1],
    ['-1 where they never do', counts(10, 5, 5, 0), -1],
    ['0 where one tells nothing of the other', counts(100, 50, 20, 10), 0],
  ])('is %s', (_, given, expected) => {
    expect(npmi(given)).toBeCloseTo(expected, 12);
  });

  it('is not a number where one fits nothing', () => {
    expect(npmi(counts(10, 0, 7, 0))).toBeNaN();
  });
});
