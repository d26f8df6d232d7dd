import type { FlightEvent } from '../data/timeline.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AcceleratedClock } from './accelerated-clock.js';
import { SampleMismatch } from './read-progress.js';

/** Where slices go; the publisher behind it may be replaced after a fault. */
export interface SliceSink {
  readonly startPosition: number;
  publish(events: readonly FlightEvent[], positionAfter: number): Promise<void>;
  close(): Promise<void>;
}

export interface PlayerOptions {
  readonly events: readonly FlightEvent[];
  readonly clock: AcceleratedClock;
  /** Whether event time is to stand still now. */
  readonly waits: () => boolean;
  /** Opens the sink at the position that is committed. */
  readonly open: () => Promise<SliceSink>;
  /** Real time, ms. */
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
  readonly signal: AbortSignal;
  /** Real time between a fault and the next try, ms; default 2000. */
  readonly pauseMs?: number;
}

/** Events in one transaction: large enough to be fast in the bootstrap weeks, small against the broker's 1 MB a request. */
const MOST_EVENTS = 2000;
const TICK_MS = 200;
const PAUSE_AFTER_FAULT_MS = 2000;

/** Plays the timeline on the clock until its end, from wherever the topics say it stands. */
export class Player {
  private at = 0;

  constructor(private readonly options: PlayerOptions) {}

  /** Events that are in the topics. */
  get position(): number {
    return this.at;
  }

  get finished(): boolean {
    return this.at >= this.options.events.length;
  }

  /**
   * Returns at the end or when aborted. After a fault only the topics know what was committed, so it opens anew and asks.
   * @throws SampleMismatch
   */
  async run(): Promise<void> {
    const { open, onFault, signal, pauseMs = PAUSE_AFTER_FAULT_MS } = this.options;
    while (!signal.aborted) {
      let sink: SliceSink | undefined;
      try {
        sink = await open();
        await this.playInto(sink);
        return;
      } catch (error) {
        if (error instanceof SampleMismatch) throw error;
        onFault(error);
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      } finally {
        await sink?.close().catch(() => undefined);
      }
    }
  }

  private async playInto(sink: SliceSink): Promise<void> {
    const { events, signal } = this.options;
    this.at = sink.startPosition;
    while (!signal.aborted && this.at < events.length) {
      const end = this.due();
      if (end === this.at) await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
      else {
        await sink.publish(events.slice(this.at, end), end);
        this.at = end;
      }
    }
  }

  /** Position after the last event that has happened by now, in one slice's reach. */
  private due(): number {
    const { events, clock, waits, now } = this.options;
    const until = clock.until(events[this.at]!.at, now(), waits());
    let end = this.at;
    while (end < events.length && end - this.at < MOST_EVENTS && events[end]!.at <= until) end++;
    return end;
  }
}
