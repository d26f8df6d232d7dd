/** Lets work through until it is closed; then waits for what is inside. */
export class Gate {
  private inside = 0;
  private opened: Promise<void> = Promise.resolve();
  private open_: () => void = () => undefined;
  private isClosed = false;
  private onEmpty: () => void = () => undefined;

  /** Runs `work` when the gate is open. */
  async pass<R>(work: () => Promise<R>): Promise<R> {
    while (this.isClosed) await this.opened;
    this.inside++;
    try {
      return await work();
    } finally {
      if (--this.inside === 0) this.onEmpty();
    }
  }

  /** Lets nothing more in. Resolves when nothing is inside, or after `longestMs`. */
  async close(longestMs: number): Promise<void> {
    if (!this.isClosed) {
      this.isClosed = true;
      this.opened = new Promise((resolve) => (this.open_ = resolve));
    }
    if (this.inside === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longestMs);
      this.onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  open(): void {
    this.isClosed = false;
    this.open_();
  }
}
