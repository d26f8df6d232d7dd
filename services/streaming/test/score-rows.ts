import type { PredictionMade } from '@headrace/contracts';
import { headerText, type Batch, type EventRecord, type OutgoingEvent, type Rejection } from '@headrace/event-log';
import { continueTrace } from '@headrace/service-kit';
import { predictionRows, type PredictionRow } from '@headrace/model-runtime';
import { readRecord, type ReadRecord } from '../src/inference/read-record.js';
import type { ScoringTarget } from '../src/inference/scoring-target.js';
import type { Scorer } from '../src/inference/scorer.js';

type RowResult = { readonly ok: true; readonly row: PredictionRow } | { readonly ok: false; readonly reason: string };

export interface ScoredBatch {
  readonly emit: Array<OutgoingEvent<PredictionMade>>;
  readonly reject: Rejection[];
}

interface Readable {
  readonly record: EventRecord<unknown>;
  readonly read: Extract<ReadRecord, { ok: true }>;
}

/** The plain way to say what ColumnScorer must come to, an object a record. Every record of the batch becomes one prediction or one rejection, in input order, all by the same version. */
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
  const results = await rowResults(
    scorer,
    readable.map(({ read }) => read.features),
  );
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

async function rowResults(scorer: Scorer, rows: ReadonlyArray<readonly number[]>): Promise<RowResult[]> {
  const runs = await scorer.runMatrix(Float64Array.from(rows.flat()), rows.length);
  return runs.flatMap((run): RowResult[] =>
    'reason' in run
      ? [{ ok: false, reason: run.reason }]
      : predictionRows(run.outputs, scorer.score, run.to - run.from).map(checked),
  );
}

function checked(row: PredictionRow): RowResult {
  const wrong = row.outputs.find(({ values }) =>
    values.some((value) => typeof value === 'number' && !Number.isFinite(value)),
  );
  return wrong ? { ok: false, reason: `output '${wrong.name}' is not finite` } : { ok: true, row };
}
