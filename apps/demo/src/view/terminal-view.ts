import type { WriteStream } from 'node:tty';
import type { LoopState } from '../observe/loop-state.js';
import { Rates } from './rates.js';
import { statusLine, statusLines } from './status.js';

const REDRAW_MS = 500;
const LINE_MS = 4000;
const RATE_SPAN_MS = 3000;
const ERASE_LINE = '\x1b[2K';

export interface ViewOptions {
  readonly output: Pick<WriteStream, 'write' | 'columns' | 'isTTY'>;
  readonly state: LoopState;
  /** Share of the timeline that is in the topics, 0 to 1. */
  readonly playedShare: () => number;
  /** Why event time stands still; null when it goes on. */
  readonly waiting: () => string | null;
  /** Real time, ms. */
  readonly now: () => number;
}

/** Decisions scroll by as they fall; below them, on a terminal, the status is drawn anew in its place. */
export class TerminalView {
  private readonly rates = new Rates(RATE_SPAN_MS);
  private timer: NodeJS.Timeout | undefined;
  private drawn = 0;
  private ended = false;

  constructor(private readonly options: ViewOptions) {}

  start(): void {
    this.timer = setInterval(() => this.refresh(), this.options.output.isTTY ? REDRAW_MS : LINE_MS);
  }

  /** A line that stays. */
  line(text: string): void {
    this.erase();
    this.options.output.write(`${text}\n`);
    if (this.options.output.isTTY && !this.ended) this.refresh();
  }

  stop(): void {
    clearInterval(this.timer);
    this.erase();
    this.ended = true;
  }

  private refresh(): void {
    const { output, state, playedShare, waiting, now } = this.options;
    const answered = [...state.answers.values()].reduce((sum, { predictions }) => sum + predictions.size, 0);
    const [events, predictions] = this.rates.sample(now(), [state.featureRecords + state.landings.size, answered]);
    const progress = { playedShare: playedShare(), waiting: waiting() };
    const rate = { events: events!, predictions: predictions! };
    if (!output.isTTY) {
      output.write(`${statusLine(state, rate, progress)}\n`);
      return;
    }
    this.erase();
    const width = Math.max(20, (output.columns || 120) - 1);
    const lines = statusLines(state, rate, progress).map((text) => text.slice(0, width));
    output.write(lines.map((text) => `${text}\n`).join(''));
    this.drawn = lines.length;
  }

  /** Lines are cut to the terminal's width, so that as many rows go as lines were drawn. */
  private erase(): void {
    if (this.drawn > 0)
      this.options.output.write(`\x1b[${this.drawn}A${`${ERASE_LINE}\n`.repeat(this.drawn)}\x1b[${this.drawn}A`);
    this.drawn = 0;
  }
}
