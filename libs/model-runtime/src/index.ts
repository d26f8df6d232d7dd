export * from './in-memory-model-runtime.js';
export * from './input-binding.js';
export * from './model-runtime.js';
export * from './model-store.js';
export * from './onnx-runtime.js';
export { externalFiles, selfContained } from './onnx/external-data.js';
export { protobufFields } from './onnx/protobuf-fields.js';
export * from './prediction-rows.js';
export * from './runtimes.js';
