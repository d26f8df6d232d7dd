// What the output record of an input record must be; pure, so that its faults can be shown by a unit test.
import avro from 'avsc';
import { eventTime, featuresOf, indexOfId, recordId } from './readings.mjs';

/** Probabilities of one row differ between batch sizes and builds of onnxruntime in the last bits. */
export const TOLERANCE = 1e-5;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
const HEADERS = 6;

/** @typedef {{ deployment: string, model: import('@headrace/contracts').ResolvedModel, input: import('./input-topic.mjs').InputTopic, output: string, schemaId: number, scores: { labels: Uint8Array, probabilities: Float32Array } }} ExpectedWork */

/**
 * A function that looks at one output record: the index of its input record, or a throw that says what is wrong with it.
 * @param {ExpectedWork} work
 * @param {string} schema PredictionMade
 */
export function outputChecker(work, schema) {
  const type = avro.Type.forSchema(JSON.parse(schema), { wrapUnions: 'auto' });
  return ({ partition, key, value, headers }) => {
    if (value.readUInt8(0) !== 0 || value.readUInt32BE(1) !== work.schemaId) throw new Error('framing is not ours');
    const found = type.fromBuffer(value.subarray(5));
    const i = indexOfId(found.recordId);
    if (!(i < work.input.records)) throw new Error(`record id '${found.recordId}' was never produced`);
    if (partition !== work.input.partitionOf[i]) throw new Error(`${found.recordId} is in partition ${partition}`);
    if (!key || key.toString() !== work.keyOf(i)) throw new Error(`${found.recordId} has key ${key}`);
    checkScores(found, i, work.scores);
    const expected = type.toBuffer(prediction(work, i, found));
    if (!expected.equals(value.subarray(5))) throw new Error(`${found.recordId} differs: ${JSON.stringify(found)}`);
    checkHeaders(headers, expectedHeaders(work, i));
    return { index: i, echo: found.features !== null };
  };
}

function checkScores(found, i, { labels, probabilities }) {
  const [label, both] = found.outputs;
  const wrong = (what) =>
    new Error(
      `${found.recordId}: ${what} in ${JSON.stringify(found)}, expected ${labels[i]}, ${probabilities[i * 2 + 1]}`,
    );
  const near = (value, expected) => Math.abs(value - expected) <= TOLERANCE;
  if (found.outputs.length !== 2 || both.values.length !== 2) throw wrong('outputs');
  if (!near(both.values[0], probabilities[i * 2]) || !near(both.values[1], probabilities[i * 2 + 1]))
    throw wrong('probabilities');
  if (found.score !== both.values[1]) throw wrong('score');
  // On the fence the last bit decides.
  if (label.values[0] !== labels[i] && Math.abs(both.values[1] - 0.5) > TOLERANCE) throw wrong('label');
}

/** All but the figures of the model, which were compared within the tolerance, are known to the byte. */
function prediction({ deployment, model, input }, i, { score, outputs, features }) {
  const id = recordId(i);
  return {
    predictionId: `${deployment}:${id}`,
    recordId: id,
    deployment,
    model: model.name,
    version: model.version,
    runId: model.runId,
    eventTime: eventTime(i),
    score,
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [], values: outputs[0].values },
      { name: 'probabilities', datatype: 'FP32', shape: [2], values: outputs[1].values },
    ],
    features: features === null ? null : featuresOf(i, []),
    input: { topic: input.topic, partition: input.partitionOf[i], offset: input.offsetOf[i] },
  };
}

function expectedHeaders({ deployment, output }, i) {
  return {
    ce_specversion: '1.0',
    ce_id: `${deployment}:${recordId(i)}`,
    ce_source: '/headrace/streaming',
    ce_type: output,
    ce_time: new Date(eventTime(i)).toISOString(),
  };
}

function checkHeaders(headers, expected) {
  for (const [name, text] of Object.entries(expected))
    if (headers[name]?.toString() !== text) throw new Error(`header ${name} is ${headers[name]}, expected ${text}`);
  if (!TRACEPARENT.test(String(headers.traceparent))) throw new Error(`traceparent is ${headers.traceparent}`);
  if (Object.keys(headers).length !== HEADERS) throw new Error(`headers are ${Object.keys(headers).join(', ')}`);
}
