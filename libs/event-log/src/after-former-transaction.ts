import { setTimeout as sleep } from 'node:timers/promises';

/** How long the broker may take to write the former transaction's markers, ms. */
const MARKERS_TIMEOUT_MS = 10_000;
const MARKERS_PAUSE_MS = 2;

/**
 * The broker answers CONCURRENT_TRANSACTIONS to a transaction's first request while it still writes the former one's markers.
 * Nothing has been added then, so the same request is made again; kafkajs itself gives up.
 */
export async function afterFormerTransaction<R>(request: () => Promise<R>): Promise<R> {
  for (const end = Date.now() + MARKERS_TIMEOUT_MS; ;) {
    try {
      return await request();
    } catch (error) {
      if (!isConcurrent(error) || Date.now() > end) throw error;
      await sleep(MARKERS_PAUSE_MS);
    }
  }
}

/** kafkajs says the code itself, or wraps what has. */
function isConcurrent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as { type?: string }).type === 'CONCURRENT_TRANSACTIONS' || isConcurrent(error.cause);
}
