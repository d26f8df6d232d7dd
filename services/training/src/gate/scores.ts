import type { DeploymentSpec, OffsetRange, PredictionMade, ReplayFinished } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { isWithin, type TimeWindow } from '../dataset/read-rows.js';
import type { Timelines } from '../dataset/timelines.js';

/** Record id → score. A record that was predicted twice (a replay that was run again) counts once, its first. */
export type Scores = Map<string, number>;

/** What streaming calls the deployment of a replay's predictions. */
export const replayDeployment = (replayId: string): string => `replay:${replayId}`;

/** A version's scores of a replay. */
export function readReplayScores(log: EventLog, replay: ReplayFinished, window: TimeWindow): Promise<Scores> {
  const deployment = replayDeployment(replay.replayId);
  return readScores(log, replay.outputTopic, replay.outputRanges, window, (made) => made.deployment === deployment);
}

/** The scores that a version gave in production. */
export async function readLiveScores(
  log: EventLog,
  timelines: Timelines,
  live: { readonly deployment: string; readonly spec: DeploymentSpec; readonly version: number },
  window: TimeWindow,
): Promise<Scores> {
  const timeline = timelines.predictions(live.spec);
  await timeline.refresh();
  const ranges = timeline.rangesOf(window.from, window.to);
  const isLive = (made: PredictionMade) => made.deployment === live.deployment && made.version === live.version;
  return readScores(log, live.spec.output.topic, ranges, window, isLive);
}

async function readScores(
  log: EventLog,
  topic: string,
  ranges: readonly OffsetRange[],
  window: TimeWindow,
  isWanted: (made: PredictionMade) => boolean,
): Promise<Scores> {
  const scores: Scores = new Map();
  for await (const batch of log.read<PredictionMade>(topic, ranges)) {
    for (const { value } of batch.records) {
      if (!isWanted(value) || !isWithin(value.eventTime, window) || scores.has(value.recordId)) continue;
      if (typeof value.score === 'number') scores.set(value.recordId, value.score);
    }
  }
  return scores;
}
