import type { DeploymentSpec, ResolvedModel } from '@headrace/contracts';
import {
  bindInputs,
  scoreOutput,
  type InputBinding,
  type LoadedModel,
  type ModelRuntime,
  type ModelStore,
  type TensorSpec,
} from '@headrace/model-runtime';
import { runMatrix, type MatrixRun } from './run-matrix.js';

/** One loaded version behind one deployment's mapping. Closed when it is retired and its last batch is done. */
export class Scorer {
  private inUse = 0;
  private retired = false;

  private constructor(
    readonly resolved: ResolvedModel,
    readonly generation: number,
    private readonly model: LoadedModel,
    private readonly bind: InputBinding,
    /** The output that is the score. */
    readonly score: string | undefined,
  ) {}

  get outputs(): readonly TensorSpec[] {
    return this.model.outputs;
  }

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
      return new Scorer(resolved, generation, model, bind, scoreOutput(model.outputs, spec.output.score));
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /** Answers of the model to a row-major matrix, as they come, by runs of rows. A row on which it fails takes no other with it. */
  runMatrix(matrix: Float64Array, rows: number): Promise<MatrixRun[]> {
    return this.use(() => runMatrix(this.model, this.bind, matrix, rows));
  }

  /** Keeps the model open until `work` is done, also when the version is retired meanwhile. */
  async use<R>(work: () => Promise<R>): Promise<R> {
    this.inUse++;
    try {
      return await work();
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
}
