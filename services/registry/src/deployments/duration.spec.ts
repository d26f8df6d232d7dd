import { describe, expect, it } from '@jest/globals';
import { parseDuration } from './duration.js';

describe('a duration', () => {
  it.each([
    [604_800_000, 604_800_000],
    ['7d', 604_800_000],
    ['1w', 604_800_000],
    ['P7D', 604_800_000],
    ['P1W', 604_800_000],
    ['12h', 43_200_000],
    ['PT12H', 43_200_000],
    ['P1DT6H', 108_000_000],
    ['15 m', 900_000],
    ['PT15M', 900_000],
    ['PT0.5S', 500],
    ['500ms', 500],
    [0, 0],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '7', '7 days', 'd', 'P', 'PT', 'P1Y', 'P1M', 'P1DT', '-7d', -1, 1.5, NaN, 1e300, '99999999999999999d'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});
