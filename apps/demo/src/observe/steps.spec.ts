import { describe, expect, it } from '@jest/globals';
import { closedLoop, command, promotion, stateOf, training, verdict } from '../../test/record.js';
import { sampleFlights } from '../../test/sample-flights.js';
import { playFlights } from '../data/timeline.js';
import { LoopState } from './loop-state.js';
import { missingStep, promotedRetrains, steps } from './steps.js';

describe('the steps of the loop', () => {
  const loop = closedLoop(playFlights(sampleFlights(12)));

  it('happen one after the other, the last with the retrained version’s first prediction', () => {
    const state = new LoopState();
    let done = 0;
    const order: string[] = [];
    for (const each of loop) {
      state.fold(each);
      const now = steps.filter((step) => step.done(state)).length;
      if (now > done) order.push(...steps.slice(done, now).map(({ name }) => name));
      expect(now).toBeGreaterThanOrEqual(done);
      done = now;
    }
    expect(order).toEqual(steps.map(({ name }) => name));
    expect(missingStep(state)).toBeNull();
  });

  it.each(steps.map(({ name }, i) => [name, i] as const))('names the first that did not happen: %s', (name, index) => {
    const state = new LoopState();
    for (const each of loop) {
      const before = missingStep(state);
      state.fold(each);
      if (before?.name === name) return;
    }
    throw new Error(`step ${index} was never the missing one`);
  });

  it('do not take a refused candidate for a promoted one', () => {
    const state = stateOf(
      command('c1'),
      training('j', 'c1', 2),
      verdict('v', 'c1', 2, false),
      promotion('v', 2, 'REFUSED'),
    );
    expect(promotedRetrains(state)).toEqual([]);
  });

  it('do not take the first model for a retrained one', () => {
    expect(promotedRetrains(stateOf(verdict('v', null, 1, true), promotion('v', 1, 'PROMOTED')))).toEqual([]);
  });
});
