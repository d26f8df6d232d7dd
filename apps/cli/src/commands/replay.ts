import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError, GatewayUnreachable } from '../gateway/gateway-error.js';
import type { GatewayClient } from '../gateway/gateway-client.js';
import { getReplay, progressOf, startReplay, type Replay, type ReplayRequest } from '../gateway/replays.js';

/** Answers in a row that may fail before the looking ends; the replay itself does not. */
const MOST_FAILURES = 60;

export interface Following {
  readonly say: (line: string) => void;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly pollMs: number;
}

/** @throws Error that names the id, under which it can be asked for again, when it is not known whether it was */
export async function begin(gateway: GatewayClient, request: ReplayRequest) {
  try {
    return await startReplay(gateway, request);
  } catch (error) {
    if (!isPassing(error)) throw error;
    const again = `whether the replay was asked for is not known: the same command with --id ${request.replayId} asks once in all`;
    throw new Error(`${(error as Error).message}\n${again}`, { cause: error });
  }
}

/** Says how far it is, each time that it is further. @throws StillRunning when it is interrupted */
export async function follow(gateway: GatewayClient, replayId: string, following: Following): Promise<Replay> {
  const { say, interrupted, pollMs } = following;
  let said = '';
  for (let failures = 0; ;) {
    if (interrupted.aborted) throw new StillRunning(replayId);
    try {
      const replay = await getReplay(gateway, replayId);
      failures = 0;
      if (replay.status !== 'RUNNING') return replay;
      const line = progressLine(replay);
      if (line !== said) say((said = line));
    } catch (error) {
      if (!isPassing(error) || ++failures === MOST_FAILURES) throw error;
    }
    await sleep(pollMs, undefined, { signal: interrupted }).catch(() => undefined);
  }
}

/** @throws Error when it failed, or was cancelled */
export function outcomeLine(replay: Replay): string {
  const { replayId, status, reason, scored, outputTopic } = replay;
  if (status === 'FAILED') throw new Error(`replay ${replayId} failed: ${reason ?? 'no reason given'}`);
  if (status === 'CANCELLED') throw new Error(cancelledLine(replay));
  return `replay ${replayId} completed: ${scored} predictions of deployment replay:${replayId} in ${outputTopic}`;
}

export function cancelledLine({ replayId, scored, outputTopic }: Replay): string {
  return `replay ${replayId} is cancelled: ${scored} predictions of deployment replay:${replayId} are in ${outputTopic}`;
}

export function howToLook(replayId: string): string {
  return `headrace get replays ${replayId}`;
}

/** Whoever looked has stopped looking. */
export class StillRunning extends Error {
  constructor(replayId: string) {
    super(`the replay goes on; to look again: ${howToLook(replayId)}`);
    this.name = 'StillRunning';
  }
}

function progressLine(replay: Replay): string {
  const { done, all } = progressOf(replay) ?? { done: 0, all: 0 };
  return `${done} of ${all} offsets (${Math.floor((100 * done) / Math.max(1, all))} %)`;
}

function isPassing(error: unknown): boolean {
  return error instanceof GatewayUnreachable || (error instanceof GatewayError && error.status >= 500);
}
