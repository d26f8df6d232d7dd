import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../seeded-random.js';
import { EDetector, type EDetectorOptions } from './e-detector.js';

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
      const runs = Array.from({ length: 300 }, () =>
        runLength(new EDetector({ tolerated, averageRunLength: 100, kind }), next),
      );
      expect(runs.reduce((sum, run) => sum + run, 0) / runs.length).toBeGreaterThan(100);
    }
  });

  it('alarms within H looks in at most a share α of runs when c is H / α', () => {
    const random = seededRandom(12);
    const runs = Array.from({ length: 400 }, () => {
      const detector = new EDetector({ tolerated: 0.3, averageRunLength: 200 / 0.05 });
      return Array.from({ length: 200 }, () => detector.update(random() < 0.3 ? 1 : 0)).includes('drift');
    });
    expect(runs.filter(Boolean).length / runs.length).toBeLessThanOrEqual(0.05);
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
