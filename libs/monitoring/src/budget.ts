/** What a monitor may cost in false alarms. */
export interface FalseAlarmBudget {
  /** Chance of any alarm within the horizon, over all streams, while every true change stays within its materiality. In (0, 1). */
  readonly alpha: number;
  /** Looks (closed windows) that the promise covers; it begins anew with the next horizon, and with a new champion, whose reference is another. */
  readonly horizon: number;
}

/** Levels of one stream's tests. A stream is one figure of one subject in one segment. */
export interface AlarmLevels {
  /** Of one look; `persistence` looks in a row must all reach it. */
  readonly look: number;
  /** Of the reference's own sampling error. */
  readonly reference: number;
}

/** Part of alpha that covers references. A reference is drawn once, a window at every look: so little costs it little. */
const REFERENCE_PART = 0.2;

/**
 * Divides the budget so that P(any alarm within the horizon) ≤ alpha:
 * - With chance ≥ 1 − reference·streams every reference lies within its error of the truth; that is what `reference` pays for.
 * - Given that, a look rejects a change within materiality with chance ≤ `look`. Windows are independent of each other (rows within them need not be), so an alarm, which needs
 *   `persistence` rejections in a row, has chance ≤ look^persistence at each of the horizon's looks, for each of the streams: by the union bound ≤ (1 − part)·alpha in all,
 *   however streams depend on each other.
 * @param streams how many are watched, all segments together
 * @param persistence looks in a row
 * @param references how often the reference is drawn anew within the horizon: 1, or `horizon` where it trails
 */
export function alarmLevels(
  { alpha, horizon }: FalseAlarmBudget,
  { streams, persistence, references = 1 }: { streams: number; persistence: number; references?: number },
): AlarmLevels {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha} is not within (0, 1)`);
  return {
    look: (((1 - REFERENCE_PART) * alpha) / (horizon * streams)) ** (1 / persistence),
    reference: (REFERENCE_PART * alpha) / (references * streams),
  };
}

/** What has been spent of alpha after so many looks since the horizon began. */
export function spentAlpha({ alpha, horizon }: FalseAlarmBudget, looks: number): number {
  const within = looks === 0 ? 0 : ((looks - 1) % horizon) + 1;
  return within === 0 ? 0 : alpha * (REFERENCE_PART + ((1 - REFERENCE_PART) * within) / horizon);
}
