import { expect } from '@jest/globals';

interface Quality {
  readonly rows: number;
  readonly auc: number | null;
  readonly logLoss: number | null;
  readonly calibrationError: number | null;
}

interface Compared {
  readonly champion: Quality;
  readonly neverRetrained: Quality;
}

/** What the demo's --json promises to whoever reads it, as far as it is looked at here. */
export interface DemoSummary {
  readonly complete: boolean;
  readonly missing: string | null;
  readonly steps: ReadonlyArray<{ readonly name: string; readonly done: boolean }>;
  readonly comparison: {
    readonly byWeek: ReadonlyArray<Compared & { readonly versions: readonly number[] }>;
    readonly afterRetraining: Compared;
  };
  readonly counts: { readonly asked: number; readonly promoted: number };
  readonly accounts: ReadonlyArray<{
    readonly deployment: string;
    readonly recordsIn: number;
    readonly predictions: number;
    readonly deadLetters: number;
    readonly repeated: number;
  }>;
  readonly lineage: {
    readonly version: number;
    readonly runId: string;
    readonly artifact: { readonly named: string | null; readonly found: string };
    readonly snapshot: { readonly rows: number; readonly sha256: string } | null;
    readonly recomputed: { readonly rows: number; readonly sha256: string } | null;
  } | null;
  readonly lineageFault: string | null;
}

const loop = [
  'a first model has been trained',
  'the first model has been promoted',
  'predictions have been joined with labels',
  'drift has been found',
  'a retrain has been commanded',
  'a candidate has been trained',
  'the candidate has been replayed over recorded traffic',
  'the gate has decided about the candidate',
  'a retrained version has been promoted',
  'the retrained version has predicted',
];

export function expectLoopClosed({ complete, missing, steps, counts }: DemoSummary): void {
  expect({ complete, missing }).toEqual({ complete: true, missing: null });
  expect(steps.filter(({ done }) => done).map(({ name }) => name)).toEqual(expect.arrayContaining(loop));
  expect(counts.asked).toBeGreaterThanOrEqual(1);
  expect(counts.promoted).toBeGreaterThanOrEqual(1);
}

/** Records in = predictions out + dead letters, for both deployments. */
export function expectEveryRecordAnsweredOnce({ accounts }: DemoSummary): void {
  expect(accounts.map(({ deployment }) => deployment)).toEqual(['flight-delays', 'flight-delays-frozen']);
  for (const { recordsIn, predictions, deadLetters, repeated } of accounts) {
    expect(recordsIn).toBeGreaterThan(0);
    expect({ answered: predictions + deadLetters, repeated }).toEqual({ answered: recordsIn, repeated: 0 });
  }
}

/** Figures, whichever way they point: that retraining helps is for data to say. */
export function expectComparison({ comparison: { byWeek, afterRetraining } }: DemoSummary): void {
  expect(byWeek.length).toBeGreaterThan(0);
  const versions = new Set(byWeek.flatMap((week) => week.versions));
  expect(versions.size).toBeGreaterThan(1);
  for (const { champion, neverRetrained } of [...byWeek, afterRetraining]) {
    expect(champion.rows).toBeGreaterThan(0);
    expect(neverRetrained.rows).toBe(champion.rows);
    for (const { auc, logLoss, calibrationError } of [champion, neverRetrained])
      expect([auc, logLoss, calibrationError].filter(Number.isFinite)).toHaveLength(3);
  }
}

/** From a prediction back to the bytes of its model and to the rows that this was trained on, hashed again. */
export function expectLineageVerified({ lineage, lineageFault }: DemoSummary): void {
  expect(lineageFault).toBeNull();
  const { artifact, snapshot, recomputed } = lineage!;
  expect(artifact.named).toMatch(/^[0-9a-f]{64}$/);
  expect(artifact.found).toBe(artifact.named);
  expect(snapshot!.rows).toBeGreaterThan(0);
  expect(recomputed).toEqual({ rows: snapshot!.rows, sha256: snapshot!.sha256 });
}
