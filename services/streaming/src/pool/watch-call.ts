import type { JournaledCall } from '../journal/journal-format.js';
import type { ProcessFacts } from './process-facts.js';

export interface CallLimits {
  readonly callLimitMs: number;
  readonly memoryLimitBytes: number;
}

export interface Look {
  /** This clock only has to go forward. */
  readonly atMs: number;
  readonly call: JournaledCall | null;
  readonly process: Pick<ProcessFacts, 'stopped' | 'residentBytes'>;
  /** The version in the call must not run any more. */
  readonly barred: boolean;
}

/** What earlier looks at a worker have shown. */
export interface Watched {
  readonly atMs: number;
  /** Of the call that was running; 0 when none was. */
  readonly seq: number;
  /** How long that call has been seen running, without the time that the process was stopped. */
  readonly seenMs: number;
  /** The process was beyond its memory. */
  readonly tooLarge: boolean;
}

/**
 * hangs, too-large: the version in the call is at fault. barred: it is known to be, end the process. recycle: the process is too large and no
 * single call made it so, end it when it has finished what it has in hand.
 */
export type Verdict = 'fine' | 'hangs' | 'too-large' | 'barred' | 'recycle';

/** Of the time between two looks no more counts than this: the watcher itself may have been held up or stopped. */
const MOST_MS_A_LOOK = 1000;
/** A call of a barred version may be its last good one; one that lasts so long is not. */
const BARRED_GRACE_MS = 1000;

/** What a look at a worker says, after those before. Pure. */
export function watchCall(
  before: Watched | null,
  look: Look,
  limits: CallLimits,
): { watched: Watched; verdict: Verdict } {
  const seq = look.call?.running ? look.call.seq : 0;
  const sameCall = before !== null && seq !== 0 && seq === before.seq;
  const passed = before === null || look.process.stopped ? 0 : Math.min(look.atMs - before.atMs, MOST_MS_A_LOOK);
  const seenMs = sameCall ? before.seenMs + passed : 0;
  const tooLarge = look.process.residentBytes > limits.memoryLimitBytes;
  const watched = { atMs: look.atMs, seq, seenMs, tooLarge };
  return { watched, verdict: verdictOn(watched, sameCall, before?.tooLarge ?? false, look.barred, limits) };
}

function verdictOn(
  watched: Watched,
  sameCall: boolean,
  wasTooLarge: boolean,
  barred: boolean,
  limits: CallLimits,
): Verdict {
  if (sameCall && barred && watched.seenMs >= BARRED_GRACE_MS) return 'barred';
  if (sameCall && !barred && watched.seenMs >= limits.callLimitMs) return 'hangs';
  if (!watched.tooLarge || !wasTooLarge) return 'fine';
  // Twice in one call, which is a long one then: it is the call. Otherwise many calls, or none, made it so.
  if (sameCall) return barred ? 'barred' : 'too-large';
  return 'recycle';
}
