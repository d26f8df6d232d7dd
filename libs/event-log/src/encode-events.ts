import type { Message, TopicMessages } from 'kafkajs';
import type { OutgoingEvent } from './event-log.js';
import { eventHeaders } from './event-headers.js';
import type { Serde } from './serde.js';

/** kafkajs sends one RecordBatch a partition and request; brokers refuse batches over 1 MiB by default (message.max.bytes). */
const REQUEST_BYTES = 512 * 1024;
/** A record's own framing, about. */
const OVERHEAD_BYTES = 32;

/** One produce request. */
export type ProduceRequest = TopicMessages[];

/** Events as requests that brokers accept, grouped by topic within each, order kept. One over 512 KiB goes alone. */
export async function encodeEvents(
  serde: Serde,
  source: string,
  events: ReadonlyArray<OutgoingEvent<any>>,
): Promise<ProduceRequest[]> {
  const requests: Array<Map<string, Message[]>> = [];
  let bytes = Infinity;
  for (const event of events) {
    const message = await encodeEvent(serde, source, event);
    bytes += sizeOf(message);
    if (bytes > REQUEST_BYTES) {
      requests.push(new Map());
      bytes = sizeOf(message);
    }
    const byTopic = requests.at(-1)!;
    const messages = byTopic.get(event.topic.name) ?? [];
    byTopic.set(event.topic.name, messages);
    messages.push(message);
  }
  return requests.map((byTopic) => [...byTopic].map(([topic, messages]) => ({ topic, messages })));
}

async function encodeEvent(serde: Serde, source: string, event: OutgoingEvent<any>): Promise<Message> {
  return {
    key: event.key,
    value: await serde.encode(event.topic, event.value),
    headers: eventHeaders(event, source),
    ...(event.partition === undefined ? {} : { partition: event.partition }),
  };
}

function sizeOf({ key, value, headers }: Message): number {
  const named = Object.entries(headers ?? {}).reduce((sum, [name, text]) => sum + name.length + (text?.length ?? 0), 0);
  return OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + named;
}
