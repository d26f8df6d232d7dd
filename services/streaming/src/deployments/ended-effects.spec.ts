import { expect, it } from '@jest/globals';
import { endedEffects } from './ended-effects.js';

const last = (partition: number, fromOffset: number, state?: 'REMOVED') => ({
  deployment: 'd',
  generation: 1,
  model: 'm',
  version: 1,
  topic: 't',
  partition,
  fromOffset,
  state: state ?? ('APPLIED' as const),
});
const committed = (...offsets: Array<number | undefined>) =>
  new Map([['t', new Map(offsets.flatMap((offset, at) => (offset === undefined ? [] : [[at, offset] as const])))]]);

it('an end is where the group has committed to', () => {
  expect(endedEffects([last(0, 3), last(1, 4)], committed(9, 4))).toEqual([
    last(0, 9, 'REMOVED'),
    last(1, 4, 'REMOVED'),
  ]);
});

it('an end that was told is not told again, unless somebody went on behind it', () => {
  expect(endedEffects([last(0, 9, 'REMOVED'), last(1, 9, 'REMOVED')], committed(9, 12))).toEqual([
    last(1, 12, 'REMOVED'),
  ]);
});

it('what nobody knows any more is not told', () => {
  expect(endedEffects([last(0, 3)], committed(undefined))).toEqual([]);
});
