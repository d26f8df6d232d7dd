import { describe, expect, it } from '@jest/globals';
import { Readiness } from './readiness.js';

describe('Readiness', () => {
  it('says of each check whether it holds, and why not', async () => {
    const readiness = new Readiness();
    readiness.register('good', () => undefined);
    readiness.register('bad', async () => {
      throw new Error('the database is away');
    });
    expect(await readiness.evaluate()).toEqual({ good: undefined, bad: 'the database is away' });
  });

  it('a fatal fault is told once and never forgotten', async () => {
    const readiness = new Readiness();
    const told: string[] = [];
    readiness.onFail((error) => told.push(error.message));
    readiness.fail(new Error('first'));
    readiness.fail('second');
    expect(told).toEqual(['first']);
    expect(await readiness.evaluate()).toEqual({ process: 'first' });
  });
});
