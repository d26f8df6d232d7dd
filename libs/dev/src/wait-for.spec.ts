import { describe, expect, it } from '@jest/globals';
import { waitFor } from './wait-for.js';

describe('waitFor', () => {
  it('returns the first truthy value', async () => {
    const values = [0, null, '', 'there'];
    await expect(waitFor(() => values.shift(), { what: 'a value', pollMs: 1 })).resolves.toBe('there');
  });

  it('takes a throwing condition for "not yet"', async () => {
    let looks = 0;
    const condition = () => {
      if (++looks < 3) throw new Error('not yet');
      return looks;
    };
    await expect(waitFor(condition, { what: 'the third look', pollMs: 1 })).resolves.toBe(3);
  });

  it('says what was awaited and what was last seen', async () => {
    const wait = waitFor(() => 0, { what: 'seven', timeoutMs: 5, pollMs: 1 });
    await expect(wait).rejects.toThrow('waited 5 ms for seven; last seen: 0');
  });

  it('ends early with the reason of its signal', async () => {
    const signal = AbortSignal.abort(new Error('the process ended'));
    await expect(waitFor(() => false, { what: 'anything', signal })).rejects.toThrow('the process ended');
  });
});
