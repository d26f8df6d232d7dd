import { describe, expect, it } from '@jest/globals';
import type { Label } from './read-label.js';
import { labelOutcomes, tallyLabels } from './tally-labels.js';

const label = (recordId: string, value: boolean, offset: number): Label => ({
  recordId,
  value,
  eventTime: offset,
  offset,
});
const batch = [label('b', true, 1), label('a', false, 2), label('b', false, 3), label('b', true, 4)];

describe('labels of one batch', () => {
  it('become one line a record, by id, with the first as its value', () => {
    expect(tallyLabels(batch)).toEqual([
      { recordId: 'a', value: false, eventTime: 2, trues: 0, falses: 1 },
      { recordId: 'b', value: true, eventTime: 1, trues: 2, falses: 1 },
    ]);
  });

  it('are counted against what stands: first, same again, opposite', () => {
    const stored = [
      { recordId: 'a', value: true, inserted: false },
      { recordId: 'b', value: true, inserted: true },
    ];
    expect(labelOutcomes(tallyLabels(batch), stored)).toEqual({ accepted: 1, duplicate: 1, contradictory: 2 });
  });
});
