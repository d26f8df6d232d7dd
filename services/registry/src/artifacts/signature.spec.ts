import type { TensorSpec } from '@headrace/model-runtime';
import { describe, expect, it } from '@jest/globals';
import { readColumns, signatureFault, topicSchema } from './signature.js';

const tensor = (name: string, width: number, datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({
  name,
  datatype,
  shape: [-1, width],
});
const columns = (...names: string[]) => names.map((name) => ({ name, type: 'double' }));
const signature = (inputs: TensorSpec[], named: ReturnType<typeof columns> | null) => ({
  irVersion: 8,
  opsets: { '': 17 },
  inputs,
  outputs: [],
  columns: named,
});

describe("MLflow's signature", () => {
  it('names columns, or tensors, which have no names', () => {
    const written = '[{"type":"double","name":"hour","required":true},{"type":"long","name":"day"}]';
    expect(readColumns(written)).toEqual([
      { name: 'hour', type: 'double' },
      { name: 'day', type: 'long' },
    ]);
    expect(readColumns('[{"type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,2]}}]')).toBeNull();
    expect(readColumns('[]')).toBeNull();
  });
});

describe('a file and its signature', () => {
  it.each([
    ['one tensor for all columns', [tensor('x', 2)], columns('a', 'b'), undefined],
    ['one tensor of any width', [tensor('x', -1)], columns('a', 'b'), undefined],
    ['a tensor a column', [tensor('b', 1), tensor('a', 1)], columns('a', 'b'), undefined],
    ['no signature', [tensor('x', 2)], null, undefined],
    ['too few columns', [tensor('x', 3)], columns('a', 'b'), /2 columns.*takes 3/],
    ['a column that nobody named', [tensor('a', 1), tensor('c', 1)], columns('a', 'b'), /takes c/],
    ['a column that nobody takes', [tensor('a', 1), tensor('b', 1)], columns('a', 'b', 'c'), /names c/],
  ])('%s', (_what, inputs, named, fault) => {
    const found = signatureFault(inputs, named);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fault);
  });
});

describe("a topic's schema", () => {
  it('has a field a feature', () => {
    expect(topicSchema('7 seas', signature([tensor('x', 2)], columns('a', 'b')))).toEqual({
      type: 'record',
      name: '_7_seas_features',
      namespace: 'dev.headrace.features',
      fields: [
        { name: 'a', type: 'double' },
        { name: 'b', type: 'double' },
      ],
    });
    const apart = signature([tensor('a', 1, 'INT64'), tensor('b', 1, 'BOOL')], null);
    expect(topicSchema('m', apart)).toMatchObject({
      fields: [
        { name: 'a', type: 'long' },
        { name: 'b', type: 'boolean' },
      ],
    });
  });

  it('is not made up where the model names no features', () => {
    expect(topicSchema('m', signature([tensor('x', 2)], null))).toBeNull();
    expect(topicSchema('m', signature([tensor('x', 1)], columns('no avro name')))).toBeNull();
  });
});
