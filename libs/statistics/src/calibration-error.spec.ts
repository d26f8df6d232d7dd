import { describe, expect, it } from '@jest/globals';
import { calibrationError, estimateCalibrationError } from './calibration-error.js';
import { seededRandom } from './seeded-random.js';

describe('calibration error', () => {
  it('weighs the gap of each bin by its rows', () => {
    // Bin [0.1, 0.2): two rows, gap |0.5 − 0.15|; bin [0.9, 1]: two rows (1 belongs to the last), gap |1 − 0.95|.
    expect(calibrationError([1, 0, 1, 1], [0.15, 0.15, 0.9, 1])).toBeCloseTo(0.5 * 0.35 + 0.5 * 0.05, 12);
  });

  it('is one minus the probability for a constant and right prediction', () => {
    expect(calibrationError([1, 1], [0.75, 0.75])).toBeCloseTo(0.25, 14);
  });

  it('is undefined without rows and refuses what is not a probability', () => {
    expect(calibrationError([], [])).toBeNull();
    expect(() => calibrationError([1], [2])).toThrow(RangeError);
  });

  it('shows about its stated noise for a model that is perfectly calibrated', () => {
    const random = seededRandom(7);
    let [error, noise] = [0, 0];
    for (let run = 0; run < 50; run++) {
      const scores = Array.from({ length: 1000 }, random);
      const estimate = estimateCalibrationError(
        scores.map((p) => (random() < p ? 1 : 0)),
        scores,
      )!;
      error += estimate.error / 50;
      noise += estimate.noise / 50;
    }
    expect(error / noise).toBeGreaterThan(0.9);
    expect(error / noise).toBeLessThan(1.1);
  });
});
