import { describe, expect, it } from '@jest/globals';
import { bonferroni } from '../corrections.js';
import { seededRandom } from '../seeded-random.js';
import { averageRunLengthFor, EDetector, type EDetectorOptions } from './e-detector.js';

const kinds = ['shiryaev-roberts', 'cusum'] as const;

/** Values until the first alarm. */
function runLength(detector: EDetector, next: () => number): number {
  for (let values = 1; ; values++) if (detector.update(next()) === 'drift') return values;
}

describe('an e-detector', () => {
  it.each([0.1, 0.5, 0.8])(
    'has evidence n, on average over all orders, after n values with the tolerated mean %d',
    (mean) => {
      const n = 10;
      let expectation = 0;
      for (let order = 0; order < 2 ** n; order++) {
        const detector = new EDetector({ tolerated: mean, averageRunLength: 1e300 });
        let chance = 1;
        for (let i = 0; i < n; i++) {
          const value = (order >> i) & 1;
          chance *= value ? mean : 1 - mean;
          detector.update(value);
        }
        expectation += chance * detector.evidence;
      }
      expect(expectation).toBeCloseTo(n, 9);
    },
  );

  it.each(kinds)('%s: the mean run length without a change is at least c', (kind) => {
    const random = seededRandom(11);
    const sources: Array<[number, () => number]> = [
      [0.2, () => (random() < 0.2 ? 1 : 0)],
      [0.5, random],
      [0.25, () => random() * random()],
    ];
    for (const [tolerated, next] of sources) {
      const runs = Array.from({ length: 120 }, () =>
        runLength(new EDetector({ tolerated, averageRunLength: 60, kind }), next),
      );
      expect(runs.reduce((sum, run) => sum + run, 0) / runs.length).toBeGreaterThan(60);
    }
  });

  describe('over 100 looks at 10 unchanged features', () => {
    const [looks, streams, alpha] = [100, 10, 0.05];
    /** Share of 200 runs in which any look alarmed; p-values without a change are uniform. */
    const alarming = (start: () => (pValues: number[]) => boolean): number => {
      const random = seededRandom(12);
      const runs = Array.from({ length: 200 }, () => {
        const look = start();
        return Array.from({ length: looks }, () => look(Array.from({ length: streams }, random))).includes(true);
      });
      return runs.filter(Boolean).length / runs.length;
    };

    it('keeps the declared level, fed with whether a p-value is below 0.2', () => {
      const share = alarming(() => {
        const averageRunLength = averageRunLengthFor({ looks, streams, alpha });
        const detectors = Array.from({ length: streams }, () => new EDetector({ tolerated: 0.2, averageRunLength }));
        return (pValues) => pValues.map((p, i) => detectors[i]!.update(p < 0.2 ? 1 : 0)).includes('drift');
      });
      expect(share).toBeLessThanOrEqual(alpha);
    });

    it('Bonferroni at each look alarms nearly always', () => {
      expect(alarming(() => (pValues) => bonferroni(pValues).some((p) => p <= alpha))).toBeGreaterThan(0.97);
    });
  });

  it('finds a rise sooner the larger it is, and a fall when it watches down', () => {
    const delay = (rate: number, options: Partial<EDetectorOptions> = {}): number => {
      const random = seededRandom(13);
      const lengths = Array.from({ length: 40 }, () =>
        runLength(new EDetector({ tolerated: 0.3, averageRunLength: 10_000, ...options }), () =>
          random() < rate ? 1 : 0,
        ),
      );
      return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    };
    const delays = [0.45, 0.6, 0.8].map((rate) => delay(rate));
    expect(delays).toEqual([...delays].sort((a, b) => b - a));
    expect(delays[0]).toBeLessThan(300);
    expect(delay(0.1, { direction: 'down' })).toBeLessThan(200);
  });

  it('bets by the likelihood ratio of the rise it looks for', () => {
    const after = (value: number): number => {
      const detector = new EDetector({ tolerated: 0.2, averageRunLength: 100, smallestRise: 0.3, bets: 1 });
      detector.update(value);
      return detector.evidence;
    };
    expect(after(1)).toBeCloseTo(0.5 / 0.2, 12);
    expect(after(0)).toBeCloseTo(0.5 / 0.8, 12);
  });

  it('goes on from its snapshot', () => {
    const options = { tolerated: 0.3, averageRunLength: 1e6 };
    const random = seededRandom(14);
    const values = Array.from({ length: 50 }, random);
    const whole = new EDetector(options);
    let stopped = new EDetector(options);
    for (const value of values) {
      whole.update(value);
      stopped.update(value);
      stopped = new EDetector(options, JSON.parse(JSON.stringify(stopped.snapshot())));
    }
    expect(stopped.evidence).toBe(whole.evidence);
  });

  it('refuses what its bound does not cover', () => {
    expect(() => new EDetector({ tolerated: 0, averageRunLength: 100 })).toThrow(RangeError);
    expect(() => new EDetector({ tolerated: 0.5, averageRunLength: 1 })).toThrow(RangeError);
    const detector = new EDetector({ tolerated: 0.5, averageRunLength: 100 });
    for (const loss of [NaN, -0.1, 1.1]) expect(() => detector.update(loss)).toThrow(RangeError);
  });
});
