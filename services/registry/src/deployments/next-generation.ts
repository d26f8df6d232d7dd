import { topics, type DeploymentChanged, type DeploymentSpec, type ResolvedModel } from '@headrace/contracts';
import type { Outbox, OutboxEvent } from '@headrace/persistence';
import { sql } from 'kysely';
import type { DeploymentRow, RegistryTransaction } from '../tables.js';

export interface DeploymentState {
  readonly spec: DeploymentSpec;
  readonly model: ResolvedModel | null;
}

/** The stored state of a deployment that is not deleted. */
export function stateOf(row: DeploymentRow): DeploymentState {
  return {
    spec: JSON.parse(row.spec) as DeploymentSpec,
    model: row.model === null ? null : (JSON.parse(row.model) as ResolvedModel),
  };
}

/** Stores the next generation of a deployment with its event. Call it only for a change: each call is one. */
export async function storeGeneration(
  trx: RegistryTransaction,
  outbox: Outbox,
  before: DeploymentRow | undefined,
  name: string,
  state: DeploymentState,
  cause: string,
): Promise<DeploymentRow> {
  const row: DeploymentRow = {
    name,
    deleted: false,
    generation: (before?.generation ?? 0) + 1,
    model_name: state.spec.model.name,
    spec: JSON.stringify(state.spec),
    model: state.model === null ? null : JSON.stringify(state.model),
    previous_version: versionOf(before),
    cause,
    changed_at: Date.now(),
  };
  await upsert(trx, row);
  await outbox.enqueue(trx, [toEvent(row, state)]);
  return row;
}

/** The version that ran before the change; null when none did. */
function versionOf(row: DeploymentRow | undefined): number | null {
  return row === undefined || row.deleted ? null : (stateOf(row).model?.version ?? null);
}

async function upsert(trx: RegistryTransaction, row: DeploymentRow): Promise<void> {
  const { name, generation, spec, model, previous_version, cause, changed_at } = row;
  await trx
    .insertInto('deployments')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
  await sql`insert into deployment_generations (name, generation, spec, model, previous_version, cause, changed_at)
            values (${name}, ${generation}, ${spec}, ${model}, ${previous_version}, ${cause}, ${changed_at})`.execute(
    trx,
  );
}

function toEvent(row: DeploymentRow, { model }: DeploymentState): OutboxEvent<DeploymentChanged> {
  const { name, generation, spec, previous_version: previousVersion, cause, changed_at: changedAt } = row;
  const value: DeploymentChanged = { name, generation, model, previousVersion, spec, cause, changedAt };
  return { topic: topics.deployments, key: name, value, eventTime: changedAt };
}
