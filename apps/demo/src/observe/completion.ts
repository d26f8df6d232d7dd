import { CHAMPION, FROZEN } from '../deployments.js';
import { accountOf, openCommands, openVerdicts } from './accounting.js';
import type { LoopState } from './loop-state.js';
import { missingStep } from './steps.js';

/** What a run waits for beyond the loop's steps, in words that follow "it did not happen that"; null when nothing is left. */
export function unfinished(state: LoopState, played: { readonly events: number; readonly of: number }): string | null {
  if (played.events < played.of) return 'the stream has played out';
  if (state.departures.size + state.landings.size < played.of) return 'all that was played has been read back';
  for (const account of [CHAMPION, FROZEN].map((name) => accountOf(state, name))) {
    if (!account.balanced)
      return `${account.deployment} has answered each record once (${account.open} without an answer, ${account.repeated} answered again)`;
  }
  if (openCommands(state).length > 0) return `retrain command ${openCommands(state)[0]} has been answered`;
  if (openVerdicts(state).length > 0) return `the registry has decided on verdict ${openVerdicts(state)[0]}`;
  return null;
}

export type RunState = 'running' | 'complete' | 'out of time' | 'stalled';

/** Nothing has changed for so long after the end of the stream: what has not happened by now will not. */
export const QUIET_MS = 120_000;

/** Ends a --once run: when all is done, when its time is over, or when nothing moves any more. */
export function decideRunState(
  state: LoopState,
  played: { readonly events: number; readonly of: number },
  times: { readonly elapsedMs: number; readonly limitMs: number; readonly quietMs: number },
): RunState {
  if (missingStep(state) === null && unfinished(state, played) === null) return 'complete';
  if (times.elapsedMs >= times.limitMs) return 'out of time';
  if (played.events >= played.of && times.quietMs >= QUIET_MS) return 'stalled';
  return 'running';
}
