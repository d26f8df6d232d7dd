import { HeadraceError } from '@headrace/service-kit/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog, OutgoingEvent } from './event-log.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * publish, tried again for a while when the log is UNAVAILABLE: a partition's new leader is known within a second or so. At least once:
 * some events may then be there twice. For events that say the same when they are: whose readers know them by their id, or a whole state
 * by key that nobody else writes meanwhile.
 * @param patienceMs no try begins later than this after the first
 * @throws HeadraceError as publish does; UNAVAILABLE after the patience, and then some of the events may be there all the same
 */
export async function publishAgain(
  eventLog: Pick<EventLog, 'publish'>,
  events: ReadonlyArray<OutgoingEvent<any>>,
  patienceMs: number,
): Promise<void> {
  const end = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await eventLog.publish(events);
    } catch (error) {
      const isPassing = error instanceof HeadraceError && error.code === 'UNAVAILABLE';
      if (!isPassing || performance.now() + pauseMs > end) throw error;
      await sleep(pauseMs);
    }
  }
}
