import type { OffsetRange, Topic } from '@headrace/contracts';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { decodeRecords } from './decode-batch.js';
import type { Batch } from './event-log.js';
import { PositionTracker } from './position-tracker.js';
import { unreachable } from './publisher.js';
import type { Serde } from './serde.js';

/** Well below the shortest session timeout, ms; kafkajs itself sends fewer. */
const HEARTBEAT_MS = 250;

/** Reads ranges of one topic through a consumer of its own; the reader's pace is the caller's. */
export async function* readRanges<T>(
  serde: Serde,
  consumer: Consumer,
  topic: Topic<T> | string,
  ranges: readonly OffsetRange[],
): AsyncGenerator<Batch<T>> {
  const wanted = covering(ranges.filter(({ from, to }) => from < to));
  if (wanted.length === 0) return;
  const name = typeof topic === 'string' ? topic : (topic as Topic<T>).name;
  const hand = new Handover<Batch<T>>();
  const tracker = new PositionTracker(wanted);
  tracker.follow(consumer);
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) hand.fail(unreachable(`reading topic ${name}`, payload.error));
  });
  /** Next offset to hand over, by partition. A consumer that joins again has none, and would begin anew. */
  const positions = new Map(wanted.map(({ partition, from }) => [partition, from]));
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, offset] of positions) consumer.seek({ topic: name, partition, offset: String(offset) });
  });
  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { partition } = payload.batch;
    const range = wanted.find((each) => each.partition === partition);
    const position = positions.get(partition) ?? 0;
    const batch = range && (await decodeRange(serde, topic, ranges, position, payload));
    if (batch && batch.records.length > 0) await alive(payload, hand.give(batch));
    if (range) positions.set(partition, Math.max(position, Number(payload.batch.lastOffset()) + 1));
    if (!range || Number(payload.batch.lastOffset()) + 1 >= range.to) payload.pause();
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({ autoCommit: false, partitionsConsumedConcurrently: 3, eachBatch });
    void tracker.reached(wanted).then(() => hand.end());
    yield* hand;
  } finally {
    hand.end();
    await consumer.disconnect();
  }
}

/** Keeps the membership while the caller takes its time. */
async function alive({ heartbeat }: EachBatchPayload, work: Promise<void>): Promise<void> {
  const beat = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS);
  await work.finally(() => clearInterval(beat));
}

async function decodeRange<T>(
  serde: Serde,
  topic: Topic<T> | string,
  ranges: readonly OffsetRange[],
  position: number,
  { batch }: EachBatchPayload,
): Promise<Batch<T>> {
  const own = ranges.filter(({ partition }) => partition === batch.partition);
  const messages = batch.messages.filter(({ offset }) =>
    own.some(({ from, to }) => Number(offset) >= Math.max(from, position) && Number(offset) < to),
  );
  const { records } = await decodeRecords(serde, topic, batch.partition, messages);
  return { topic: batch.topic, partition: batch.partition, records, highWatermark: Number(batch.highWatermark) };
}

/** Passes items from a callback to an async iterator; `give` resolves when the item has been taken. */
class Handover<I> implements AsyncIterable<I> {
  private readonly waiting: Array<{ item: I; taken: () => void }> = [];
  private wake: () => void = () => undefined;
  private ended = false;
  private error: Error | undefined;

  give(item: I): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((taken) => {
      this.waiting.push({ item, taken });
      this.wake();
    });
  }

  end(): void {
    this.ended = true;
    for (const { taken } of this.waiting) taken();
    this.wake();
  }

  fail(error: Error): void {
    this.error = error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<I> {
    for (;;) {
      const next = this.waiting.shift();
      if (next) {
        next.taken();
        yield next.item;
      } else if (this.error) throw this.error;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** One range a partition, from its first offset to its last: a partition is read forwards, once. */
function covering(ranges: readonly OffsetRange[]): OffsetRange[] {
  const whole = new Map<number, OffsetRange>();
  for (const range of ranges) {
    const { from, to } = whole.get(range.partition) ?? range;
    whole.set(range.partition, { ...range, from: Math.min(from, range.from), to: Math.max(to, range.to) });
  }
  return [...whole.values()];
}
