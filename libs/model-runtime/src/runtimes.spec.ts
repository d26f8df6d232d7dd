import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelRuntimeContract } from '../test/model-runtime.contract.js';
import { InMemoryModelRuntime } from './in-memory-model-runtime.js';
import { runtimes } from './runtimes.js';

const onnx = join(import.meta.dirname, '../../dev/fixtures/logistic-v1.onnx');

modelRuntimeContract(new InMemoryModelRuntime(), () => InMemoryModelRuntime.bytesOf({ weights: [1, -2], bias: 0.5 }));
modelRuntimeContract(runtimes['onnx']!(), () => readFileSync(onnx));
