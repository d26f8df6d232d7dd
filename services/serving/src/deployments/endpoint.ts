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

export interface EndpointParts {
  readonly store: ModelStore;
  readonly runtime: ModelRuntime;
}

/** One version of one deployment in memory. Stays open until the last request that uses it is answered. */
export class Endpoint {
  private users = 0;
  private retired = false;

  private constructor(
    readonly deployment: string,
    readonly generation: number,
    readonly spec: DeploymentSpec,
    readonly resolved: ResolvedModel,
    readonly model: LoadedModel,
    readonly bind: InputBinding,
    readonly score: string | undefined,
  ) {}

  /** Throws when the model cannot be fetched, loaded, or does not fit the deployment's features. */
  static async load(
    { store, runtime }: EndpointParts,
    deployment: string,
    generation: number,
    spec: DeploymentSpec,
    resolved: ResolvedModel,
  ): Promise<Endpoint> {
    const model = await runtime.load(await store.fetch(resolved));
    try {
      const bind = bindInputs(model.inputs, spec.input.features);
      const score = scoreOutput(model.outputs, spec.output.score);
      return new Endpoint(deployment, generation, spec, resolved, model, bind, score);
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /** What a client sends: one tensor with all features, or, when the model itself has an input a feature, those. */
  get inputs(): readonly TensorSpec[] {
    const { inputs } = this.model;
    const width = this.spec.input.features.length;
    if (inputs.length > 1) return inputs;
    return [{ name: this.matrixName, datatype: inputs[0]!.datatype, shape: [-1, width] }];
  }

  /** Name of the tensor that carries all features. */
  get matrixName(): string {
    return this.model.inputs.length === 1 ? this.model.inputs[0]!.name : 'features';
  }

  /** Holds the model open meanwhile. */
  async use<A>(work: () => Promise<A>): Promise<A> {
    this.users++;
    try {
      return await work();
    } finally {
      this.users--;
      await this.closeWhenIdle();
    }
  }

  /** No new requests come; closes at once, or with the last one in hand. */
  async retire(): Promise<void> {
    this.retired = true;
    await this.closeWhenIdle();
  }

  private async closeWhenIdle(): Promise<void> {
    if (this.retired && this.users === 0) await this.model.close();
  }
}
