import { topics, type PredictionExplained } from '@headrace/contracts';
import type { OutgoingEvent } from '@headrace/event-log';
import { continueTrace } from '@headrace/service-kit';
import type { AnsweredRows } from '../plain/plain-output.js';
import { TRACEPARENT_BYTES } from '../trace-bytes.js';
import type { Explainable, Explainer, Explanation } from './explainer.js';

/** A prediction that is to be explained, and what its event says besides. */
export interface ExplainedRow extends Explainable {
  readonly event: Omit<OutgoingEvent<PredictionExplained>, 'value'>;
  readonly facts: Pick<
    PredictionExplained,
    'predictionId' | 'deployment' | 'model' | 'version' | 'eventTime' | 'input'
  >;
}

/** Undefined for a row that is not in the sample, or has no score. */
export function explainedRow(
  explainer: Explainer,
  { origin, columns, rows, traces, from, score }: AnsweredRows,
  slot: number,
): ExplainedRow | undefined {
  const recordId = rows.idOf(slot, columns.bytes);
  if (!score || !explainer.isSampled(recordId)) return undefined;
  const { deployment, model, version } = origin;
  const { topic, partition, offsets, keyStarts, keyEnds, bytes } = columns;
  const row = rows.records[slot]!;
  const predictionId = `${deployment}:${recordId}`;
  const eventTime = rows.times[slot]!;
  const trace = traces[slot]!;
  const former = trace < 0 ? undefined : bytes.toString('latin1', trace, trace + TRACEPARENT_BYTES);
  const keyStart = keyStarts[row]!;
  return {
    recordId,
    features: rows.features.slice(slot * rows.width, (slot + 1) * rows.width),
    score: score.numbers![(slot - from + 1) * score.width - 1]!,
    facts: { predictionId, deployment, model, version, eventTime, input: { topic, partition, offset: offsets[row]! } },
    event: {
      topic: topics.explanations,
      key: keyStart < 0 ? null : Buffer.from(bytes.subarray(keyStart, keyEnds[row])),
      id: `explained:${predictionId}`,
      eventTime,
      traceparent: continueTrace(former),
    },
  };
}

export function explanationEvent(
  { recordId, score, facts, event }: ExplainedRow,
  generation: number,
  explanation: Explanation,
): OutgoingEvent<PredictionExplained> {
  return { ...event, value: { ...facts, recordId, generation, method: 'shapley', score, ...explanation } };
}
