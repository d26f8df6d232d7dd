import { topics, type GateDecided, type ReplayFinished, type ReplayRecords } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { decideGate } from '@headrace/rollout';
import { HeadraceError } from '@headrace/service-kit';
import { readLabelRows, type LabelRow, type TimeWindow } from '../dataset/read-rows.js';
import type { Timelines } from '../dataset/timelines.js';
import { championReplayId, type Job, type Replay, type RequestedReplay } from '../jobs/job.js';
import type { JobStore } from '../jobs/job-store.js';
import type { Step } from '../jobs/steps.js';
import type { Tracking } from '../tracking/tracking.js';
import { compare } from './compare.js';
import { asRunMetrics } from './quality.js';
import { readLiveScores, readReplayScores, type Scores } from './scores.js';

export interface GatePorts {
  readonly log: EventLog;
  readonly timelines: Timelines;
  readonly store: Pick<JobStore, 'replaysOf'>;
  readonly tracking: Tracking;
  readonly replayTimeoutMs: number;
}

/** From a registered version to the gate's verdict. */
export function gateSteps(
  ports: GatePorts,
): Record<'VERSION_REGISTERED' | 'REPLAY_REQUESTED' | 'REPLAY_FINISHED', Step> {
  return {
    VERSION_REGISTERED: (job) => requestReplays(ports, job),
    // Claimed only when the wait is over its time: ReplayFinished moves the job past this step by itself.
    REPLAY_REQUESTED: (job) => replayOverdue(ports, job),
    REPLAY_FINISHED: (job) => decide(ports, job),
  };
}

/** The candidate's scores always come from a replay, by streaming, as it would serve it. The champion's own predictions were recorded. */
async function requestReplays(ports: GatePorts, job: Job): ReturnType<Step> {
  if (job.holdout!.ranges.length === 0) return { step: 'REPLAY_FINISHED' };
  const replays: RequestedReplay[] = [{ replayId: job.id, version: job.version! }];
  if (await championIsMissing(ports, job))
    replays.push({ replayId: championReplayId(job.id), version: job.championVersion! });
  const events = replays.map((replay) => replayCommand(job, replay));
  return { step: 'REPLAY_REQUESTED', state: 'WAITING', waitMs: ports.replayTimeoutMs, replays, events };
}

/** It was promoted only lately, so it predicted too little of the holdout. */
async function championIsMissing(ports: GatePorts, job: Job): Promise<boolean> {
  if (job.championVersion === null) return false;
  const [scores, labels] = await Promise.all([liveChampion(ports, job), holdoutLabels(ports, job)]);
  const rows = [...labels.keys()].filter((id) => scores.has(id)).length;
  return rows < Math.min(job.spec.training.gate.minRows, labels.size);
}

function replayCommand(job: Job, { replayId, version }: RequestedReplay) {
  const { deployment, model } = job;
  const outputTopic = topics.replays.name;
  const { ranges } = job.holdout!;
  const value: ReplayRecords = {
    replayId,
    deployment,
    model,
    version,
    ranges,
    outputTopic,
    requestedBy: `training:${job.id}`,
  };
  return { topic: topics.replayCommands, key: replayId, value };
}

async function replayOverdue({ store }: GatePorts, job: Job): ReturnType<Step> {
  const open = (await store.replaysOf(job.id)).filter(({ result }) => result === null);
  const names = open.map(({ replayId }) => replayId).join(', ');
  throw new HeadraceError('UNAVAILABLE', `No ReplayFinished came in time for replay ${names}: does streaming run?`, {
    retry: 'never',
  });
}

async function decide(ports: GatePorts, job: Job): ReturnType<Step> {
  const replays = await ports.store.replaysOf(job.id);
  const window = windowOf(job);
  const candidate = await replayed(ports.log, replays, job.id, window);
  const champion = await championScores(ports, job, replays);
  const compared = compare(await holdoutLabels(ports, job), candidate ?? new Map(), champion);
  const decision = decideGate({ gate: job.spec.training.gate, ...compared });
  const verdict = verdictOf(job, decision, compared.rows, candidate ? job.id : null);
  const figures = {
    ...asRunMetrics('holdout', compared.candidate),
    ...(compared.champion ? asRunMetrics('holdout_champion', compared.champion) : {}),
    holdout_rows: compared.rows,
  };
  await ports.tracking.logVerdict(job.runId!, figures, decision.passed, job.createdAt.getTime());
  const event = { topic: topics.gateVerdicts, key: job.model, value: verdict };
  return { step: 'GATE_DECIDED', state: 'DONE', results: { verdict }, events: [event] };
}

function verdictOf(
  job: Job,
  decision: ReturnType<typeof decideGate>,
  rows: number,
  replayId: string | null,
): GateDecided {
  const { deployment, model, alias, championVersion, commandId } = job;
  return {
    verdictId: `gate:${job.id}`,
    jobId: job.id,
    deployment,
    model,
    alias,
    championVersion,
    candidateVersion: job.version!,
    ...decision,
    rows,
    replayId,
    commandId,
    decidedAt: Date.now(),
  };
}

async function championScores(ports: GatePorts, job: Job, replays: readonly Replay[]): Promise<Scores | null> {
  if (job.championVersion === null) return null;
  return (await replayed(ports.log, replays, championReplayId(job.id), windowOf(job))) ?? liveChampion(ports, job);
}

/** Undefined when no such replay was asked for. */
async function replayed(
  log: EventLog,
  replays: readonly Replay[],
  replayId: string,
  window: TimeWindow,
): Promise<Scores | undefined> {
  const replay = replays.find((each) => each.replayId === replayId);
  return replay && readReplayScores(log, requireCompleted(replay.result!), window);
}

function requireCompleted(result: ReplayFinished): ReplayFinished {
  if (result.status === 'COMPLETED') return result;
  const why = result.reason ?? 'no reason given';
  throw new HeadraceError('UNAVAILABLE', `Replay ${result.replayId} ${result.status.toLowerCase()}: ${why}`, {
    retry: 'never',
  });
}

function liveChampion({ log, timelines }: GatePorts, job: Job): Promise<Scores> {
  const live = { deployment: job.deployment, spec: job.spec, version: job.championVersion! };
  return readLiveScores(log, timelines, live, windowOf(job));
}

function holdoutLabels({ log }: GatePorts, job: Job): Promise<Map<string, LabelRow>> {
  // Labels of the holdout's records are later than the records, yet earlier than the window's end.
  return readLabelRows(log, job.spec.labels, job.holdout!.labelRanges, windowOf(job));
}

function windowOf(job: Job): TimeWindow {
  return { from: job.holdout!.fromTime, to: job.holdout!.toTime };
}
