import { Command, InvalidArgumentError, Option } from 'commander';
import { getDeadLetterValue, listText, redriveLines, showText } from './commands/dead-letters.js';
import type { LetterFilter } from './gateway/dead-letters.js';
import type { GatewayClient } from './gateway/gateway-client.js';
import type { Terminal } from './terminal.js';

interface Parts extends Pick<Terminal, 'out' | 'outBytes' | 'now'> {
  readonly gateway: () => GatewayClient;
}

type Filter = LetterFilter & { readonly json: boolean };

/** `headrace dlq`: records that could not be processed. */
export function deadLettersCommand({ out, outBytes, now, gateway }: Parts): Command {
  const command = new Command('dlq').description(
    'dead letters: records that could not be processed, and their way back',
  );

  filtered(command.command('ls'), now)
    .description('list dead letters, newest first')
    .addOption(new Option('--state <state>').choices(['open', 'redriven']))
    .addOption(new Option('--limit <n>', 'most letters, at most 1000').default(50).argParser(wholeNumber))
    .option('--json', 'as a document', false)
    .action(async ({ limit, json, ...filter }: Filter & { limit: number }) =>
      out(await listText(gateway(), filter, { limit, json, now: now() })),
    );

  filtered(command.command('show'), now)
    .description('show one dead letter with its record')
    .argument('<place>', 'topic/partition@offset of the letter, or of the rejected record where that has one letter')
    .option('--json', 'as a document, the value in base64', false)
    .option('--raw', "write the value's bytes and nothing else", false)
    .action(async (place: string, { json, raw, ...filter }: Filter & { raw: boolean }) => {
      if (raw) outBytes(await getDeadLetterValue(gateway(), place, filter));
      else out(await showText(gateway(), place, filter, json));
    });

  filtered(command.command('redrive'), now)
    .description('send records back to their topics, each once, for the group alone that rejected it')
    .argument(
      '[places...]',
      'letters, or rejected records that have one letter; without, all open ones that the options match',
    )
    .option('--all', 'every open letter', false)
    .option('--dry-run', 'tell what would go back where, without changing anything', false)
    .option('--again', 'also what was redriven already; what has been scored is then scored twice', false)
    .action(async (letters: string[], { all, dryRun, again, ...filter }: LetterFilter & RedriveFlags) => {
      const isFiltered = Object.values(filter).some((value) => value !== undefined);
      if (letters.length === 0 && !isFiltered && !all)
        throw new Error('name letters, or say which by options, or --all');
      if (letters.length > 0 && (isFiltered || all)) throw new Error('name letters, or say which by options, not both');
      for await (const line of redriveLines(gateway(), { letters, filter }, { dryRun, again })) out(line);
    });

  return command;
}

interface RedriveFlags {
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly again: boolean;
}

function filtered(command: Command, now: () => number): Command {
  const time = (text: string) => timeOf(text, now());
  return command
    .option('--deployment <name>', 'rejected by this deployment')
    .option('--group <name>', 'rejected by this consumer group')
    .option('--code <code>', 'for this reason, for example MISSING_FEATURE')
    .option('--topic <name>', 'records of this topic')
    .option('--since <time>', 'rejected then or later: ISO 8601, or so long ago (30m, 2h, 7d)', time)
    .option('--until <time>', 'rejected before', time);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOf(text: string, now: number): number {
  const ago = /^(\d+)([smhd])$/.exec(text);
  const time = ago ? now - Number(ago[1]) * UNIT_MS[ago[2]!]! : Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new InvalidArgumentError('expected ISO 8601, or a time ago such as 30m, 2h or 7d');
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('expected a number above 0');
}
