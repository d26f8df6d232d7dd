/** What a command reads from and prints to. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly outBytes: (bytes: Buffer) => void;
  /** Replaces the line that the cursor is in; absent where standard error is no terminal. */
  readonly redraw?: (line: string) => void;
  readonly input: AsyncIterable<Buffer>;
  /** Real time, ms. */
  readonly now: () => number;
}
