const WIDTH = 30;
const BETWEEN_LINES = 0.1;

export interface ProgressOutput {
  readonly out: (line: string) => void;
  /** Rewrites the last line of a terminal; absent where there is none. */
  readonly redraw?: (line: string) => void;
}

/** How far a step is: a bar on a terminal, else a line each tenth of the way. */
export class Progress {
  private done = 0;
  private bytes = 0;
  private said = 0;

  constructor(
    private readonly what: string,
    private readonly total: number,
    private readonly output: ProgressOutput,
  ) {
    this.draw();
  }

  step(): void {
    this.done++;
    this.draw();
  }

  addBytes(bytes: number): void {
    this.bytes += bytes;
    this.draw();
  }

  /** Leaves the bar as it is, and the cursor below it. */
  end(): void {
    if (this.total > 0) this.output.redraw?.(`${this.line()}\n`);
  }

  private draw(): void {
    if (this.total === 0) return;
    if (this.output.redraw) return this.output.redraw(this.line());
    if (this.done / this.total < this.said + BETWEEN_LINES && this.done < this.total) return;
    if (this.done / this.total <= this.said) return;
    this.said = this.done / this.total;
    this.output.out(this.line());
  }

  private line(): string {
    const share = this.done / this.total;
    const filled = Math.floor(share * WIDTH);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}]`;
    const size = this.bytes === 0 ? '' : `, ${(this.bytes / 2 ** 20).toFixed(1)} MiB`;
    return `${this.what} ${bar} ${this.done}/${this.total} (${Math.floor(share * 100)} %)${size}`;
  }
}
