import type { Message, TopicMessages } from 'kafkajs';
import type { OutgoingEvent } from './event-log.js';
import { eventHeaders } from './event-headers.js';
import type { Serde } from './serde.js';

/** Events as one sendBatch: grouped by topic, order kept within each. */
export async function encodeEvents(
  serde: Serde,
  source: string,
  events: ReadonlyArray<OutgoingEvent<any>>,
): Promise<TopicMessages[]> {
  const byTopic = new Map<string, Message[]>();
  for (const event of events) {
    const messages = byTopic.get(event.topic.name) ?? [];
    byTopic.set(event.topic.name, messages);
    messages.push({
      key: event.key,
      value: await serde.encode(event.topic, event.value),
      headers: eventHeaders(event, source),
      ...(event.partition === undefined ? {} : { partition: event.partition }),
    });
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}
