import type { AlertSeverity, AlertState } from '@headrace/contracts';

export type Labels = Readonly<Record<string, string>>;

/** An alert as it stands. Times are ms since the epoch. */
export interface Alert {
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly labels: Labels;
  readonly summary: string;
  readonly state: AlertState;
  /** When the condition began, in this episode. */
  readonly startsAt: number;
  readonly changedAt: number;
  /** When the condition was last seen to hold. */
  readonly lastActiveAt: number;
  /** How often, since startsAt. */
  readonly occurrences: number;
}

/** Somebody looked at a condition: it holds, or it does not. */
export interface Observation {
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly labels: Labels;
  readonly active: boolean;
  readonly at: number;
  readonly summary: string;
  /** How long it must hold before the alert fires; 0 is at once. */
  readonly forMs: number;
  /** Times seen, when several are told as one. */
  readonly count: number;
}
