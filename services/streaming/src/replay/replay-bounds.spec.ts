import { describe, expect, it } from '@jest/globals';
import { offsetsOf, parseBound, rangesBetween } from './replay-bounds.js';

const whole = (partition: number, from: number, to: number) => ({ topic: 'in', partition, from, to });
const all = [whole(0, 5, 20), whole(1, 0, 10), whole(2, 3, 3)];
/** First records at the time asked for; of partition 1 only what came after `all` was read. */
const since = [whole(0, 12, 21), whole(1, 11, 12), whole(2, 3, 3)];
const between = (from: string, to: string) =>
  rangesBetween('in', offsetsOf(parseBound(from), all, since), offsetsOf(parseBound(to), all, since));

describe('what is to be replayed', () => {
  it.each([
    ['earliest', 'latest', [whole(0, 5, 20), whole(1, 0, 10)]],
    ['earliest', '2026-01-01', [whole(0, 5, 12), whole(1, 0, 10)]],
    ['1767225600000', 'latest', [whole(0, 12, 20)]],
    ['in/1@2', 'latest', [whole(1, 2, 10)]],
    ['in/1@2,in/0@5', 'in/0@7, in/1@10', [whole(0, 5, 7), whole(1, 2, 10)]],
    ['earliest', 'in/0@7', [whole(0, 5, 7)]],
  ])('is from %s to %s', (from, to, ranges) => {
    expect(between(from, to)).toEqual(ranges);
  });

  it.each([
    ['latest', 'earliest', /no records of in/],
    ['2026-01-01', '2026-01-01', /no records of in/],
    ['in/0@5', 'in/1@7', /no records of in/],
    ['in/0@4', 'latest', 'in/0@4 is not there: in/0 holds 5 to 20'],
    ['in/0@5', 'in/0@21', 'in/0@21 is not there: in/0 holds 5 to 20'],
    ['in/3@0', 'latest', 'in/3@0 is not in the deployment’s input topic'.replace('’', "'")],
    ['other/0@5', 'latest', /other\/0@5 is not in/],
    ['in/0@5,in/0@6', 'latest', 'in/0 is named twice'],
  ])('is refused from %s to %s', (from, to, message) => {
    expect(() => between(from, to)).toThrow(message);
  });

  it.each([
    ['0', 0],
    ['1767225600000', 1767225600000],
    ['2026-01-01', 1767225600000],
    ['2026-01-01T01:00+01:00', 1767225600000],
    ['2026-01-01T00:00:00.5Z', 1767225600500],
  ])('%s is a time', (text, ms) => {
    expect(parseBound(text)).toEqual({ kind: 'time', ms });
  });

  it.each(['', 'yesterday', '2026-01-01T00:00:00', '2026-13-01', '-5', '1e3', 'in/0', 'in/0@1,'])(
    '%p is none',
    (text) => {
      expect(() => parseBound(text)).toThrow(/is no point in the log/);
    },
  );
});
