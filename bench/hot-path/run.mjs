// What a worker does between fetch and produce, per record, without Kafka: Avro in, ONNX, PredictionMade out.
// Usage: node bench/hot-path/run.mjs [records] [model.onnx of 30 features]. Run it with each Node to compare; `npm run build` first.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchWalker,
  DecodedRows,
  InMemorySchemaRegistry,
  ReaderSchemas,
  RecordBatchWriter,
  Serde,
} from '../../libs/event-log/dist/index.js';
import { InMemoryModelStore, OnnxRuntime } from '../../libs/model-runtime/dist/index.js';
import { topics } from '../../libs/contracts/dist/index.js';
import { ColumnDecoder } from '../../services/streaming/dist/inference/decode-columns.js';
import { outputColumns } from '../../services/streaming/dist/inference/output-columns.js';
import { PredictionBytes } from '../../services/streaming/dist/inference/prediction-bytes.js';
import { ColumnScorer } from '../../services/streaming/dist/inference/score-columns.js';
import { Scorer } from '../../services/streaming/dist/inference/scorer.js';
import { TraceBytes } from '../../services/streaming/dist/inference/trace-bytes.js';
import { ValueReaders } from '../../services/streaming/dist/inference/value-readers.js';

const RECORDS = Number(process.argv[2] ?? 400_000);
const MODEL = process.argv[3] ?? join(import.meta.dirname, '../streaming/models/gbt.onnx');
const BATCH = 4096;
const WARM_UP = 10;
const FEATURES = Array.from({ length: 30 }, (_, n) => `f${n}`);

const registry = new InMemorySchemaRegistry();
const readers = new ReaderSchemas(registry);
const serde = new Serde(registry, readers);
const spec = {
  input: { topic: 'readings', recordId: 'id', eventTime: 'at', features: FEATURES },
  output: { topic: topics.predictions.name },
};
const store = new InMemoryModelStore();
const resolved = store.put('model', 1, readFileSync(MODEL));
const scorer = await Scorer.load({ runtime: new OnnxRuntime(), store }, resolved, 1, spec);
const target = { deployment: 'bench', spec, output: topics.predictions, keptPartitions: 1 };

/** @param typeOf Avro type of feature n */
async function batchOf(typeOf) {
  const fields = FEATURES.map((name, n) => ({ name, type: typeOf(n) }));
  const schema = JSON.stringify({
    type: 'record',
    name: 'Reading',
    fields: [{ name: 'id', type: 'string' }, { name: 'at', type: 'long' }, ...fields],
  });
  const input = { ...topics.predictions, name: `readings-${typeOf.name}`, schema };
  const writer = new RecordBatchWriter({ maxBatchBytes: 64 * 1024 * 1024 });
  for (let n = 0; n < BATCH; n++) {
    const value = Object.fromEntries(fields.map(({ name, type }, f) => [name, sample(type, n, f)]));
    const bytes = await serde.encode(input, { id: `record-${n}`, at: 981_000_000_000 + n * 1000, ...value });
    writer.append(981_000_000_000 + n, Buffer.from(`k${n % 97}`), bytes, HEADERS);
  }
  const [{ bytes }] = writer.seal(-1, -1, -1, false);
  const walker = new BatchWalker();
  walker.begin({ topic: 'readings', partition: 0, bytes, start: 0, end: bytes.length, position: 0, highWatermark: 0 });
  return walker.next(BATCH);
}

const HEADERS = [['traceparent', Buffer.from('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')]];

function sample(type, n, feature) {
  if (type === 'boolean') return n % 2 === 0;
  return type === 'int' || type === 'long' ? (n * (feature + 1)) % 100_000 : ((n * (feature + 3)) % 97) / 7;
}

const writer = new RecordBatchWriter({ maxBatchBytes: 64 * 1024 * 1024 });
const context = {
  output: async () => ({ partitions: 1, writerFor: () => writer }),
  schemaIdOf: (topic) => registry.idOf(`${topic.name}-value`, topic.schema),
  readerSchemaFor: (subject, ref) => readers.readerSchemaFor(subject, ref),
};
const valueReaders = new ValueReaders('readings-value', spec.input);

/** CPU of all batches, and the fastest batch, which others on the machine have disturbed least. */
async function measure(what, work) {
  for (let n = 0; n < WARM_UP; n++) await work();
  const before = process.cpuUsage();
  let done = 0;
  let fastest = Infinity;
  for (; done < RECORDS; done += BATCH) {
    const began = performance.now();
    await work();
    fastest = Math.min(fastest, performance.now() - began);
  }
  const { user, system } = process.cpuUsage(before);
  const mean = ((user + system) * 1000) / done;
  const ns = (value) => value.toFixed(0).padStart(6);
  console.log(`${what.padEnd(24)} ${ns(mean)} ns CPU a record, fastest batch ${ns((fastest * 1e6) / BATCH)}`);
}

const rows = new DecodedRows(BATCH, FEATURES.length);
const traces = new Int32Array(BATCH);
async function decode(columns) {
  rows.clear();
  const into = { rows, traces, reject: [], details: undefined };
  await new ColumnDecoder(spec.input, valueReaders, context, () => false, columns, into).fill();
  if (rows.count !== BATCH) throw new Error(JSON.stringify(into.reject[0]));
}

console.log(`${process.version}, ${RECORDS} records, 30 features, ${MODEL}`);
const doubles = await batchOf(function double() {
  return 'double';
});
const nullable = await batchOf(function nullable() {
  return ['null', 'double'];
});
const mixed = await batchOf(function mixed(n) {
  return ['double', 'int', 'float', 'long', 'boolean', ['null', 'float']][n % 6];
});
for (const [name, columns] of Object.entries({ doubles, nullable, mixed }))
  await measure(`decode ${name}`, () => decode(columns));

await decode(doubles);
const [{ outputs }] = await scorer.runMatrix(rows.features, BATCH);
await measure('the model', () => scorer.runMatrix(rows.features, BATCH));
const trace = new TraceBytes();
const origin = {
  ...{ deployment: 'bench', model: 'model', version: 1, runId: 'r', topic: 'readings', partition: 0 },
  ...{ schemaId: 1, outputTopic: topics.predictions.name, source: 'streaming', echo: true },
};
await measure('encode', () => {
  writer.reset();
  const predictions = new PredictionBytes(origin, doubles, rows, traces, trace);
  predictions.answers(outputColumns(outputs), scorer.score);
  for (let slot = 0; slot < BATCH; slot++) predictions.write(writer, slot, slot);
});
const columnScorer = new ColumnScorer(target, 'streaming', () => false);
await measure('all of it', () => {
  writer.reset();
  return columnScorer.score(scorer, doubles, context);
});
