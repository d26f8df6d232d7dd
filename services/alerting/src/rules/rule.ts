import type { AlertSeverity, Topic } from '@headrace/contracts';
import type { EventRecord } from '@headrace/event-log';
import type { Labels, Observation } from '../alerts/alert.js';

/** What one event says of one condition. */
export interface Sighting {
  readonly labels: Labels;
  readonly active: boolean;
  /** When it was so, ms since the epoch, by the event's own clock. */
  readonly at: number;
  readonly summary: string;
}

/** How events of one topic show the condition. */
export interface EventSource<T> {
  readonly topic: Topic<T>;
  readonly sightings: (event: T, record: EventRecord<T>) => Sighting[];
  /** What a tombstone of a compacted topic says; default nothing. */
  readonly removed?: (key: string, record: EventRecord<null>) => Sighting[];
}

export interface Rule {
  /** The alert's name, as in Prometheus: upper camel case. */
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly sources: ReadonlyArray<EventSource<any>>;
  /** Resolved when the condition has not been seen for so long; absent: by an event only. */
  readonly quiet?: 'deadLetterQuietMs';
  /** Must hold so long before it fires; absent: fires at once. */
  readonly holds?: 'serviceDownForMs';
}

/** Times that the configuration decides. */
export interface RuleTimes {
  readonly deadLetterQuietMs: number;
  readonly serviceDownForMs: number;
}

export function on<T>(
  topic: Topic<T>,
  sightings: EventSource<T>['sightings'],
  removed?: EventSource<T>['removed'],
): EventSource<T> {
  return { topic, sightings, removed };
}

export function observationOf(rule: Rule, sighting: Sighting, times: RuleTimes): Observation {
  const forMs = rule.holds ? times[rule.holds] : 0;
  return { rule: rule.name, severity: rule.severity, forMs, count: 1, ...sighting };
}
