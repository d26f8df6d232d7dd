import type { OffsetRange, ReplayFinished } from '@headrace/contracts';
import type { RecordedReplay } from './replay-log.js';

/** A replay as people see it. Times are ms since the epoch. */
export interface ReplayView {
  readonly replayId: string;
  readonly status: 'RUNNING' | ReplayFinished['status'];
  /** Why it failed, or who cancelled it. */
  readonly reason: string | null;
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly outputTopic: string;
  /** Null where ranges were asked for. */
  readonly from: string | null;
  readonly to: string | null;
  readonly recordsPerSecond: number | null;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly finishedAt: number | null;
  /** Predictions in outputTopic; null until it is finished. */
  readonly scored: number | null;
  readonly outputRanges: readonly OffsetRange[];
  /** Every offset below `committed` is done; absent in lists. */
  readonly progress?: ReadonlyArray<OffsetRange & { readonly committed: number }>;
}

/** @param committed of the replay's group, by partition */
export function replayView(replay: RecordedReplay, committed?: ReadonlyMap<number, number>): ReplayView {
  const { command, requestedAtMs, finished } = replay;
  const { replayId, deployment, model, version, outputTopic, requestedBy } = command;
  const { from = null, to = null, recordsPerSecond = null } = command;
  return {
    replayId,
    status: finished?.result.status ?? 'RUNNING',
    reason: finished?.result.reason ?? null,
    ...{ deployment, model, version, outputTopic, from, to, recordsPerSecond, requestedBy },
    requestedAt: requestedAtMs,
    finishedAt: finished?.atMs ?? null,
    scored: finished?.result.scored ?? null,
    outputRanges: finished?.result.outputRanges ?? [],
    ...(committed && { progress: progressOf(replay, committed) }),
  };
}

function progressOf({ command, finished }: RecordedReplay, committed: ReadonlyMap<number, number>) {
  const isDone = finished?.result.status === 'COMPLETED';
  return command.ranges.map((range) => {
    // A broker forgets a group's offsets some days after its end.
    const at = isDone ? range.to : (committed.get(range.partition) ?? range.from);
    return { ...range, committed: Math.min(Math.max(at, range.from), range.to) };
  });
}
