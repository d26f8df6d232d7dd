import { describe, expect, it } from '@jest/globals';
import { closedLoop, command, stateOf, verdict } from '../../test/record.js';
import { sampleFlights } from '../../test/sample-flights.js';
import { playFlights } from '../data/timeline.js';
import { decideRunState, QUIET_MS, unfinished } from './completion.js';

const events = playFlights(sampleFlights(12));
const loop = closedLoop(events);
const all = { events: events.length, of: events.length };
const early = { elapsedMs: 1000, limitMs: 60_000, quietMs: 0 };

describe('decideRunState', () => {
  it('is complete when the loop has closed, all is played and every record is answered', () => {
    expect(decideRunState(stateOf(...loop), all, early)).toBe('complete');
  });

  it('goes on while a step, a flight, an answer, a command or a verdict is missing', () => {
    expect(decideRunState(stateOf(...loop.slice(0, -1)), all, early)).toBe('running');
    expect(decideRunState(stateOf(...loop), { events: 3, of: events.length }, early)).toBe('running');
    expect(decideRunState(stateOf(...loop, command('c2')), all, early)).toBe('running');
    expect(decideRunState(stateOf(...loop, command('c2'), verdict('v3', 'c2', 3, false)), all, early)).toBe('running');
    expect(unfinished(stateOf(...loop, command('c2')), all)).toContain('c2');
  });

  it('runs out of time, and stalls when nothing moves after the end of the stream', () => {
    const open = stateOf(...loop.slice(0, -1));
    expect(decideRunState(open, all, { ...early, elapsedMs: 60_000 })).toBe('out of time');
    expect(decideRunState(open, all, { ...early, limitMs: 1e9, quietMs: QUIET_MS })).toBe('stalled');
    const halfway = { events: 3, of: events.length };
    expect(decideRunState(open, halfway, { ...early, limitMs: 1e9, quietMs: QUIET_MS })).toBe('running');
  });
});
