import {
  topics,
  type GateDecided,
  type PredictionMade,
  type RetrainModel,
  type TrainingFinished,
} from '@headrace/contracts';
import type { SeenRecord } from '../src/observe/follower.js';
import { LoopState } from '../src/observe/loop-state.js';
import type { FlightEvent } from '../src/data/timeline.js';
import { FLIGHTS } from '../src/play/topics.js';

let offset = 0;

export function record(topic: { name: string } | string, value: unknown, more: Partial<SeenRecord> = {}): SeenRecord {
  const name = typeof topic === 'string' ? topic : topic.name;
  return { topic: name, partition: 0, offset: offset++, key: null, headers: {}, value, ...more };
}

export function flightRecord({ kind, value }: FlightEvent, place: Partial<SeenRecord> = {}): SeenRecord {
  return record(kind === 'departure' ? FLIGHTS.features : FLIGHTS.labels, value, place);
}

export function prediction(recordId: string, deployment: string, version: number, score = 0.5): SeenRecord {
  return record(topics.predictions, {
    predictionId: `${deployment}:${recordId}`,
    recordId,
    deployment,
    model: 'flight-delays',
    version,
    eventTime: 0,
    score,
    outputs: [],
    input: { topic: FLIGHTS.features, partition: 0, offset: 0 },
  } satisfies PredictionMade);
}

export function rejection(place: string, group: string): SeenRecord {
  return record(topics.deadLetters, null, {
    headers: { dlq_place: Buffer.from(place), dlq_group: Buffer.from(group) },
  });
}

export function command(commandId: string, championVersion = 1): SeenRecord {
  return record(topics.retrainCommands, {
    commandId,
    deployment: 'flight-delays',
    model: 'flight-delays',
    championVersion,
    reason: 'log_loss 0.56 (was 0.43)',
    severity: 2,
    evidence: [],
    reportIds: [],
    windowEnd: Date.UTC(2001, 2, 5),
    requestedBy: 'drift',
    requestedAt: 0,
  } satisfies RetrainModel);
}

export function training(jobId: string, commandId: string | null, version: number | null): SeenRecord {
  return record(topics.trainingEvents, {
    jobId,
    deployment: 'flight-delays',
    model: 'flight-delays',
    commandId,
    status: version === null ? 'FAILED' : 'REGISTERED',
    reason: version === null ? 'one class alone' : null,
    version,
    runId: `run-${jobId}`,
    snapshot: null,
    finishedAt: 0,
  } satisfies TrainingFinished);
}

export function verdict(
  verdictId: string,
  commandId: string | null,
  candidateVersion: number,
  passed: boolean,
): SeenRecord {
  return record(topics.gateVerdicts, {
    verdictId,
    jobId: `job-${verdictId}`,
    deployment: 'flight-delays',
    model: 'flight-delays',
    alias: 'champion',
    championVersion: commandId ? 1 : null,
    candidateVersion,
    passed,
    reasons: [passed ? 'auc rose by 0.02' : 'auc fell by 0.01'],
    checks: [],
    rows: 2800,
    replayId: null,
    commandId,
    decidedAt: 0,
  } satisfies GateDecided);
}

export function promotion(verdictId: string, version: number, decision: 'PROMOTED' | 'REFUSED'): SeenRecord {
  return record(topics.promotions, {
    promotionId: `promotion-${verdictId}`,
    model: 'flight-delays',
    version,
    alias: 'champion',
    previousVersion: null,
    decision,
    reason: 'gate',
    requestedBy: 'training',
    verdictId,
    deployments: [],
    decidedAt: 0,
  });
}

export function stateOf(...records: readonly SeenRecord[]): LoopState {
  const state = new LoopState();
  for (const each of records) state.fold(each);
  return state;
}

/** The loop once around, one record a step, in the order in which it happens. */
export function closedLoop(flights: readonly FlightEvent[]): SeenRecord[] {
  const report = {
    reportId: 'r',
    deployment: 'flight-delays',
    model: 'flight-delays',
    versions: [1],
    windowStart: 0,
    windowEnd: 1,
  };
  const figures = { predictions: 9, findings: [], metrics: {}, predictionRanges: [], reportedAt: 0 };
  return [
    ...flights.map((event) => flightRecord(event)),
    training('j1', null, 1),
    verdict('v1', null, 1, true),
    promotion('v1', 1, 'PROMOTED'),
    ...flights
      .filter(({ kind }) => kind === 'departure')
      .flatMap(({ value: { flightId } }, i, all) => [
        prediction(flightId, 'flight-delays-frozen', 1, 0.3),
        ...(i < all.length - 1 ? [prediction(flightId, 'flight-delays', 1, 0.3)] : []),
      ]),
    record(topics.driftReports, { ...report, ...figures, labelled: 0, verdict: 'INSUFFICIENT_DATA' }),
    record(topics.driftReports, { ...report, ...figures, labelled: 8, verdict: 'STABLE' }),
    record(topics.driftReports, { ...report, ...figures, labelled: 8, verdict: 'DRIFT' }),
    command('c1'),
    training('j2', 'c1', 2),
    record(topics.replayResults, {
      replayId: 'p',
      status: 'COMPLETED',
      model: 'flight-delays',
      version: 2,
      outputTopic: '',
      outputRanges: [],
      scored: 9,
    }),
    verdict('v2', 'c1', 2, true),
    promotion('v2', 2, 'PROMOTED'),
    prediction(flights.findLast(({ kind }) => kind === 'departure')!.value.flightId, 'flight-delays', 2, 0.3),
  ];
}
