import type { DeploymentSpec, PredictionMade, Topic } from '@headrace/contracts';
import { headerText, type Batch, type EventRecord, type OutgoingEvent, type Rejection } from '@headrace/event-log';
import { continueTrace } from '@headrace/service-kit';
import { readRecord, type ReadRecord } from './read-record.js';
import type { RowResult, Scorer } from './scorer.js';

export interface ScoringTarget {
  /** Name that predictions carry. */
  readonly deployment: string;
  readonly spec: DeploymentSpec;
  readonly output: Topic<PredictionMade>;
  /**
   * Records of the partitions below this one keep theirs: all when the output topic has as many partitions as the input, else none.
   * Those that are added to the input later go by key.
   */
  readonly keptPartitions: number;
}

export interface ScoredBatch {
  readonly emit: Array<OutgoingEvent<PredictionMade>>;
  readonly reject: Rejection[];
}

interface Readable {
  readonly record: EventRecord<unknown>;
  readonly read: Extract<ReadRecord, { ok: true }>;
}

/** Every record of the batch becomes one prediction or one rejection, in input order, all by the same version. */
export async function scoreBatch(target: ScoringTarget, scorer: Scorer, batch: Batch<unknown>): Promise<ScoredBatch> {
  const scored: ScoredBatch = { emit: [], reject: [] };
  const rejectRecord = (record: EventRecord<unknown>, code: string, message: string): void => {
    scored.reject.push({ record, code, message, details: detailsOf(target, scorer) });
  };
  const readable: Readable[] = [];
  for (const record of batch.records) {
    const read = readRecord(target.spec.input, record);
    if (read.ok) readable.push({ record, read });
    else rejectRecord(record, read.code, read.message);
  }
  const results = await scorer.run(readable.map(({ read }) => read.features));
  readable.forEach((each, at) => {
    const result = results[at] as RowResult;
    if (result.ok) scored.emit.push(prediction(target, scorer, each, result));
    else rejectRecord(each.record, 'MODEL_FAILED', result.reason);
  });
  return scored;
}

function prediction(
  target: ScoringTarget,
  scorer: Scorer,
  { record, read }: Readable,
  { row }: Extract<RowResult, { ok: true }>,
): OutgoingEvent<PredictionMade> {
  const { name, version, runId } = scorer.resolved;
  const predictionId = `${target.deployment}:${read.recordId}`;
  return {
    topic: target.output,
    key: record.key,
    id: predictionId,
    eventTime: read.eventTime,
    traceparent: continueTrace(headerText(record.headers, 'traceparent')),
    partition: record.partition < target.keptPartitions ? record.partition : undefined,
    of: record,
    value: {
      predictionId,
      recordId: read.recordId,
      deployment: target.deployment,
      model: name,
      version,
      runId,
      eventTime: read.eventTime,
      score: row.score,
      outputs: row.outputs,
      features: read.features,
      input: { topic: record.topic, partition: record.partition, offset: record.offset },
    },
  };
}

function detailsOf(target: ScoringTarget, { resolved }: Scorer): Record<string, string> {
  return { deployment: target.deployment, model: resolved.name, model_version: String(resolved.version) };
}
