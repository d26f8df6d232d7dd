// CPU seconds per million records of what a worker does between fetch and produce: Avro in, ONNX, Avro out. No Kafka.
// Usage: node bench/hot-path/run.mjs [records]. Run it with each Node to compare; `npm run build` first.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEvents } from '../../libs/event-log/dist/encode-events.js';
import { InMemorySchemaRegistry } from '../../libs/event-log/dist/schema-registry.js';
import { Serde } from '../../libs/event-log/dist/serde.js';
import { InMemoryModelStore, OnnxRuntime } from '../../libs/model-runtime/dist/index.js';
import { topics } from '../../libs/contracts/dist/index.js';
import { scoreBatch } from '../../services/streaming/dist/inference/score-batch.js';
import { Scorer } from '../../services/streaming/dist/inference/scorer.js';

const RECORDS = Number(process.argv[2] ?? 400_000);
const BATCH = 4096;
const WARM_UP = 10;

const serde = new Serde(new InMemorySchemaRegistry());
const schema = JSON.stringify({
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: 'long' },
    { name: 'x', type: 'double' },
    { name: 'y', type: 'double' },
  ],
});
const input = { name: 'readings', schema };
const spec = {
  input: { topic: 'readings', recordId: 'id', eventTime: 'at', features: ['x', 'y'] },
  output: { topic: topics.predictions.name },
};
const store = new InMemoryModelStore();
const resolved = store.put(
  'logistic',
  1,
  readFileSync(join(import.meta.dirname, '../../libs/dev/fixtures/logistic-v1.onnx')),
);
const scorer = await Scorer.load({ runtime: new OnnxRuntime(), store }, resolved, 1, spec);
const target = { deployment: 'bench', spec, output: topics.predictions, keepPartition: true };
const raw = await Promise.all(
  Array.from({ length: BATCH }, (_, n) =>
    serde.encode(input, { id: `record-${n}`, at: 981_000_000_000 + n, x: n % 7, y: n % 3 }),
  ),
);

async function batch(first) {
  const records = [];
  for (let n = 0; n < BATCH; n++) {
    const value = await serde.decode('readings', raw[n]);
    records.push({
      topic: 'readings',
      partition: 0,
      offset: first + n,
      key: raw[n].subarray(5, 14),
      headers: {},
      timestampMs: 0,
      value,
      raw: raw[n],
    });
  }
  const { emit } = await scoreBatch(target, scorer, { topic: 'readings', partition: 0, records, highWatermark: 0 });
  return encodeEvents(serde, 'bench', emit);
}

for (let n = 0; n < WARM_UP; n++) await batch(n * BATCH);
const before = process.cpuUsage();
let done = 0;
for (; done < RECORDS; done += BATCH) await batch(done);
const { user, system } = process.cpuUsage(before);
console.log(
  `${process.version}: ${(((user + system) / 1e6 / done) * 1e6).toFixed(2)} CPU s per million records (${done} records)`,
);
