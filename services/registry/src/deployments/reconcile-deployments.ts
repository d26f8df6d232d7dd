import { Outbox } from '@headrace/persistence';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { DeploymentRow, RegistryTransaction } from '../tables.js';
import { stateOf, storeGeneration } from './next-generation.js';
import { resolveModel } from './resolve-model.js';

/** Keeps what deployments run equal to what their specs stand for, in the transaction that changed a model's versions or aliases. */
@Injectable()
export class ReconcileDeployments {
  private readonly outbox = new Outbox();

  /**
   * The caller holds the model's lock.
   * @returns the deployments that changed, by name
   */
  async run(trx: RegistryTransaction, model: string, cause: string): Promise<string[]> {
    const changed: string[] = [];
    for (const row of await following(trx, model)) if (await this.reconcile(trx, row, cause)) changed.push(row.name);
    return changed;
  }

  private async reconcile(trx: RegistryTransaction, row: DeploymentRow, cause: string): Promise<boolean> {
    const { spec, model } = stateOf(row);
    const resolved = await resolveModel(trx, spec.model);
    if (resolved?.version === model?.version) return false;
    await storeGeneration(trx, this.outbox, row, row.name, { spec, model: resolved }, cause);
    return true;
  }
}

/** Locked in name order: two reconciliations never deadlock. */
async function following(trx: RegistryTransaction, model: string): Promise<DeploymentRow[]> {
  const { rows } = await sql<DeploymentRow>`
    select * from deployments where model_name = ${model} and not deleted order by name for update`.execute(trx);
  return rows;
}

/** Names of the deployments that run a version of the model (or any): what must not be deleted under them. */
export async function deploymentsUsing(trx: RegistryTransaction, model: string, version?: number): Promise<string[]> {
  const running = (await following(trx, model)).map((row) => ({
    name: row.name,
    running: stateOf(row).model?.version,
  }));
  return running
    .filter((each) => each.running !== undefined && (version === undefined || each.running === version))
    .map((each) => each.name);
}
