import { topics, type Topic } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import type { EventLog, ExclusiveWriter } from './event-log.js';

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

/** A writer of stored events; see ExclusiveWriter. */
export interface StoredEventWriter extends Omit<ExclusiveWriter, 'write'> {
  write(events: readonly StoredEvent[], receipt: string): Promise<void>;
}

/** What an outbox's relay calls: events go to their topics under the ids and times they were decided with. */
export function storedEventPublisher(log: EventLog): { take(outbox: string): Promise<StoredEventWriter> } {
  return {
    take: async (outbox) => {
      const writer = await log.exclusiveWriter(outbox);
      return {
        write: (events, receipt) =>
          writer.write(
            events.map((event) => ({ ...event, topic: topicOf(event) })),
            receipt,
          ),
        wrote: (receipt) => writer.wrote(receipt),
        close: () => writer.close(),
      };
    },
  };
}

function topicOf({ topic }: StoredEvent): Topic<any> {
  const known = catalogue.get(topic);
  if (!known) throw new HeadraceError('INTERNAL', `Topic ${topic} of a stored event is not in the catalogue`);
  return known;
}
