import type { Alert, Observation } from './alert.js';
import { fingerprintOf } from './fingerprint.js';

export interface Advanced {
  readonly alert: Alert;
  /** The state is another one: it goes on the topic. */
  readonly changed: boolean;
  /** People are to be told: it fires, or it is over after it fired. A condition that passed while pending is nobody's business. */
  readonly notify: boolean;
}

/**
 * The life of one fingerprint: pending → firing → resolved, and over again.
 * An observation older than the alert's last change is history that came late, or a second time: it changes nothing.
 * @returns null when nothing is to be stored
 */
export function advanceAlert(current: Alert | null, seen: Observation): Advanced | null {
  if (current && seen.at < current.changedAt) return null;
  if (!seen.active) return current && current.state !== 'RESOLVED' ? resolve(current, seen) : null;
  if (!current || current.state === 'RESOLVED') return begin(seen);
  return goOn(current, seen);
}

function begin(seen: Observation): Advanced {
  const { rule, severity, labels, summary, at, forMs, count } = seen;
  const state = forMs > 0 ? 'PENDING' : 'FIRING';
  const fingerprint = fingerprintOf(rule, labels);
  const times = { startsAt: at, changedAt: at, lastActiveAt: at };
  const alert: Alert = { fingerprint, rule, severity, labels, summary, state, ...times, occurrences: count };
  return { alert, changed: true, notify: state === 'FIRING' };
}

function goOn(current: Alert, { at, summary, forMs, count }: Observation): Advanced {
  const seenAgain = {
    ...current,
    lastActiveAt: Math.max(at, current.lastActiveAt),
    occurrences: current.occurrences + count,
  };
  if (current.state === 'PENDING' && at - current.startsAt >= forMs) {
    return { alert: { ...seenAgain, summary, state: 'FIRING', changedAt: at }, changed: true, notify: true };
  }
  return { alert: seenAgain, changed: false, notify: false };
}

function resolve(current: Alert, { at }: Observation): Advanced {
  return { alert: { ...current, state: 'RESOLVED', changedAt: at }, changed: true, notify: current.state === 'FIRING' };
}
