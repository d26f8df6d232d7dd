import { topics, type OffsetRange } from '@headrace/contracts';
import type { EventLog, EventRecord } from '@headrace/event-log';
import { readLetter, type Letter } from './letter.js';
import type { Place } from './place.js';

/** Letters a partition that are read for a first look at the newest. */
const FIRST_STEP = 256;
/** A filter that few letters match reads ever larger steps. */
const GROWTH = 4;

/** The topic of dead letters, read without a group. */
export class LetterLog {
  constructor(private readonly eventLog: EventLog) {}

  /** Where letters of this time lie, ms since the epoch; those of the edges may lie outside of it. */
  async ranges(since?: number, until?: number): Promise<OffsetRange[]> {
    const ranges = await this.eventLog.offsets(topics.deadLetters, since);
    if (until === undefined) return ranges;
    const ends = await this.eventLog.offsets(topics.deadLetters, until);
    const endOf = new Map(ends.map(({ partition, from }) => [partition, from]));
    return ranges.map((range) => ({ ...range, to: Math.min(range.to, endOf.get(range.partition) ?? range.to) }));
  }

  async *read(ranges: readonly OffsetRange[]): AsyncGenerator<Letter> {
    for await (const { records } of this.eventLog.read<unknown>(topics.deadLetters, ranges))
      for (const record of records) yield readLetter(record);
  }

  /** At most `limit` wanted letters of the ranges, newest first. Reads backwards, no further than it must. */
  async newest(
    ranges: readonly OffsetRange[],
    isWanted: (letter: Letter) => boolean,
    limit: number,
  ): Promise<Letter[]> {
    const found: Letter[] = [];
    let rest = ranges.filter(({ from, to }) => from < to);
    for (let step = Math.max(FIRST_STEP, limit); rest.length > 0; step *= GROWTH) {
      const chunk = rest.map((range) => ({ ...range, from: Math.max(range.from, range.to - step) }));
      const oldest = new Map<number, number>();
      for await (const letter of this.read(chunk)) {
        oldest.set(letter.partition, Math.min(letter.at, oldest.get(letter.partition) ?? Infinity));
        if (isWanted(letter)) found.push(letter);
      }
      rest = rest.map((range, at) => ({ ...range, to: chunk[at]!.from })).filter(({ from, to }) => from < to);
      // Append times only rise within a partition: what has not been read is no newer than the oldest that has.
      const unsure = Math.max(-Infinity, ...rest.map(({ partition }) => oldest.get(partition) ?? Infinity));
      if (found.filter(({ at }) => at >= unsure).length >= limit) break;
    }
    return found.sort((a, b) => b.at - a.at || b.offset - a.offset || a.partition - b.partition).slice(0, limit);
  }

  /** Any topic's record as it lies there; undefined when retention or compaction has taken it, or there never was one. */
  async recordAt({ topic, partition, offset }: Place): Promise<EventRecord<unknown> | undefined> {
    const bounds = await this.boundsOf(topic);
    const range = bounds?.find((each) => each.partition === partition);
    if (!range || offset < range.from || offset >= range.to) return undefined;
    const bytes = { ...topics.deadLetters, name: topic };
    const found: Array<EventRecord<unknown>> = [];
    for await (const { records } of this.eventLog.read(bytes, [{ topic, partition, from: offset, to: offset + 1 }]))
      found.push(...records);
    return found[0];
  }

  /** Undefined when the topic does not exist. @throws HeadraceError UNAVAILABLE */
  async boundsOf(topic: string): Promise<OffsetRange[] | undefined> {
    try {
      const bounds = await this.eventLog.offsets(topic);
      return bounds.length > 0 ? bounds : undefined;
    } catch (error) {
      if (isUnknownTopic(error)) return undefined;
      throw error;
    }
  }
}

/** Kafka's own name for it lies somewhere in the chain of causes. */
function isUnknownTopic(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION' || isUnknownTopic(error.cause);
}
