import { expect, it } from '@jest/globals';
import { topicCycle } from './topic-cycle.js';

const flow = (name: string, input: string, ...outputs: string[]) => ({ name, input, outputs });

it('a chain of deployments is no cycle, nor is one that others feed', () => {
  expect(topicCycle(flow('a', 'x', 'y'), [flow('b', 'y', 'z'), flow('c', 'w', 'x'), flow('d', 'y', 'z')])).toBe(
    undefined,
  );
});

it('names the deployments through which records come back', () => {
  expect(
    topicCycle(flow('a', 'x', 'p', 'y'), [flow('e', 'p', 'q'), flow('b', 'y', 'z'), flow('c', 'z', 'w', 'x')]),
  ).toEqual(['a', 'b', 'c']);
});

it('a cycle of others is not this one’s fault, and is not followed for ever', () => {
  expect(topicCycle(flow('a', 'x', 'y'), [flow('b', 'y', 'z'), flow('c', 'z', 'y')])).toBe(undefined);
});
