// What a peer is told, the same for all, as environment variables.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readingSchema } from '../work/readings.mjs';

/** Records of one micro-batch, and of one call of onnxruntime. */
export const BATCH = 4096;

/**
 * @param {import('../cluster.mjs').BenchCluster} cluster
 * @param {import('../work/expected-output.mjs').ExpectedWork & { group: string, modelFile: string }} work
 * @param {string} predictionSchema
 */
export function workEnvironment(cluster, work, predictionSchema) {
  const inputSchemaFile = join(cluster.folder, 'reading.avsc');
  const outputSchemaFile = join(cluster.folder, 'prediction-made.avsc');
  writeFileSync(inputSchemaFile, readingSchema);
  writeFileSync(outputSchemaFile, predictionSchema);
  return {
    BENCH_BROKERS: cluster.brokers,
    BENCH_INPUT: work.input.topic,
    BENCH_OUTPUT: work.output,
    BENCH_GROUP: work.group,
    BENCH_DEPLOYMENT: work.deployment,
    BENCH_MODEL_FILE: work.modelFile,
    BENCH_MODEL_NAME: work.model.name,
    BENCH_MODEL_VERSION: String(work.model.version),
    BENCH_RUN_ID: work.model.runId,
    BENCH_SCHEMA_ID: String(work.schemaId),
    BENCH_INPUT_SCHEMA: inputSchemaFile,
    BENCH_OUTPUT_SCHEMA: outputSchemaFile,
    BENCH_SOURCE: '/headrace/streaming',
    BENCH_FOLDER: join(cluster.folder, 'peer'),
    BENCH_BATCH: String(BATCH),
  };
}
