import type { DeploymentSpec, ResolvedModel } from '@headrace/contracts';
import {
  bindInputs,
  predictionRows,
  scoreOutput,
  type InputBinding,
  type LoadedModel,
  type ModelRuntime,
  type ModelStore,
  type PredictionRow,
} from '@headrace/model-runtime';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import { runMatrix, type MatrixRun } from './run-matrix.js';

export type RowResult =
  { readonly ok: true; readonly row: PredictionRow } | { readonly ok: false; readonly reason: string };

/** One loaded version behind one deployment's mapping. Closed when it is retired and its last batch is done. */
export class Scorer {
  private inUse = 0;
  private retired = false;

  private constructor(
    readonly resolved: ResolvedModel,
    readonly generation: number,
    private readonly width: number,
    private readonly model: LoadedModel,
    private readonly bind: InputBinding,
    /** The output that is the score. */
    readonly score: string | undefined,
  ) {}

  /** @throws HeadraceError MODEL_INVALID when the version does not fit the deployment, UNAVAILABLE when it cannot be fetched */
  static async load(
    parts: { runtime: ModelRuntime; store: ModelStore },
    resolved: ResolvedModel,
    generation: number,
    spec: Pick<DeploymentSpec, 'input' | 'output'>,
  ): Promise<Scorer> {
    const model = await parts.runtime.load(await parts.store.fetch(resolved));
    try {
      const { features } = spec.input;
      const bind = bindInputs(model.inputs, features);
      return new Scorer(
        resolved,
        generation,
        features.length,
        model,
        bind,
        scoreOutput(model.outputs, spec.output.score),
      );
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /** A result for each row, in order. A row on which the model fails takes no other row with it. */
  async run(rows: ReadonlyArray<readonly number[]>): Promise<RowResult[]> {
    this.inUse++;
    try {
      return await this.bisect(rows);
    } finally {
      this.inUse--;
      await this.closeWhenIdle();
    }
  }

  /** The same for a row-major matrix; the model's answers as they come, by runs of rows. */
  async runMatrix(matrix: Float64Array, rows: number): Promise<MatrixRun[]> {
    this.inUse++;
    try {
      return await runMatrix(this.model, this.bind, matrix, rows);
    } finally {
      this.inUse--;
      await this.closeWhenIdle();
    }
  }

  async retire(): Promise<void> {
    this.retired = true;
    await this.closeWhenIdle();
  }

  private async closeWhenIdle(): Promise<void> {
    if (this.retired && this.inUse === 0) await this.model.close();
  }

  private async bisect(rows: ReadonlyArray<readonly number[]>): Promise<RowResult[]> {
    if (rows.length === 0) return [];
    try {
      const outputs = await this.model.run(this.bind(this.matrix(rows), rows.length));
      return predictionRows(outputs, this.score, rows.length).map(checked);
    } catch (error) {
      if (!(error instanceof HeadraceError)) throw error;
      if (rows.length === 1) return [{ ok: false, reason: messageOf(error) }];
      const middle = rows.length >> 1;
      return [...(await this.bisect(rows.slice(0, middle))), ...(await this.bisect(rows.slice(middle)))];
    }
  }

  private matrix(rows: ReadonlyArray<readonly number[]>): Float32Array {
    const matrix = new Float32Array(rows.length * this.width);
    rows.forEach((row, at) => matrix.set(row, at * this.width));
    return matrix;
  }
}

/** A prediction that is not a number is no prediction. */
function checked(row: PredictionRow): RowResult {
  const wrong = row.outputs.find(({ values }) =>
    values.some((value) => typeof value === 'number' && !Number.isFinite(value)),
  );
  return wrong ? { ok: false, reason: `output '${wrong.name}' is not finite` } : { ok: true, row };
}
