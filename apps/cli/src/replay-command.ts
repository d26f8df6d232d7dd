import { Command, InvalidArgumentError, Option } from 'commander';
import { randomUUID } from 'node:crypto';
import { begin, cancelledLine, follow, howToLook, outcomeLine } from './commands/replay.js';
import type { GatewayClient } from './gateway/gateway-client.js';
import { resolveVersion } from './gateway/mlflow.js';
import { cancelReplay } from './gateway/replays.js';
import { interruption } from './interruption.js';
import type { Terminal } from './terminal.js';

interface Parts extends Pick<Terminal, 'out'> {
  readonly gateway: () => GatewayClient;
  /** Begins to listen for Ctrl-C. */
  readonly interrupted?: () => AbortSignal;
  readonly pollMs?: number;
}

interface ReplayOptions {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly out: string;
  readonly rate?: number;
  readonly id?: string;
  readonly detach: boolean;
  readonly json: boolean;
}

const WHEN = 'ISO 8601 with its zone, ms since the epoch, earliest, latest, or topic/partition@offset,…';

const DESCRIPTION =
  "score recorded records of a deployment's input topic with another version; live offsets stay as they are";

/** `headrace replay`: recorded records, another version. A deployment that is called cancel is replayed by `headrace replay start cancel`. */
export function replayCommand(parts: Parts): Command {
  return new Command('replay')
    .description(DESCRIPTION)
    .addCommand(startCommand(parts), { isDefault: true })
    .addCommand(cancelCommand(parts));
}

function cancelCommand({ out, gateway, interrupted = interruption, pollMs = 1000 }: Parts): Command {
  return new Command('cancel')
    .description('end a replay before it is done; what it has written stays')
    .argument('<id>')
    .action(async (id: string) => {
      const client = gateway();
      await cancelReplay(client, id);
      const replay = await follow(client, id, { say: () => undefined, interrupted: interrupted(), pollMs });
      out(replay.status === 'CANCELLED' ? cancelledLine(replay) : outcomeLine(replay));
    });
}

function startCommand({ out, gateway, interrupted = interruption, pollMs = 1000 }: Parts): Command {
  return new Command('start')
    .description(DESCRIPTION)
    .argument('<deployment>')
    .requiredOption('--model <name@version>', 'the version, or name@alias, as the registry has it now')
    .requiredOption('--from <when>', `first record, by the time the broker has of it: ${WHEN}`)
    .requiredOption('--to <when>', 'where it ends, exclusive; likewise')
    .option('--out <topic>', 'where the predictions go, as those of deployment replay:<id>', 'headrace.replays')
    .addOption(new Option('--rate <n>', 'at most so many records a second; default as fast as it can').argParser(rate))
    .option('--id <id>', 'names it, so that asking again does not do it again; default a fresh one')
    .option('--detach', 'do not wait for its end', false)
    .option('--json', 'print a document and no progress', false)
    .action(async (deployment: string, { rate, id, detach, json, ...options }: ReplayOptions) => {
      const client = gateway();
      const { model, version } = await resolveVersion(client, options.model);
      const { from, to, out: outputTopic } = options;
      const asked = { replayId: id ?? randomUUID(), deployment, model, version, from, to, outputTopic };
      const started = await begin(client, { ...asked, ...(rate === undefined ? {} : { recordsPerSecond: rate }) });
      const { replayId, ranges } = started;
      if (detach && json) return out(JSON.stringify(started, null, 2));
      const offsets = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
      if (!json) out(`replay ${replayId}: ${offsets} offsets of ${deployment} with ${model} version ${version}`);
      if (detach) return out(`to look: ${howToLook(replayId)}`);
      const say = json ? () => undefined : out;
      const replay = await follow(client, replayId, { say, interrupted: interrupted(), pollMs });
      if (json) out(JSON.stringify(replay, null, 2));
      const line = outcomeLine(replay);
      if (!json) out(line);
    });
}

function rate(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('expected a number above 0');
}
