import type { ModelRuntime } from './model-runtime.js';
import { OnnxRuntime } from './onnx-runtime.js';

/** Every model runtime, by the name a model version states. */
export const runtimes: Readonly<Record<string, () => ModelRuntime>> = {
  onnx: () => new OnnxRuntime(),
};
