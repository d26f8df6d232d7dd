import type { IHeaders } from 'kafkajs';
import { headerText } from './event-headers.js';
import type { RecordHeaders } from './event-log.js';

/** Header of a record that was redriven: the one group that is to read it. All others have dealt with the original. */
export const REDRIVE_GROUP = 'headrace_redrive_group';
/** Header that counts attempts at a record: 1 when it fails for the first time, one more for each redrive. */
export const ATTEMPTS = 'dlq_attempts';

/** False for a record that was redriven for another group. */
export function isForGroup(headers: IHeaders | RecordHeaders | undefined, group: string): boolean {
  const only = headers?.[REDRIVE_GROUP];
  return only === undefined || String(Array.isArray(only) ? only.at(-1) : only) === group;
}

/** True for a second copy of a record, whose first stands earlier in the topic (unless retention has taken it). */
export function isRedriven({ headers }: { readonly headers: RecordHeaders }): boolean {
  return headers[REDRIVE_GROUP] !== undefined;
}

/** Which attempt at the record this is, from 1. */
export function attemptOf(headers: RecordHeaders): number {
  const attempt = Number(headerText(headers, ATTEMPTS));
  return Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 1;
}
