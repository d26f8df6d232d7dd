import {
  topics,
  type OffsetRange,
  type PredictionMade,
  type ReplayFinished,
  type ReplayRecords,
  type Topic,
} from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { setTimeout as sleep } from 'node:timers/promises';
import { replayDeployment, replayGroup } from './replay-names.js';

const POLL_MS = 250;

/** The event for a replay that has done its ranges. */
export async function completed(eventLog: EventLog, command: ReplayRecords, requestedAtMs: number) {
  return resultOf(command, 'COMPLETED', null, await written(eventLog, command, requestedAtMs));
}

/** The event for a replay that cannot be done. */
export function failed(command: ReplayRecords, reason: string): ReplayFinished {
  return resultOf(command, 'FAILED', reason, { outputRanges: [], scored: 0 });
}

/**
 * The event for a replay that was cancelled, once no worker is left that could write anything more for it; one that was done by then is
 * completed. Every worker that had a part in it so says the same.
 * @throws AbortError when `signal` is aborted first
 */
export async function cancelled(
  eventLog: EventLog,
  command: ReplayRecords,
  requestedAtMs: number,
  requestedBy: string,
  signal: AbortSignal,
): Promise<ReplayFinished> {
  const { replayId, ranges } = command;
  const group = replayGroup(replayId);
  const isLeft = async (): Promise<boolean> => !ranges[0] || (await eventLog.members(group, ranges[0].topic)) === 0;
  while (!(await isLeft())) await sleep(POLL_MS, undefined, { signal });
  // Reads past transactions only when they have ended, so that offsets looked at afterwards are those that go with it.
  const counts = await written(eventLog, command, requestedAtMs);
  if (await isDone(eventLog, command)) return resultOf(command, 'COMPLETED', null, counts);
  return resultOf(command, 'CANCELLED', `cancelled by ${requestedBy}`, counts);
}

async function isDone(eventLog: EventLog, { replayId, ranges }: ReplayRecords): Promise<boolean> {
  const topic = ranges[0]?.topic;
  if (topic === undefined) return true;
  const committed = await eventLog.committed(replayGroup(replayId), topic);
  return ranges.every(({ partition, from, to }) => from >= to || (committed.get(partition) ?? from) >= to);
}

type Written = Pick<ReplayFinished, 'outputRanges' | 'scored'>;

/** Predictions of the replay in its output topic, and where they lie. */
async function written(eventLog: EventLog, command: ReplayRecords, requestedAtMs: number): Promise<Written> {
  const output: Topic<PredictionMade> = { ...topics.predictions, name: command.outputTopic };
  if (!(await eventLog.exists(output))) return { outputRanges: [], scored: 0 };
  const outputRanges = await eventLog.offsets(output, requestedAtMs);
  return { outputRanges, scored: await count(eventLog, output, outputRanges, replayDeployment(command.replayId)) };
}

async function count(eventLog: EventLog, output: Topic<PredictionMade>, ranges: OffsetRange[], deployment: string) {
  let scored = 0;
  for await (const { records } of eventLog.read(output, ranges))
    scored += records.filter(({ value }) => value.deployment === deployment).length;
  return scored;
}

function resultOf(
  { replayId, model, version, outputTopic }: ReplayRecords,
  status: ReplayFinished['status'],
  reason: string | null,
  written: Written,
): ReplayFinished {
  return { replayId, status, reason, model, version, outputTopic, ...written };
}
