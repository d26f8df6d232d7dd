import { expect, it } from '@jest/globals';
import type { ModelQuarantined, ResolvedModel } from '@headrace/contracts';
import { InMemoryModelRuntime, type LoadedModel, type ModelRuntime } from '@headrace/model-runtime';
import { InMemoryCallJournal } from './call-journal.js';
import { ModelCalls, VersionBarred } from './guarded-model.js';

const bytes = InMemoryModelRuntime.bytesOf({ weights: [1], bias: 0 });
const resolved = (version: number): ResolvedModel => ({ name: 'm', version, runId: null, artifactUri: '', sha256: '' });
const inputs = { features: { datatype: 'FP32', shape: [1, 1], data: Float32Array.of(1) } } as const;

/** Like onnxruntime's: the call begins later than it is asked for. */
class LateRuntime implements ModelRuntime {
  readonly name = 'late';
  constructor(private readonly onRun: () => void) {}

  async load(): Promise<LoadedModel> {
    const model = await new InMemoryModelRuntime().load(bytes);
    const run: LoadedModel['run'] = async (given) => {
      await new Promise((resolve) => setImmediate(resolve));
      this.onRun();
      return model.run(given);
    };
    return { inputs: model.inputs, outputs: model.outputs, run, close: () => model.close() };
  }
}

it('at the moment of a call the journal names its version, however many were asked for at once', async () => {
  const journal = new InMemoryCallJournal();
  const calls = new ModelCalls(journal, { barring: () => undefined });
  const seen: string[] = [];
  const models = await Promise.all(
    [1, 2, 3].map((version) =>
      calls
        .runtimeFor(
          new LateRuntime(() => seen.push(`${version} in ${journal.running?.version}`)),
          resolved(version),
          'd',
        )
        .load(bytes),
    ),
  );
  await Promise.all(models.map((model) => model.run(inputs)));
  expect(seen).toEqual(['1 in 1', '2 in 2', '3 in 3']);
  expect(journal.running).toBeNull();
});

it('a call that fails has ended, and a quarantined version is not called', async () => {
  const journal = new InMemoryCallJournal();
  const quarantines: { barring(): ModelQuarantined | undefined } = { barring: () => undefined };
  const calls = new ModelCalls(journal, { barring: () => quarantines.barring() });
  const model = await calls.runtimeFor(new InMemoryModelRuntime(), resolved(1), 'd').load(bytes);
  await expect(model.run({})).rejects.toThrow(/missing/);
  expect(journal.running).toBeNull();
  quarantines.barring = () => ({}) as ModelQuarantined;
  await expect(model.run(inputs)).rejects.toBeInstanceOf(VersionBarred);
  expect(journal.calls).toHaveLength(1);
});
