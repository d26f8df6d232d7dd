import type { ModelRuntime } from '@headrace/model-runtime';
import { HeadraceError } from '@headrace/service-kit/errors';
import { syntheticInputs } from './synthetic-inputs.js';

/** Two rows are zeros and ones; sixteen are beyond what is unrolled by hand. */
const BATCHES = [1, 2, 16];

/**
 * Loads a model and lets it answer. It may not come back.
 * @throws HeadraceError MODEL_INVALID when it cannot be loaded, fails on every batch, or answers with another number of rows
 */
export async function probeModel(runtime: ModelRuntime, bytes: Uint8Array, features: number): Promise<void> {
  const model = await runtime.load(bytes);
  for (const rows of BATCHES) {
    const inputs = syntheticInputs(model.inputs, rows, features);
    if (!inputs) continue;
    const outputs = await model.run(inputs);
    for (const [name, { shape }] of Object.entries(outputs))
      if (shape[0] !== rows)
        throw new HeadraceError('MODEL_INVALID', `Output '${name}' has shape [${shape.join(', ')}] for ${rows} rows`);
  }
  await model.close();
}
