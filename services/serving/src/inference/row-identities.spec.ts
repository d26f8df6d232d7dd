import { describe, expect, it } from '@jest/globals';
import { rowIdentities } from './row-identities.js';

const request = (more: object) => ({ inputs: [], ...more });

describe('rowIdentities', () => {
  it('takes what the client gives', () => {
    const parameters = { record_ids: ['x', 'y'], event_times: [1000, '2001-01-01T00:00:00Z'] };
    const { recordIds, eventTimes } = rowIdentities(request({ parameters }), 2, 5);
    expect({ recordIds, eventTimes }).toEqual({ recordIds: ['x', 'y'], eventTimes: [1000, 978_307_200_000] });
  });

  it('else the request id and the row name the record, and now is its time', () => {
    const expected = { requestId: 'q', recordIds: ['q:0', 'q:1'], eventTimes: [5, 5] };
    expect(rowIdentities(request({ id: 'q' }), 2, 5)).toEqual(expected);
  });

  it('else the id is fresh', () => {
    const [a, b] = [rowIdentities(request({}), 1, 5), rowIdentities(request({}), 1, 5)];
    expect(a.recordIds[0]).toBe(`${a.requestId}:0`);
    expect(a.requestId).not.toBe(b.requestId);
  });

  it.each([
    ['record_ids of another length', { record_ids: ['x'] }, /record_ids has 1 entries for 2 rows/],
    ['event_times of another length', { event_times: [1, 2, 3] }, /event_times has 3/],
    ['a time that is none', { event_times: ['soon', 1] }, /'soon'/],
  ])('refuses %s', (_what, parameters, message) => {
    expect(() => rowIdentities(request({ parameters }), 2, 5)).toThrow(message);
  });
});
