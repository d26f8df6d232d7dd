import { describe, expect, it } from '@jest/globals';
import { silencesOf } from './silences.js';

describe('silences', () => {
  it('are each pane’s longest stretch without a record, from its beginning to its end', () => {
    expect(silencesOf([1, 2, 3, 12, 18], 0, 30, 10)).toEqual([7, 6, 10]);
  });

  it('end at the window’s ends and count a stretch across panes in each with its part', () => {
    expect(silencesOf([16], 5, 25, 10)).toEqual([5, 6, 5]);
  });

  it('of a window without a record are its panes', () => {
    expect(silencesOf([], 0, 20, 10)).toEqual([10, 10]);
  });

  it('look at no record outside the window', () => {
    expect(silencesOf([11, 25], 10, 20, 10)).toEqual([9]);
  });
});
