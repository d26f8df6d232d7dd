import type { RetrainModel, RetrainVetoed } from '@headrace/contracts';
import { Command } from 'commander';
import { explainReport } from './commands/explain.js';
import type { GatewayClient } from './gateway/gateway-client.js';
import type { Terminal } from './terminal.js';

interface Parts extends Pick<Terminal, 'out'> {
  readonly gateway: () => GatewayClient;
}

/** `headrace explain`: why a report says what it says. */
export function explainCommand({ out, gateway }: Parts): Command {
  return new Command('explain')
    .description(
      "print a drift report with its evidence, every figure computed again from it; fails when one isn't the stated one",
    )
    .argument(
      '<report>',
      'id of the report: deployment:windowStart, as /api/headrace/v1/monitors/{deployment}/windows gives it',
    )
    .action(async (report: string) => out(await explainReport(gateway(), report)));
}

interface OrderOptions {
  readonly reason: string;
  readonly by: string;
}

/** `headrace retrain`: an operator's word on retraining. */
export function retrainCommand({ out, gateway }: Parts): Command {
  const monitor = (deployment: string): string => `/api/headrace/v1/monitors/${encodeURIComponent(deployment)}`;
  const ordered = (name: string, description: string): Command =>
    new Command(name)
      .description(description)
      .argument('<deployment>')
      .requiredOption('--reason <text>', 'is kept with the order, and on the topic')
      .option('--by <name>', 'who orders it', 'unknown');
  const body = ({ reason, by }: OrderOptions) => ({ reason, requestedBy: by });
  return new Command('retrain')
    .description('order a retrain, or none')
    .addCommand(
      ordered('force', 'ask for a retrain that no verdict asked for').action(
        async (name: string, options: OrderOptions) => {
          const command = await gateway().post<RetrainModel>(`${monitor(name)}/commands`, body(options));
          out(`retrain ${command.commandId} asked for`);
        },
      ),
    )
    .addCommand(
      ordered('veto', 'let no verdict ask for a retrain, until allowed again').action(
        async (name: string, options: OrderOptions) => {
          const veto = await gateway().post<RetrainVetoed>(`${monitor(name)}/vetoes`, body(options));
          out(`veto ${veto.vetoId} of ${name} in force; to end it: headrace retrain allow ${name} ${veto.vetoId}`);
        },
      ),
    )
    .addCommand(
      new Command('allow')
        .description('end a veto')
        .argument('<deployment>')
        .argument('<veto>')
        .action(async (name: string, veto: string) => {
          await gateway().delete(`${monitor(name)}/vetoes/${encodeURIComponent(veto)}`);
          out(`veto ${veto} of ${name} lifted`);
        }),
    );
}
