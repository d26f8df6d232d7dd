import { StillRunning } from './commands/replay.js';
import { explainError } from './explain-error.js';
import { buildProgram } from './program.js';

const program = buildProgram({
  out: (text) => console.log(text),
  outBytes: (bytes) => process.stdout.write(bytes),
  ...(process.stderr.isTTY && { redraw: (line: string) => void process.stderr.write(`\r\x1b[K${line}`) }),
  input: process.stdin,
  now: Date.now,
});

// Imported only when asked for: it brings Kafka and PostgreSQL with it.
const words = process.argv.slice(2);
if (words.length === 0 || words.some((word) => ['up', 'help', '--help', '-h'].includes(word)))
  program.addCommand((await import('./up.js')).upCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(explainError(error));
  // As a shell has it of a program that Ctrl-C ended.
  process.exitCode = error instanceof StillRunning ? 130 : 1;
}
