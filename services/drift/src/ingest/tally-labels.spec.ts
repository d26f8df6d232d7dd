import { describe, expect, it } from '@jest/globals';
import type { Label } from './read-label.js';
import { labelOutcomes, repeatedLabels, tallyLabels } from './tally-labels.js';

const label = (recordId: string, value: number, offset: number): Label => ({
  recordId,
  value,
  eventTime: offset,
  offset,
});
const batch = [label('b', 1, 1), label('a', 0, 2), label('b', 0, 3), label('b', 1, 4), label('c', 12.5, 5)];

describe('labels of one batch', () => {
  it('become one line a record, by id, in the order they came', () => {
    expect(tallyLabels(batch)).toEqual([
      { recordId: 'a', entity: null, eventTime: 2, values: [0] },
      { recordId: 'b', entity: null, eventTime: 1, values: [1, 0, 1] },
      { recordId: 'c', entity: null, eventTime: 5, values: [12.5] },
    ]);
  });

  it('are counted against what stands: first, same again, something else', () => {
    const stored = [
      { recordId: 'a', value: 1, inserted: false },
      { recordId: 'b', value: 1, inserted: true },
      { recordId: 'c', value: 12.5, inserted: true },
    ];
    const repeated = repeatedLabels(tallyLabels(batch), stored);
    expect(repeated).toEqual([
      { recordId: 'a', repeats: 1, contradictions: 1 },
      { recordId: 'b', repeats: 2, contradictions: 1 },
    ]);
    expect(labelOutcomes(stored, repeated)).toEqual({ accepted: 2, duplicate: 1, contradictory: 2 });
  });
});
