import { topics, type Topic } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import type { OutboxPublisher } from '@headrace/persistence';

const catalogue = new Map<string, Topic<any>>(Object.values(topics).map((topic) => [topic.name, topic]));

/** The outbox's events go to the topics of the catalogue, under the ids and times they were decided with. */
export function outboxPublisher(log: EventLog): OutboxPublisher {
  return {
    publish: (events) => log.publish(events.map((event) => ({ ...event, topic: catalogue.get(event.topic)! }))),
  };
}
