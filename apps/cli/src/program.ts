import { authorizationOf } from '@headrace/service-kit/credentials';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { applyDeployment } from './commands/apply.js';
import { decodeValues } from './commands/decode.js';
import { describeDeployment } from './commands/describe.js';
import { getText } from './commands/get.js';
import { resources } from './commands/resources.js';
import { deadLettersCommand } from './dead-letters-command.js';
import { explainCommand, retrainCommand } from './drift-commands.js';
import { deleteDeployment } from './gateway/deployments.js';
import { GatewayClient } from './gateway/gateway-client.js';
import { registerModel } from './gateway/mlflow.js';
import { importCommand } from './import-command.js';
import { readManifests } from './manifests/read-manifests.js';
import { replayCommand } from './replay-command.js';
import { FORMATS, type Format } from './output/document.js';
import type { Terminal } from './terminal.js';

const DEFAULT_GATEWAY = 'http://127.0.0.1:8080';

/** The `headrace` command, without what starts the platform. */
export function buildProgram({ out, outBytes, input, now, redraw }: Terminal): Command {
  const program = new Command('headrace').description('Declares and shows what runs on a Headrace platform');
  program.addOption(
    new Option('--gateway <url>', 'address of the platform').env('HEADRACE_GATEWAY_URL').default(DEFAULT_GATEWAY),
  );
  const gateway = () => new GatewayClient(program.opts<{ gateway: string }>().gateway, authorizationOf(process.env));

  program
    .command('apply')
    .description('declare the deployments of a YAML file')
    .requiredOption('-f, --file <file>', 'YAML file of one or more documents; - is standard input')
    .option('--dry-run', 'check, and show what would be, without changing anything', false)
    .action(async ({ file, dryRun }: { file: string; dryRun: boolean }) => {
      for (const manifest of readManifests(file)) {
        for (const line of await applyDeployment(gateway(), manifest, { dryRun })) out(line);
      }
    });

  program
    .command('get')
    .description('list what the platform holds')
    .addArgument(new Argument('<kind>').choices(Object.keys(resources)))
    .argument('[name]')
    .addOption(new Option('-o, --output <format>').choices(FORMATS).default('table'))
    .action(async (kind: string, name: string | undefined, { output }: { output: Format }) => {
      out(await getText(gateway(), kind, name, output, now()));
    });

  program
    .command('describe')
    .description('show one deployment with what runs it and how it does')
    .addArgument(new Argument('<kind>').choices(['deployment']))
    .argument('<name>')
    .action(async (_: string, name: string) => out(await describeDeployment(gateway(), name)));

  program
    .command('delete')
    .description('remove a deployment; its predictions stay')
    .addArgument(new Argument('<kind>').choices(['deployment']))
    .argument('<name>')
    .action(async (_: string, name: string) => {
      await deleteDeployment(gateway(), name);
      out(`deployment ${name} deleted`);
    });

  program
    .command('register')
    .description('register an ONNX file as the next version of a model')
    .requiredOption('--model <name>', 'registered model; made if missing')
    .requiredOption('--onnx <file>', 'the ONNX file')
    .option('--alias <name>', 'let this alias name the version, for example champion')
    .option('--metric <name=number>', 'logged with the run; may be given several times', metric, {})
    .option('--param <name=value>', 'logged with the run; may be given several times', parameter, {})
    .action(async (options: RegisterOptions) => {
      const onnx = new Uint8Array(readFileSync(options.onnx));
      const { model, alias, metric: metrics, param: params } = options;
      const { version, runId, sha256 } = await registerModel(gateway(), {
        model,
        alias,
        metrics,
        params,
        onnx,
        now: now(),
      });
      out(
        `model ${model} version ${version} registered, run ${runId}, sha256 ${sha256}${alias ? `, alias ${alias}` : ''}`,
      );
    });

  program
    .command('decode')
    .description(
      "print the values that kcat writes with -D '' -f '%R%s' as lines of JSON, Avro decoded by the schema registry",
    )
    .action(async () => {
      for await (const line of decodeValues(gateway(), input)) out(line);
    });

  program.addCommand(deadLettersCommand({ out, outBytes, now, gateway }));
  program.addCommand(replayCommand({ out, gateway }));
  program.addCommand(explainCommand({ out, gateway }));
  program.addCommand(retrainCommand({ out, gateway }));
  program.addCommand(importCommand({ out, redraw, gateway }));

  return program;
}

interface RegisterOptions {
  readonly model: string;
  readonly onnx: string;
  readonly alias?: string;
  readonly metric: Record<string, number>;
  readonly param: Record<string, string>;
}

function metric(text: string, known: Record<string, number>): Record<string, number> {
  const [name, value] = pair(text);
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('expected name=number');
  return { ...known, [name]: number };
}

function parameter(text: string, known: Record<string, string>): Record<string, string> {
  const [name, value] = pair(text);
  return { ...known, [name]: value };
}

function pair(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected name=value');
  return [text.slice(0, at), text.slice(at + 1)];
}
