import { setTimeout as sleep } from 'node:timers/promises';
import { brokerError, isOneOf } from './protocol-error.js';

/** How long the broker may take, ms. */
const PATIENCE_MS = 30_000;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 100;

/**
 * Repeats a request to which the broker says that something is not finished yet (a former transaction, a coordinator's start): nothing
 * has happened then.
 * @param what was asked, for the message
 */
export async function untilSettled<R>(what: string, passing: readonly number[], request: () => Promise<R>): Promise<R> {
  const end = performance.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await request();
    } catch (error) {
      if (!isOneOf(error, ...passing) || performance.now() > end) throw brokerError(what, error);
      await sleep(pauseMs);
    }
  }
}
