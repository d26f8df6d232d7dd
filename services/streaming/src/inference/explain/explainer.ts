import type { ExplainSpec } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import { setImmediate as breathe } from 'node:timers/promises';
import { outputColumns, scoreColumn } from '../output-columns.js';
import type { Scorer } from '../scorer.js';
import { areAll, permutationsOf } from './permutations.js';
import { isSampled, recordRandom } from './record-chance.js';
import { attributions, fillRow, rowsOf } from './shapley.js';

/** A record that is to be explained. */
export interface Explainable {
  readonly recordId: string;
  /** In the deployment's order. */
  readonly features: Float64Array;
  readonly score: number;
}

export interface Explanation {
  readonly baseScore: number;
  readonly permutations: number;
  readonly exact: boolean;
  readonly attributions: number[];
}

/** Rows of one call of the model, and values of its matrix. */
const ROWS_A_RUN = 4096;
const VALUES_A_RUN = 2 ** 22;
/** Scores that are waited for at once. */
const ROWS_IN_HAND = 2 ** 16;

/** A record's rows in hand. */
interface Job {
  readonly record: Explainable;
  readonly permutations: Int32Array[];
  readonly scores: Float64Array;
}

/** Explains scores of one version. What a record's explanation is depends on its id, its features and the version alone. */
export class Explainer {
  private readonly baseline: Float64Array;
  private baseScore: Promise<number> | undefined;

  /** @throws HeadraceError MODEL_INVALID when the model has no score */
  constructor(
    private readonly scorer: Pick<Scorer, 'runMatrix' | 'score'>,
    private readonly spec: ExplainSpec,
    features: readonly string[],
  ) {
    if (scorer.score === undefined)
      throw new HeadraceError('MODEL_INVALID', 'The model has no floating-point output, so no score to explain');
    this.baseline = Float64Array.from(features, (name) => spec.baseline[name]!);
  }

  isSampled(recordId: string): boolean {
    return isSampled(recordId, this.spec.share);
  }

  /** In the order of the records; null where the model has no score for one of the rows. */
  async explain(records: readonly Explainable[], signal: AbortSignal): Promise<Array<Explanation | null>> {
    if (records.length === 0) return [];
    this.baseScore ??= this.scoresOf(this.baseline, 1).then(([score]) => score!);
    const baseScore = await this.baseScore.catch((error: unknown) => {
      this.baseScore = undefined;
      throw error;
    });
    const explained: Array<Explanation | null> = [];
    let jobs: Job[] = [];
    let rows = 0;
    for (const record of records) {
      const job = this.jobOf(record);
      jobs.push(job);
      rows += job.scores.length;
      if (rows < ROWS_IN_HAND) continue;
      explained.push(...(await this.settle(jobs, baseScore, signal)));
      jobs = [];
      rows = 0;
    }
    return [...explained, ...(await this.settle(jobs, baseScore, signal))];
  }

  private jobOf(record: Explainable): Job {
    const features = this.baseline.length;
    const permutations = permutationsOf(features, this.spec.permutations, recordRandom(record.recordId));
    return { record, permutations, scores: new Float64Array(rowsOf(permutations, features)) };
  }

  private async settle(jobs: readonly Job[], baseScore: number, signal: AbortSignal) {
    await this.score(jobs, signal);
    return jobs.map(({ record, permutations, scores }) => {
      const values = attributions(permutations, scores, record.score, baseScore);
      if (!values.every(Number.isFinite)) return null;
      const exact = areAll(this.baseline.length, this.spec.permutations);
      return { baseScore, permutations: permutations.length, exact, attributions: values };
    });
  }

  /** Rows of all jobs one after the other, as many a call as may be. */
  private async score(jobs: readonly Job[], signal: AbortSignal): Promise<void> {
    const width = this.baseline.length;
    const most = Math.max(1, Math.min(ROWS_A_RUN, Math.floor(VALUES_A_RUN / width)));
    const matrix = new Float64Array(most * width);
    let pending: Array<{ scores: Float64Array; at: number }> = [];
    const flush = async (): Promise<void> => {
      const answers = await this.scoresOf(matrix.subarray(0, pending.length * width), pending.length);
      pending.forEach(({ scores, at }, row) => (scores[at] = answers[row]!));
      pending = [];
      // A call holds up everything else in this process, heartbeats too.
      await breathe();
      signal.throwIfAborted();
    };
    for (const { record, permutations, scores } of jobs) {
      let at = 0;
      for (const permutation of permutations)
        for (let step = 1; step < width; step++) {
          fillRow(matrix, pending.length * width, permutation, step, record.features, this.baseline);
          pending.push({ scores, at: at++ });
          if (pending.length === most) await flush();
        }
    }
    if (pending.length > 0) await flush();
  }

  /** NaN for a row that the model fails on. */
  private async scoresOf(matrix: Float64Array, rows: number): Promise<Float64Array> {
    const scores = new Float64Array(rows).fill(Number.NaN);
    for (const run of await this.scorer.runMatrix(matrix, rows)) {
      const column = 'reason' in run ? undefined : scoreColumn(outputColumns(run.outputs), this.scorer.score);
      if (column)
        for (let row = run.from; row < run.to; row++)
          scores[row] = column.numbers![(row - run.from + 1) * column.width - 1]!;
    }
    return scores;
  }
}
