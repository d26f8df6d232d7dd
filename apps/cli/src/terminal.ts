/** What a command reads from and prints to. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly outBytes: (bytes: Buffer) => void;
  readonly input: AsyncIterable<Buffer>;
  /** Real time, ms. */
  readonly now: () => number;
}
