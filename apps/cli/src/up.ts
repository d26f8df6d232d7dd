import { Command } from 'commander';
import { runPlatform } from './supervisor/run-platform.js';

/** `headrace up`: everything on this machine, in the foreground. Options that it does not know go to the demo. */
export function upCommand(): Command {
  return new Command('up')
    .description('run Kafka, PostgreSQL, all services and the demo stream on this machine')
    .option('--no-demo', 'start the platform alone')
    .option('--once', 'end when the demo has ended, with its exit code', false)
    .argument('[demoArguments...]', 'further options go to the demo, for example --json FILE')
    .allowUnknownOption()
    .action(async (demoArguments: string[], { demo, once }: { demo: boolean; once: boolean }) => {
      process.exitCode = await runPlatform({ demo, once, demoArguments });
    });
}
