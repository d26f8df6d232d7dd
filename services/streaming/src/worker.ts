import { OnnxRuntime } from '@headrace/model-runtime';
import { readConfig } from './config.js';
import type { WorkerArguments } from './pool/worker-process.js';
import { runWorker } from './worker/run-worker.js';

await runWorker(readConfig(), JSON.parse(process.argv[2]!) as WorkerArguments, new OnnxRuntime());
