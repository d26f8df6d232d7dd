import { describe, expect, it } from '@jest/globals';
import { brier } from './brier.js';
import { LOG_LOSS_CLIP, logLoss } from './log-loss.js';

describe('log loss', () => {
  it('is the mean negative log of what was given to the truth', () => {
    expect(logLoss([1, 0, 1], [0.8, 0.4, 0.5])).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6) + Math.log(0.5)) / 3, 14);
  });

  it('stays finite for a sure and wrong row, and costs nothing for a sure and right one', () => {
    expect(logLoss([1], [0])).toBeCloseTo(-Math.log(LOG_LOSS_CLIP), 10);
    expect(logLoss([0], [1])).toBeCloseTo(-Math.log(LOG_LOSS_CLIP), 10);
    expect(logLoss([1, 0], [1, 0])).toBeCloseTo(0, 12);
  });

  it('is undefined without rows and refuses what is not a probability', () => {
    expect(logLoss([], [])).toBeNull();
    expect(() => logLoss([1], [1.2])).toThrow('score 1.2 of row 0');
    expect(() => logLoss([1], [NaN])).toThrow(RangeError);
  });
});

describe('brier', () => {
  it('is the mean squared distance to the truth', () => {
    expect(brier([true, false], [0.9, 0.3])).toBeCloseTo((0.01 + 0.09) / 2, 14);
    expect(brier([], [])).toBeNull();
    expect(() => brier([1], [-0.1])).toThrow(RangeError);
  });
});
