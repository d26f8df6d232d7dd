import { topics, type Topic } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import type { EventLog } from './event-log.js';

/** An event that was decided and kept elsewhere (an outbox) until it can be published. */
export interface StoredEvent {
  /** Name of a topic of the catalogue. */
  readonly topic: string;
  readonly key: string | null;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly id: string;
  /** ms since the epoch. */
  readonly eventTime: number;
}

const catalogue = new Map<string, Topic<any>>(Object.values(topics).map((topic) => [topic.name, topic]));

/** What an outbox's relay calls: events go to their topics under the ids and times they were decided with. */
export function storedEventPublisher(log: EventLog): { publish(events: readonly StoredEvent[]): Promise<void> } {
  return { publish: (events) => log.publish(events.map((event) => ({ ...event, topic: topicOf(event) }))) };
}

function topicOf({ topic }: StoredEvent): Topic<any> {
  const known = catalogue.get(topic);
  if (!known) throw new HeadraceError('INTERNAL', `Topic ${topic} of a stored event is not in the catalogue`);
  return known;
}
