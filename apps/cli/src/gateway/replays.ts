import type { GatewayClient } from './gateway-client.js';

interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export interface ReplayRequest {
  readonly replayId: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly from: string;
  readonly to: string;
  readonly outputTopic: string;
  readonly recordsPerSecond?: number;
}

export interface StartedReplay {
  readonly replayId: string;
  readonly ranges: readonly OffsetRange[];
}

/** Times are ms since the epoch. */
export interface Replay {
  readonly replayId: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
  readonly reason: string | null;
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly outputTopic: string;
  readonly requestedAt: number;
  /** Null until it is finished. */
  readonly scored: number | null;
  /** Absent in lists. */
  readonly progress?: ReadonlyArray<OffsetRange & { readonly committed: number }>;
}

const BASE = '/api/headrace/v1/replays';

/** The same request again finds the replay that it started. @throws GatewayError 400, 404, 409 when the id is another replay's */
export function startReplay(gateway: GatewayClient, request: ReplayRequest): Promise<StartedReplay> {
  return gateway.post<StartedReplay>(BASE, request);
}

/** @throws GatewayError 404 */
export function getReplay(gateway: GatewayClient, replayId: string): Promise<Replay> {
  return gateway.get<Replay>(`${BASE}/${encodeURIComponent(replayId)}`);
}

/** It ends soon after; what it has written stays. @throws GatewayError 404, 409 when it has ended otherwise */
export function cancelReplay(gateway: GatewayClient, replayId: string): Promise<Replay> {
  return gateway.post<Replay>(`${BASE}/${encodeURIComponent(replayId)}/cancel`, {});
}

/** Newest first. */
export async function listReplays(gateway: GatewayClient): Promise<Replay[]> {
  return (await gateway.get<{ replays: Replay[] }>(`${BASE}?limit=1000`)).replays;
}

/** Offsets done and offsets in all; undefined where it is not known. */
export function progressOf({ progress }: Replay): { readonly done: number; readonly all: number } | undefined {
  if (!progress) return undefined;
  const done = progress.reduce((sum, { from, committed }) => sum + committed - from, 0);
  return { done, all: progress.reduce((sum, { from, to }) => sum + to - from, 0) };
}
