// What a prediction costs from its bytes to the panes' counts: Avro decoded, checked, counted in fixed cells. CPU time, one core; no Kafka, no PostgreSQL.
// Usage: node bench/drift/ingest.mjs [batches]. `npx nx run-many -t build -p drift` first.
import avro from 'avsc';
import { topics } from '../../libs/contracts/dist/index.js';
import { gridOf } from '../../libs/monitoring/dist/index.js';
import { seededRandom } from '../../libs/statistics/dist/index.js';
import { readPrediction } from '../../services/drift/dist/ingest/read-prediction.js';
import { columnsOf, countRows } from '../../services/drift/dist/inputs/count-rows.js';
import { columnNames, layoutOf } from '../../services/drift/dist/inputs/layout.js';

const BATCHES = Number(process.argv[2] ?? 300);
const ROWS = 4096;
const FEATURES = 10;
const type = avro.Type.forSchema(JSON.parse(topics.predictions.schema), { wrapUnions: false });
const random = seededRandom(1);
const names = Array.from({ length: FEATURES }, (_, i) => `f${i}`);
const layout = layoutOf(names, { windowMs: 3_600_000, panes: 7 });
const made = Array.from({ length: ROWS }, (_, i) => ({
  predictionId: `d:r${i}`,
  recordId: `r${i}`,
  deployment: 'd',
  model: 'm',
  version: 1,
  runId: null,
  eventTime: i * 100,
  score: random(),
  outputs: [],
  features: names.map(() => random() * 100),
  input: null,
}));
const bytes = made.map((each) => type.toBuffer(each));
const grid = gridOf(columnNames(layout), columnsOf(made, FEATURES).columns, []);

function batch() {
  const rows = bytes.map((each, offset) => {
    const record = {
      topic: 'p',
      partition: 0,
      offset,
      key: null,
      headers: {},
      timestampMs: 0,
      value: type.fromBuffer(each),
      raw: each,
    };
    return { ...readPrediction(record), segments: 0 };
  });
  return countRows(rows, layout, grid);
}

for (let i = 0; i < 20; i++) batch();
const before = process.cpuUsage();
let panes;
for (let i = 0; i < BATCHES; i++) panes = batch();
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
const values = BATCHES * ROWS * FEATURES;
console.log(
  `${(values / seconds / 1e6).toFixed(2)} million feature values a CPU second, ${((seconds * 1e6) / (BATCHES * ROWS)).toFixed(2)} µs a prediction of ${FEATURES} features`,
);
console.log(`${Math.round(panes[0].sketch.save().length / (FEATURES + 1))} bytes a feature and pane`);
