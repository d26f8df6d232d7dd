import type { ResolvedModel } from '@headrace/contracts';
import type { LoadedModel, ModelRuntime, Tensor, TensorSpec } from '@headrace/model-runtime';
import type { Quarantines } from '../quarantine/quarantines.js';
import { currentBatch } from './batch-in-hand.js';
import type { CallJournal, CallSlot } from './call-journal.js';

/** The version was put into quarantine while it ran here. Not a fault of the record in hand, so no HeadraceError, which a scorer would take for one. */
export class VersionBarred extends Error {
  constructor(readonly resolved: ResolvedModel) {
    super(`${resolved.name}@${resolved.version} is quarantined`);
    this.name = 'VersionBarred';
  }
}

/** One after the other: onnxruntime's calls are, and a journal that tells of two calls would accuse the wrong one. */
class Turns {
  private last: Promise<unknown> = Promise.resolve();

  take<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

/** Everything that this process asks of models: one call at a time, journaled, and none of a quarantined version. */
export class ModelCalls {
  private readonly turns = new Turns();

  constructor(
    private readonly journal: CallJournal,
    private readonly quarantines: Pick<Quarantines, 'barring'>,
  ) {}

  /** A runtime whose models are guarded, for one version on behalf of one deployment. */
  runtimeFor(runtime: ModelRuntime, resolved: ResolvedModel, deployment: string): ModelRuntime {
    const { name: model, version, sha256 } = resolved;
    return {
      name: runtime.name,
      load: async (bytes) => {
        const loaded = await runtime.load(bytes);
        const slot = this.journal.slot({ model, version, sha256, deployment });
        return new GuardedModel(loaded, (inputs) => this.turns.take(() => this.call(loaded, resolved, slot, inputs)));
      },
    };
  }

  private async call(
    model: LoadedModel,
    resolved: ResolvedModel,
    slot: CallSlot,
    inputs: Readonly<Record<string, Tensor>>,
  ) {
    if (this.quarantines.barring(resolved)) throw new VersionBarred(resolved);
    const { partition, offset } = currentBatch();
    this.journal.begin(slot, partition, offset);
    try {
      return await model.run(inputs);
    } finally {
      this.journal.end();
    }
  }
}

class GuardedModel implements LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];

  constructor(
    private readonly model: LoadedModel,
    readonly run: LoadedModel['run'],
  ) {
    this.inputs = model.inputs;
    this.outputs = model.outputs;
  }

  close(): Promise<void> {
    return this.model.close();
  }
}
