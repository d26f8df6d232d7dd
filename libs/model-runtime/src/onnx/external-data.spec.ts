import { describe, expect, it } from '@jest/globals';
import { repositoryRoot } from '@headrace/dev';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnnxRuntime } from '../onnx-runtime.js';
import { externalFiles, selfContained } from './external-data.js';
import { protobufBytes } from './protobuf-fields.js';

const fixture = (name: string) => readFileSync(join(repositoryRoot, 'libs/dev/fixtures', name));
const model = fixture('external.onnx');
const weights = fixture('external.bin');
const files = new Map([['external.bin', weights]]);

/** A ModelProto with one initializer, whose data is where the entries say. */
function modelWith(entries: Record<string, string>): Uint8Array {
  const text = (value: string) => new TextEncoder().encode(value);
  const external = Object.entries(entries).flatMap(([key, value]) =>
    protobufBytes(13, [...protobufBytes(1, [text(key)]), ...protobufBytes(2, [text(value)])]),
  );
  const tensor = [...external, Uint8Array.of(14 * 8, 1)];
  return Buffer.concat(protobufBytes(7, protobufBytes(5, tensor)));
}

describe('tensors in files beside the model', () => {
  it('are named, each file once', () => {
    expect(externalFiles(model)).toEqual(['external.bin']);
    expect(externalFiles(fixture('logistic-v1.onnx'))).toEqual([]);
  });

  it('are put into it, and it runs', async () => {
    const whole = selfContained(model, files);
    expect(externalFiles(whole)).toEqual([]);
    const loaded = await new OnnxRuntime().load(whole);
    const input = { datatype: 'FP32' as const, shape: [1, 3], data: Float32Array.of(1, 2, 3) };
    const { y, kept } = await loaded.run({ x: input });
    // The constant of the If's branch, and an initializer that lies in the model.
    expect([...(y!.data as Float32Array)]).toEqual(Array.from({ length: 4 }, (_, at) => 6 * at + 14 + 0.5));
    expect([...(kept!.data as Float32Array)]).toEqual([1.25]);
    await loaded.close();
  });

  it('leave a model without any as it is, and give the same bytes each time', () => {
    const logistic = fixture('logistic-v1.onnx');
    expect(Buffer.compare(selfContained(logistic, files), logistic)).toBe(0);
    expect(Buffer.compare(selfContained(model, files), selfContained(model, files))).toBe(0);
  });

  it.each([
    [{ location: '../secret' }, /outside of its folder/],
    [{ location: '/etc/passwd' }, /outside of its folder/],
    [{ location: 'a\\..\\b' }, /outside of its folder/],
    [{ location: 'c:x' }, /outside of its folder/],
    [{}, /outside of its folder/],
    [{ location: 'a', offset: 'x' }, /offset of a tensor in 'a'/],
    [{ location: 'a', length: '-1' }, /length of a tensor in 'a'/],
  ])('are refused at %j', (entries, fault) => {
    expect(() => externalFiles(modelWith(entries))).toThrow(fault);
  });

  it('are missed when the file is not there, or too short', () => {
    expect(() => selfContained(model, new Map())).toThrow(/'external.bin', which is not beside it/);
    const cut = new Map([['external.bin', weights.subarray(0, weights.length - 1)]]);
    expect(() => selfContained(model, cut)).toThrow(/ends at byte/);
    expect(selfContained(modelWith({ location: 'a' }), new Map([['a', Uint8Array.of(7)]]))).toContain(7);
  });

  it('say so of what is no protobuf', () => {
    expect(() => externalFiles(new TextEncoder().encode('no model at all, just text'))).toThrow(RangeError);
  });
});
