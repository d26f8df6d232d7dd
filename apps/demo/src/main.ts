import { GatewayUnreachable } from '@headrace/cli';
import { messageOf } from '@headrace/service-kit';
import { writeFileSync } from 'node:fs';
import { readConfig } from './config.js';
import { runDemo } from './demo.js';
import { parseOptions } from './options.js';
import { printSummary } from './summary/print-summary.js';

/** Asked to stop before it was done, as shells count it. */
const INTERRUPTED = 130;

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

try {
  const options = parseOptions(process.argv.slice(2));
  const { summary } = await runDemo(readConfig(), options, interrupt.signal);
  if (summary) {
    console.log(printSummary(summary));
    if (options.json) writeFileSync(options.json, `${JSON.stringify(summary, null, 2)}\n`);
    process.exitCode = summary.complete ? 0 : 1;
  } else if (options.once) process.exitCode = INTERRUPTED;
} catch (error) {
  console.error(error instanceof GatewayUnreachable ? error.message : `the demo cannot go on: ${messageOf(error)}`);
  process.exitCode = 1;
}
