import { sql } from 'kysely';
import type { RegistryTransaction } from './tables.js';

/**
 * Everything that decides what a model's names stand for waits here, until the transaction ends: versions, aliases, promotions, and applying a deployment
 * of it. So a deployment never misses the version it waits for, two versions never get one number, and events of one key are written in commit order.
 * Works before the model exists. Taken before any lock of a deployment: one order for all, no deadlock.
 */
export async function lockModel(trx: RegistryTransaction, name: string): Promise<void> {
  await lock(trx, `model:${name}`);
}

export async function lockDeployment(trx: RegistryTransaction, name: string): Promise<void> {
  await lock(trx, `deployment:${name}`);
}

/** Whoever decides where records go to waits here. Taken after the others. */
export async function lockTopics(trx: RegistryTransaction): Promise<void> {
  await lock(trx, 'topics');
}

async function lock(trx: RegistryTransaction, key: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || ${key}::text, 0))`.execute(trx);
}
