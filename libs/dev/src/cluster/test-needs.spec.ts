import { describe, expect, it } from '@jest/globals';
import { needing, type Tool } from './test-needs.js';

/** Notes what would be declared instead of declaring it. */
function recordingIt() {
  const declared: string[] = [];
  const run = (title: string) => void declared.push(`run: ${title}`);
  const skip = (title: string) => void declared.push(`skip: ${title}`);
  return { declared, it: Object.assign(run, { skip }) as unknown as typeof it };
}

describe('needing', () => {
  it('declares the test where the tool is there', () => {
    const recording = recordingIt();
    needing(recording.it, 'ls' as Tool)('lists', async () => {});
    expect(recording.declared).toEqual(['run: lists']);
  });

  it('declares a skip that names what is missing', () => {
    const recording = recordingIt();
    needing(recording.it, 'ls' as Tool, 'no-such-tool' as Tool)('lists', async () => {});
    expect(recording.declared).toEqual(['skip: lists [needs no-such-tool]']);
  });
});
