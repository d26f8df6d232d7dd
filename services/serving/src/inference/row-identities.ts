import { randomUUID } from 'node:crypto';
import { invalid, type InferRequest } from './infer-request.js';

export interface RowIdentities {
  /** The request's id, or a fresh one. */
  readonly requestId: string;
  readonly recordIds: readonly string[];
  /** ms since the epoch. */
  readonly eventTimes: readonly number[];
}

/**
 * Who each row is, and when: what labels will name and what monitors order by. A client that repeats a request with its ids gives
 * its rows the same identities again.
 * @throws HeadraceError INPUT_INVALID when there is not one of them for each row
 */
export function rowIdentities({ id, parameters }: InferRequest, rows: number, now: number): RowIdentities {
  const { record_ids: given, event_times: times } = parameters ?? {};
  const requestId = id ?? randomUUID();
  if (given && given.length !== rows)
    throw invalid(`parameters.record_ids has ${given.length} entries for ${rows} rows`);
  if (times && times.length !== rows)
    throw invalid(`parameters.event_times has ${times.length} entries for ${rows} rows`);
  return {
    requestId,
    recordIds: given ?? Array.from({ length: rows }, (_, row) => `${requestId}:${row}`),
    eventTimes: times?.map(toMs) ?? new Array<number>(rows).fill(now),
  };
}

function toMs(time: number | string): number {
  const ms = new Date(time).getTime();
  if (Number.isNaN(ms)) throw invalid(`parameters.event_times: '${time}' is neither ms since the epoch nor ISO 8601`);
  return Math.trunc(ms);
}
