import { CHAMPION, FROZEN } from '../deployments.js';
import { accountOf, openCommands, openVerdicts } from './accounting.js';
import type { LoopState } from './loop-state.js';
import { promotedRetrains } from './steps.js';

const DAY_MS = 86_400_000;
/** About three days of the sample. */
const MOST_OPEN_RECORDS = 1200;
/** A window closes twelve hours after its end; a report that is three days late is being computed. */
const LATEST_REPORT_MS = 7 * DAY_MS + 3 * DAY_MS;

interface Wait {
  readonly reason: string;
  readonly holds: (state: LoopState) => boolean;
}

/**
 * An event week passes in seconds, and a training takes some of them: without waiting, the model would be retrained weeks after
 * it was asked for, and the slower the machine the later. So event time stands while the platform does what takes minutes in
 * the life of a real stream.
 */
const WAITS: readonly Wait[] = [
  { reason: 'the first model is being trained', holds: ({ deployments }) => !deployments.get(CHAMPION)?.model },
  {
    reason: 'predictions are behind',
    holds: (state) => [CHAMPION, FROZEN].some((name) => accountOf(state, name).open > MOST_OPEN_RECORDS),
  },
  {
    reason: 'drift is closing its windows',
    holds: (state) => state.latestEventTime - lastReport(state) > LATEST_REPORT_MS,
  },
  { reason: 'a retrain is being answered', holds: (state) => openCommands(state).length > 0 },
  { reason: 'the registry is deciding', holds: (state) => openVerdicts(state).length > 0 },
  { reason: 'the promoted version is taking over', holds: (state) => isTakingOver(state) },
];

/** Null when nothing has to be waited for. */
export function whyTheClockWaits(state: LoopState): string | null {
  return WAITS.find(({ holds }) => holds(state))?.reason ?? null;
}

function lastReport({ reports }: LoopState): number {
  return reports.reduce(
    (last, { deployment, windowEnd }) => (deployment === CHAMPION ? Math.max(last, windowEnd) : last),
    0,
  );
}

/** Promoted, and the deployment does not name it yet. */
function isTakingOver(state: LoopState): boolean {
  const promoted = promotedRetrains(state).at(-1);
  const running = state.deployments.get(CHAMPION)?.model?.version;
  return promoted !== undefined && running !== undefined && running < promoted;
}
