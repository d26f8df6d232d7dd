import { topics, type PredictionMade } from '@headrace/contracts';
import { topicName, type EventLog, type EventRecord } from '@headrace/event-log';

/** The record at one place of a topic; undefined when it is not there (any more). */
export async function recordAt<T>(
  log: EventLog,
  topic: Parameters<EventLog['read']>[0],
  partition: number,
  offset: number,
): Promise<EventRecord<T> | undefined> {
  const there = (await log.offsets(topic)).find((range) => range.partition === partition);
  if (!there || offset < there.from || offset >= there.to) return undefined;
  for await (const { records } of log.read<T>(topic as string, [
    { topic: topicName(topic), partition, from: offset, to: offset + 1 },
  ]))
    for (const record of records) if (record.offset === offset) return record;
  return undefined;
}

/** Id of the schema that a value in Confluent framing was written with; null for any other. */
export function schemaIdOf(raw: Buffer | null): number | null {
  return raw !== null && raw.length > 5 && raw[0] === 0 ? raw.readUInt32BE(1) : null;
}

/** headrace.predictions/partition@offset. */
export function predictionPlace(id: string): { partition: number; offset: number } | undefined {
  const found = new RegExp(`^(?:${topics.predictions.name}/)?(\\d{1,6})@(\\d{1,15})$`).exec(id);
  return found ? { partition: Number(found[1]), offset: Number(found[2]) } : undefined;
}

export type Prediction = PredictionMade;
