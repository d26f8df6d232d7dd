import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { PROMPT_TAG } from '../models/prompts.js';
import type { RegistryTransaction } from '../tables.js';
import { bodyOf, TELLS, type Told } from './webhook-events.js';

/** PostgreSQL channel that wakes the sender; the schema's name goes before it. */
export const CHANNEL = 'webhooks';

/** Writes deliveries into the transaction that makes the change they tell of: neither is there without the other. */
@Injectable()
export class Notifications {
  /** @param data the payload, by whether it is of a prompt */
  async tell(
    trx: RegistryTransaction,
    what: Told,
    model: string,
    data: object | ((isPrompt: boolean) => object),
  ): Promise<void> {
    const isPrompt = await this.isPrompt(trx, model);
    const event = TELLS[what][isPrompt ? 'prompt' : 'model'];
    if (event === undefined) return;
    const now = Date.now();
    const body = bodyOf(event, typeof data === 'function' ? data(isPrompt) : data, now);
    const { numAffectedRows } = await sql`
      insert into webhook_deliveries (delivery_id, webhook_id, event, body, next_attempt_at, created_at)
      select gen_random_uuid(), webhook_id, ${event}::text, ${body}::text, ${now}::bigint, ${now}::bigint from webhooks
      where status = 'ACTIVE' and events @> array[${event}::text]`.execute(trx);
    if (numAffectedRows) await sql`select pg_notify(current_schema() || ${`.${CHANNEL}`}::text, '')`.execute(trx);
  }

  private async isPrompt(trx: RegistryTransaction, model: string): Promise<boolean> {
    const { rows } = await sql`
      select from model_tags where name = ${model} and key = ${PROMPT_TAG} and lower(value) = 'true'`.execute(trx);
    return rows.length > 0;
  }
}
