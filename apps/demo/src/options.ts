import { Command, InvalidArgumentError, Option } from 'commander';

export interface DemoOptions {
  /** End by itself when the loop has closed. */
  readonly once: boolean;
  /** File for the summary as JSON. */
  readonly json?: string;
  /** Seconds after which --once gives up. */
  readonly timeLimit: number;
  /** Event weeks to play; all 26 when absent. */
  readonly weeks?: number;
}

const WEEKS_IN_THE_FILE = 26;

/** Prints what is wrong and ends the process on arguments that cannot be understood, as commander does. */
export function parseOptions(argv: readonly string[]): DemoOptions {
  return new Command('demo')
    .description('Plays US flights of 2001 through the platform and shows the loop closing')
    .option('--once', 'end when the loop has closed, with a summary; non-zero when it has not', false)
    .addOption(new Option('--json <file>', 'write the summary as JSON too').implies({ once: true }))
    .option('--time-limit <seconds>', 'how long --once waits', positive, 600)
    .option('--weeks <n>', `play the first n event weeks of ${WEEKS_IN_THE_FILE}`, positive)
    .parse(argv, { from: 'user' })
    .opts<DemoOptions>();
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a number above 0');
  return value;
}
