// What folding values into a feature's sketches costs, without decoding or Kafka: CPU time per value, one core.
// Usage: node bench/drift/update.mjs [million values]. `npx nx build statistics` first.
import {
  CategorySketch,
  decileBins,
  DistinctSketch,
  NumericSketch,
  QuantileSketch,
  seededRandom,
} from '../../libs/statistics/dist/index.js';

const MILLIONS = Number(process.argv[2] ?? 5);
const BATCH = 4096;

const random = seededRandom(1);
const values = Float64Array.from({ length: 1_000_000 }, () => 100 * (random() + random() + random()) - 50);
const names = Array.from({ length: 50 }, (_, i) => `category-${i}`);
const categories = Array.from({ length: values.length }, () => names[Math.floor(random() ** 2 * 60)] ?? 'never seen');

const subjects = {
  'bins and moments': () => [values, new NumericSketch(decileBins(values))],
  'distinct values': () => [values, new DistinctSketch()],
  quantiles: () => [values, new QuantileSketch()],
  'categories (strings)': () => [categories, new CategorySketch(names)],
};

console.log('| sketch | ns a value | million values a second |\n| --- | --- | --- |');
let numeric = 0;
for (const [name, make] of Object.entries(subjects)) {
  const [column, sketch] = make();
  addAll(column, sketch);
  const before = process.cpuUsage();
  for (let run = 0; run < MILLIONS; run++) addAll(column, sketch);
  const { user, system } = process.cpuUsage(before);
  const nanoseconds = ((user + system) * 1000) / (MILLIONS * column.length);
  if (column === values) numeric += nanoseconds;
  row(name, nanoseconds);
}
row('**a numeric feature: the first three**', numeric);

/** In batches, as they come from a topic. */
function addAll(column, sketch) {
  for (let from = 0; from < column.length; from += BATCH) {
    sketch.addColumn(column, from, Math.min(column.length, from + BATCH));
  }
}

function row(name, nanoseconds) {
  console.log(`| ${name} | ${nanoseconds.toFixed(1)} | ${(1000 / nanoseconds).toFixed(1)} |`);
}
