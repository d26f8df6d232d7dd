import { sql } from 'kysely';
import type { Trx } from '../database.js';

/**
 * One at a time decides about a deployment, whichever process, until its transaction ends.
 * @returns false when another one is at it, and `whenTaken` is give-up
 */
export async function lockDeployment(trx: Trx, deployment: string, whenTaken: 'wait' | 'give-up'): Promise<boolean> {
  const key = sql`hashtextextended(${`headrace.drift.close.${deployment}`}, 0)`;
  if (whenTaken === 'wait') {
    await sql`select pg_advisory_xact_lock(${key})`.execute(trx);
    return true;
  }
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(${key}) as locked`.execute(trx);
  return rows[0]!.locked;
}
