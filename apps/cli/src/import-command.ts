import { authorizationOf } from '@headrace/service-kit/credentials';
import { Command } from 'commander';
import { GatewayClient } from './gateway/gateway-client.js';
import { MlflowImport } from './import/import-mlflow.js';
import type { Terminal } from './terminal.js';

/** More of them are counted alone. */
const MOST_LINES = 20;

interface Parts extends Pick<Terminal, 'out' | 'redraw'> {
  readonly gateway: () => GatewayClient;
  readonly env?: NodeJS.ProcessEnv;
}

/** `headrace import mlflow`: what a running MLflow server holds. */
export function importCommand({ out, redraw, gateway, env = process.env }: Parts): Command {
  const mlflow = new Command('mlflow')
    .description(
      'copy experiments, runs, artifacts, logged models and the model registry; again goes on where it ended',
    )
    .requiredOption(
      '--from <url>',
      'the MLflow server; it is read with MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN',
    )
    .option('--to <url>', 'the platform, written with HEADRACE_TOKEN; default --gateway')
    .action(async ({ from, to }: { from: string; to?: string }) => {
      const { HEADRACE_TOKEN, ...ofMlflow } = env;
      const there = new GatewayClient(from, authorizationOf(ofMlflow), 'MLflow server');
      const here = to === undefined ? gateway() : new GatewayClient(to, authorizationOf({ HEADRACE_TOKEN }));
      const { tally, problems } = await new MlflowImport(there, here, { out, redraw }).run();
      out(tally.toText());
      if (tally.matches && problems.length === 0) return out('everything is here');
      const lines = [...problems, ...tally.differences];
      const more = lines.length > MOST_LINES ? [`and ${lines.length - MOST_LINES} more`] : [];
      throw new Error(['not everything is here:', ...lines.slice(0, MOST_LINES), ...more].join('\n  '));
    });
  return new Command('import').description('bring what another server holds').addCommand(mlflow);
}
