import { topics, type PredictionMade } from '@headrace/contracts';
import { publishAgain, type EventLog, type OutgoingEvent } from '@headrace/event-log';
import { predictionRows, type PredictionRow, type Tensor } from '@headrace/model-runtime';
import { continueTrace, HeadraceError } from '@headrace/service-kit';
import type { Endpoint } from '../deployments/endpoint.js';
import { featureMatrix, type FeatureMatrix } from './feature-matrix.js';
import { invalid, type InferRequest } from './infer-request.js';
import { rowIdentities, type RowIdentities } from './row-identities.js';

export interface PredictParts {
  readonly eventLog: EventLog;
  readonly maxRows: number;
  /** A log that cannot record for so long is waited for (a leader that moves). */
  readonly patienceMs: number;
  readonly now: () => number;
}

export interface Prediction {
  readonly requestId: string;
  readonly rows: number;
  /** The outputs that were asked for, in that order; all when none was named. */
  readonly outputs: ReadonlyArray<readonly [name: string, tensor: Tensor]>;
}

/**
 * Answers one request and records what was answered: a PredictionMade a row is acknowledged by the log before the caller sees the
 * prediction, so that nothing is answered unrecorded. A repeated request records the same prediction ids again; readers use the first.
 * @throws HeadraceError INPUT_INVALID, MODEL_INVALID, UNAVAILABLE when the log cannot record
 */
export async function predict(
  { eventLog, maxRows, patienceMs, now }: PredictParts,
  endpoint: Endpoint,
  request: InferRequest,
  traceparent: string | undefined,
): Promise<Prediction> {
  const { model, spec, bind, score } = endpoint;
  const matrix = featureMatrix(request.inputs, spec.input.features, endpoint.matrixName, maxRows);
  const identities = rowIdentities(request, matrix.rows, now());
  const wanted = request.outputs?.map(({ name }) => name) ?? model.outputs.map(({ name }) => name);
  requireOutputs(endpoint, wanted);
  const outputs = await model.run(bind(Float32Array.from(matrix.values), matrix.rows));
  const rows = predictionRows(outputs, score, matrix.rows);
  rows.forEach(requireFinite);
  const trace = continueTrace(traceparent);
  const events = rows.map((row, at) => event(endpoint, matrix, identities, row, at, trace));
  await publishAgain(eventLog, events, patienceMs);
  return {
    requestId: identities.requestId,
    rows: matrix.rows,
    outputs: wanted.map((name) => [name, outputs[name]!] as const),
  };
}

function requireOutputs({ model }: Endpoint, wanted: readonly string[]): void {
  const known = model.outputs.map(({ name }) => name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw invalid(`the model has no output '${unknown.join("', '")}'; it has ${known.join(', ')}`);
}

/** A prediction that is not a number is no prediction; JSON could not carry it either. */
function requireFinite({ outputs }: PredictionRow, row: number): void {
  const wrong = outputs.find(({ values }) =>
    values.some((value) => typeof value === 'number' && !Number.isFinite(value)),
  );
  if (wrong)
    throw new HeadraceError('MODEL_INVALID', `The model failed on row ${row}: output '${wrong.name}' is not finite`);
}

function event(
  { deployment, resolved, spec }: Endpoint,
  { values }: FeatureMatrix,
  { recordIds, eventTimes }: RowIdentities,
  { score, outputs }: PredictionRow,
  at: number,
  traceparent: string,
): OutgoingEvent<PredictionMade> {
  const recordId = recordIds[at]!;
  const eventTime = eventTimes[at]!;
  const predictionId = `${deployment}:${recordId}`;
  const { name: model, version, runId } = resolved;
  const width = spec.input.features.length;
  const features = Array.from(values.subarray(at * width, (at + 1) * width));
  return {
    topic: { ...topics.predictions, name: spec.output.topic },
    key: recordId,
    id: predictionId,
    eventTime,
    traceparent,
    value: {
      predictionId,
      recordId,
      deployment,
      model,
      version,
      runId,
      eventTime,
      score,
      outputs,
      features,
      input: null,
    },
  };
}
