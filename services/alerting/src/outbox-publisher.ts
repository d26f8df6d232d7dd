import { topics, type Topic } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import type { OutboxPublisher, StoredEvent } from '@headrace/persistence';

const byName = new Map<string, Topic<any>>(Object.values(topics).map((topic) => [topic.name, topic]));

/** Where the outbox's events go: the catalogue's topics, under the ids and times they were decided with. */
export function outboxPublisher(eventLog: EventLog): OutboxPublisher {
  return {
    publish: (events: readonly StoredEvent[]) =>
      eventLog.publish(events.map((event) => ({ ...event, topic: byName.get(event.topic)! }))),
  };
}
