import { topics, type RetrainModel, type RetrainVetoed } from '@headrace/contracts';
import { eventUuid, type Outbox } from '@headrace/persistence';
import type { Trx } from '../database.js';

/** Who asked, where an operator did. */
const OPERATOR = 'operator:';

export function forcedBy(name: string): string {
  return `${OPERATOR}${name}`;
}

export function isForced({ requestedBy }: RetrainModel): boolean {
  return requestedBy.startsWith(OPERATOR);
}

/** The same however often it is asked for: deployment, champion version, detector epoch. */
export function commandIdOf(deployment: string, version: number, epoch: number): string {
  return `${deployment}:${version}:${epoch}`;
}

/** Remembers a command; a repeat writes nothing. */
export async function keepCommand(trx: Trx, command: RetrainModel): Promise<void> {
  await trx
    .insertInto('commands')
    .values({
      command_id: command.commandId,
      deployment: command.deployment,
      version: command.championVersion,
      epoch: Number(command.commandId.slice(command.commandId.lastIndexOf(':') + 1)),
      window_end: command.windowEnd,
      command: JSON.stringify(command) as never,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function tellCommand(trx: Trx, outbox: Outbox, command: RetrainModel): Promise<void> {
  const id = eventUuid(`retrain:${command.commandId}`);
  const event = { topic: topics.retrainCommands, key: command.deployment, value: command, id };
  await outbox.enqueue(trx, [{ ...event, eventTime: command.windowEnd }]);
}

/** Remembers a veto, or its end: an end is never taken back. */
export async function keepVeto(trx: Trx, veto: RetrainVetoed): Promise<void> {
  const { vetoId, deployment, fromTime, toTime = null } = veto;
  const row = {
    veto_id: vetoId,
    deployment,
    from_time: fromTime,
    to_time: toTime,
    veto: JSON.stringify(veto) as never,
  };
  await trx
    .insertInto('retrain_vetoes')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('veto_id')
        .doUpdateSet({ to_time: row.to_time, veto: row.veto })
        .where('retrain_vetoes.to_time', 'is', null),
    )
    .execute();
}

export async function tellVeto(trx: Trx, outbox: Outbox, veto: RetrainVetoed): Promise<void> {
  const state = veto.toTime == null ? 'begun' : 'lifted';
  const id = eventUuid(`veto:${veto.vetoId}:${state}`);
  await outbox.enqueue(trx, [{ topic: topics.retrainVetoes, key: veto.deployment, value: veto, id }]);
}
