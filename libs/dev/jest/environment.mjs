import { TestEnvironment } from 'jest-environment-node';

/**
 * jest gives each suite globals of its own; onnxruntime's native half makes typed arrays of the process's, and its JavaScript half
 * then refuses them as foreign. So suites share the process's typed arrays.
 */
export default class SharedTypedArrays extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const types = [
      Float32Array,
      Float64Array,
      Int8Array,
      Int16Array,
      Int32Array,
      Uint8Array,
      Uint16Array,
      Uint32Array,
      BigInt64Array,
      BigUint64Array,
    ];
    for (const type of types) this.global[type.name] = type;
  }
}
