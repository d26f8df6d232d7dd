// A V8 CPU profile as a table: self time by what the worker was doing.
//   node bench/streaming/report/cpu-profile.mjs FILE.cpuprofile RECORDS
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { profileTable } from './tables.mjs';

/** @typedef {{ id: number, callFrame: { functionName: string, url: string }, children?: number[] }} ProfileNode */
/** @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} CpuProfile timeDeltas: microseconds */

/**
 * First match wins; a frame that matches none belongs to what its caller does, so that Buffer.copy below an encoder is encoding.
 * Each rule looks at 'functionName url'.
 */
const RULES = [
  ['idle', /^\(idle\) /],
  ['GC', /^\(garbage collector\) /],
  [
    'start',
    /node:internal\/(modules|bootstrap|main|process\/esm_loader)|^(compileSourceTextModule|compileForInternalLoader) /,
  ],
  ['onnxruntime', /onnxruntime-(node|common)|model-runtime\/dist\/onnx-runtime|inference\/run-matrix/],
  ['produce', /event-log\/dist\/columns\/(record-batch-writer|seal-batch|murmur2|header-format|batch-format)|crc32/],
  ['produce', /event-log\/dist\/(plane\/(transaction|produce)|publisher|partitioner)/],
  ['produce', /kafkajs\/src\/(producer|protocol\/encoder|protocol\/(recordBatch|message|messageSet)\/.*encoder)/i],
  ['produce', /kafkajs\/src\/protocol\/requests\/(produce|endTxn|addOffsets|addPartitions|txnOffset)/],
  ['walk', /event-log\/dist\/columns|kafkajs\/src\/protocol\/(decoder|(recordBatch|message|messageSet)\/.*decoder)/i],
  [
    'encode',
    /inference\/(score-columns|output-columns|prediction-bytes|avro-bytes|column-headers|trace-bytes|iso-time|score-batch)/,
  ],
  ['encode', /event-log\/dist\/(encode-events|event-headers)|prediction-rows/],
  ['decode', /event-log\/dist\/(avro|serde|decode-batch|framing|row-framing|json-value|reader-schema)/],
  ['decode', /inference\/(read-record|decode-columns|value-readers|record-at)/],
  [
    'fetch',
    /event-log\/dist\/(plane|partition-owner|batch-processor|group-consumer)|@platformatic\/kafka|onStreamRead/,
  ],
  ['fetch', /kafkajs\/src\/(consumer|network|cluster|protocol)/],
];

/** avsc is decoder and encoder: its entry functions tell which. */
const AVSC_ENTRY = [
  ['decode', /^(fromBuffer|decode|_read|_skip|read\w*) .*avsc/],
  ['encode', /^(toBuffer|encode|_write|write\w*) .*avsc/],
];

export const CATEGORIES = ['fetch', 'walk', 'decode', 'onnxruntime', 'encode', 'produce', 'GC', 'start', 'other'];

/** @param {ProfileNode['callFrame']} frame @returns {string | null} null: as its caller */
export function categoryOf({ functionName, url }) {
  const text = `${functionName} ${url}`;
  return [...AVSC_ENTRY, ...RULES].find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

/**
 * Self time of each category while the process was not idle.
 * @param {CpuProfile} profile
 * @param {number} records that were scored
 */
export function whereTimeGoes(profile, records) {
  const times = new Map(CATEGORIES.map((category) => [category, 0]));
  for (const { category, us } of selfTimes(profile))
    if (category !== 'idle') times.set(category, times.get(category) + us);
  const total = [...times.values()].reduce((sum, us) => sum + us, 0);
  const row = (category, us) => ({ category, ms: us / 1000, share: us / total, perRecordNs: (us * 1000) / records });
  return [...[...times].map(([category, us]) => row(category, us)), row('all', total)];
}

/** A service leaves a profile a process: the worker's is the one with the most time in it. */
export function busiest(profiles) {
  const busy = (profile) => whereTimeGoes(profile, 1).at(-1).ms;
  return profiles.reduce((most, each) => (busy(each) > busy(most) ? each : most));
}

/** The functions that no rule knows, largest first. */
export function topOther(profile, count = 8) {
  const times = new Map();
  for (const { category, us, node } of selfTimes(profile)) {
    if (category !== 'other' || us === 0) continue;
    const name =
      `${node.callFrame.functionName || '(anonymous)'} ${node.callFrame.url.split('/').slice(-2).join('/')}`.trim();
    times.set(name, (times.get(name) ?? 0) + us);
  }
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, us]) => ({ name, ms: us / 1000 }));
}

function selfTimes({ nodes, samples, timeDeltas }) {
  const us = new Map();
  samples.forEach((id, at) => us.set(id, (us.get(id) ?? 0) + timeDeltas[at]));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = [];
  const visit = (node, inherited) => {
    const category = categoryOf(node.callFrame) ?? inherited;
    found.push({ category, us: us.get(node.id) ?? 0, node });
    for (const child of node.children ?? []) visit(byId.get(child), category);
  };
  visit(nodes[0], 'other');
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const profile = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  console.log(profileTable(whereTimeGoes(profile, Number(process.argv[3] ?? 1e6))));
  for (const { name, ms } of topOther(profile)) console.log(`other: ${name} ${ms.toFixed(0)} ms`);
}
