import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest gives each test file its own realm with its own Float32Array; onnxruntime's native part makes the process's own, and its
 * JavaScript part then refuses them. So specs that run ONNX Runtime share the process's typed arrays.
 */
export default class NativeArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { Float32Array, BigInt64Array, Int32Array, Uint8Array, ArrayBuffer });
  }
}
