import { describe, expect, it, jest } from '@jest/globals';
import { sampleFlights } from '../../test/sample-flights.js';
import { playFlights, type FlightEvent } from '../data/timeline.js';
import { AcceleratedClock } from './accelerated-clock.js';
import { Player, type SliceSink } from './player.js';
import { SampleMismatch } from './read-progress.js';

/** The topics: what is committed stays, the position with it. */
class InMemoryTopics {
  readonly committed: FlightEvent[] = [];
  opened = 0;

  /** @param faults what happens to the n-th slice: it fails before its commit, or the answer to its commit is lost */
  constructor(private readonly faults: Record<number, 'before' | 'after'> = {}) {}

  private slices = 0;

  open = (): Promise<SliceSink> => {
    this.opened++;
    return Promise.resolve({
      startPosition: this.committed.length,
      publish: (events) => {
        const fault = this.faults[this.slices++];
        if (fault === 'before') return Promise.reject(new Error('the broker is away'));
        this.committed.push(...events);
        return fault === 'after' ? Promise.reject(new Error('the answer is lost')) : Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  };
}

describe('Player', () => {
  const events = playFlights(sampleFlights(3000));
  const player = (topics: InMemoryTopics, signal = new AbortController().signal) => {
    const onFault = jest.fn();
    const clock = new AcceleratedClock(1e-6);
    return {
      onFault,
      player: new Player({
        events,
        clock,
        waits: () => false,
        open: topics.open,
        now: Date.now,
        onFault,
        signal,
        pauseMs: 1,
      }),
    };
  };

  it('plays everything once, in order', async () => {
    const topics = new InMemoryTopics();
    const { player: one } = player(topics);
    await one.run();
    expect(topics.committed).toEqual(events);
    expect(one.finished).toBe(true);
  });

  it('neither loses nor doubles a slice that failed, committed or not', async () => {
    const topics = new InMemoryTopics({ 0: 'after', 1: 'before', 2: 'after' });
    const { player: one, onFault } = player(topics);
    await one.run();
    expect(onFault).toHaveBeenCalledTimes(3);
    expect(topics.opened).toBe(4);
    expect(topics.committed).toEqual(events);
  });

  it('goes on from what is in the topics', async () => {
    const topics = new InMemoryTopics();
    topics.committed.push(...events.slice(0, 1234));
    await player(topics).player.run();
    expect(topics.committed).toEqual(events);
  });

  it('stops between slices when told to', async () => {
    const stop = new AbortController();
    const topics = new InMemoryTopics({ 1: 'before' });
    const { player: one, onFault } = player(topics, stop.signal);
    onFault.mockImplementation(() => stop.abort());
    await one.run();
    expect(topics.committed).toEqual(events.slice(0, one.position));
    expect(one.finished).toBe(false);
  });

  it('gives up on topics that hold another sample', async () => {
    const { onFault, player: one } = player(
      Object.assign(new InMemoryTopics(), { open: () => Promise.reject(new SampleMismatch('t', 'a', 'b')) }),
    );
    await expect(one.run()).rejects.toThrow('t says that a is being played, and this start would play b');
    expect(onFault).not.toHaveBeenCalled();
  });
});
