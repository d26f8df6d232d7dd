import { HeadraceError } from '@headrace/service-kit';
import { describe, expect, it } from '@jest/globals';
import { Tries } from './tries.js';

const bug = new Error('bug');
const away = new HeadraceError('UNAVAILABLE', 'away');

function after(times: number, error: unknown): { tries: Tries; last: ReturnType<Tries['failed']> } {
  const tries = new Tries();
  for (let n = 1; n < times; n++) tries.failed(error);
  return { tries, last: tries.failed(error) };
}

describe('tries', () => {
  it('tell a failure from the third in a row on', () => {
    expect(after(2, bug).tries.failure).toBeUndefined();
    expect(after(3, bug).tries.failure).toBe(bug);
  });

  it('a success forgets them', () => {
    const { tries } = after(10, bug);
    tries.succeeded();
    expect(tries.failure).toBeUndefined();
    expect(tries.failed(bug)).toMatchObject({ attempt: 1, isLasting: false });
  });

  it.each([
    ['the tenth that names no retry', 10, bug, true],
    ['the ninth', 9, bug, false],
    ['a hundredth that may be retried', 100, away, false],
  ])('%s: lasting?', (_what, times, error, isLasting) => {
    expect(after(times, error).last.isLasting).toBe(isLasting);
  });
});
