/** A wait that can be ended early: what a loop in the background does between two turns. */
export class Pause {
  private end: () => void = () => undefined;

  async forMs(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait in hand; without one it does nothing, and the next is as long as ever. */
  wake(): void {
    this.end();
  }
}
