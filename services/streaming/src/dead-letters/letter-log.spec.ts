import { topics, type OffsetRange } from '@headrace/contracts';
import { InMemoryEventLog, type EventRecord } from '@headrace/event-log';
import { describe, expect, it } from '@jest/globals';
import { LetterLog } from './letter-log.js';
import type { Letter } from './letter.js';

/** Letters of given times; counts what was read. */
class TimedLog extends InMemoryEventLog {
  read_ = 0;

  constructor(private readonly times: readonly number[][]) {
    super();
  }

  override async *read<T>(_: unknown, ranges: readonly OffsetRange[]) {
    for (const { topic, partition, from, to } of ranges) {
      const records = this.times[partition]!.slice(from, to).map((timestampMs, at) => {
        this.read_++;
        return {
          topic,
          partition,
          offset: from + at,
          timestampMs,
          headers: {},
          key: null,
          raw: null,
        } as unknown as EventRecord<T>;
      });
      yield { topic, partition, records, highWatermark: 0 };
    }
  }
}

const all = (times: readonly number[][]): OffsetRange[] =>
  times.map((each, partition) => ({ topic: topics.deadLetters.name, partition, from: 0, to: each.length }));
const rising = (count: number, step: number) => Array.from({ length: count }, (_, n) => n * step);

describe('the newest letters', () => {
  it.each([1, 10, 300])('are the same %i as of all letters, sorted', async (limit) => {
    // The second partition's last letter is older than most of the first's.
    const times = [rising(5000, 10), rising(2000, 3), [], [49_985]];
    const log = new TimedLog(times);
    const isWanted = ({ offset }: Letter) => offset % 7 === 0;
    const found = await new LetterLog(log).newest(all(times), isWanted, limit);
    const expected = times
      .flatMap((each) => each.filter((_, offset) => offset % 7 === 0))
      .sort((a, b) => b - a)
      .slice(0, limit);
    expect(found.map(({ at }) => at)).toEqual(expected);
  });

  it('are found without reading the rest', async () => {
    const times = [rising(50_000, 10)];
    const log = new TimedLog(times);
    expect(await new LetterLog(log).newest(all(times), () => true, 10)).toHaveLength(10);
    expect(log.read_).toBeLessThan(1000);
  });

  it('of a filter that nothing matches are none', async () => {
    const times = [rising(3000, 1)];
    expect(await new LetterLog(new TimedLog(times)).newest(all(times), () => false, 10)).toEqual([]);
  });
});
