import { explainError } from './explain-error.js';
import { buildProgram } from './program.js';

const program = buildProgram({
  out: (text) => console.log(text),
  outBytes: (bytes) => process.stdout.write(bytes),
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
  process.exitCode = 1;
}
