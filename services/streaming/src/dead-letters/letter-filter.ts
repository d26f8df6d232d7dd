import type { Letter } from './letter.js';

export type LetterState = 'open' | 'redriven';

/** Which letters are meant; what is absent does not matter. */
export interface LetterFilter {
  readonly deployment?: string | undefined;
  readonly group?: string | undefined;
  readonly code?: string | undefined;
  /** Topic of the rejected record. */
  readonly topic?: string | undefined;
  /** When the letter was written, ms since the epoch; from inclusive, to exclusive. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly state?: LetterState | undefined;
}

export function matches(letter: Letter, state: LetterState, filter: LetterFilter): boolean {
  const { deployment, group, code, topic, since, until } = filter;
  return (
    (deployment === undefined || letter.deployment === deployment) &&
    (group === undefined || letter.group === group) &&
    (code === undefined || letter.code === code) &&
    (topic === undefined || letter.origin.startsWith(`${topic}/`)) &&
    (since === undefined || letter.at >= since) &&
    (until === undefined || letter.at < until) &&
    (filter.state === undefined || filter.state === state)
  );
}
