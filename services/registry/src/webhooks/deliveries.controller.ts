import { DATABASE } from '@headrace/persistence';
import { HeadraceError, readAs } from '@headrace/service-kit';
import { FromQuery, type Asked } from '@headrace/mlflow-protocol';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { sql } from 'kysely';
import { z } from 'zod';
import type { DeliveryRow, RegistryDatabase } from '../tables.js';
import { CHANNEL } from './notifications.js';

const listed = z.strictObject({
  status: z.enum(['pending', 'dead']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** Webhook deliveries that were not taken yet, and those that are given up: looked at, sent again, dropped. */
@Controller('api/headrace/v1/webhook-deliveries')
export class DeliveriesController {
  constructor(@Inject(DATABASE) private readonly database: RegistryDatabase) {}

  /** Oldest first. */
  @Get()
  async list(@FromQuery(listed, 'The query') { status, limit }: Asked<typeof listed>) {
    const { rows } = await sql<DeliveryRow>`
      select * from webhook_deliveries where ${status === undefined ? sql`true` : sql`status = ${status}`}
      order by created_at, delivery_id limit ${limit}`.execute(this.database.db);
    return { deliveries: rows.map(toDelivery) };
  }

  @Post(':id/redrive')
  @HttpCode(202)
  async redrive(@Param('id') id: string) {
    const { rows } = await sql<DeliveryRow>`
      update webhook_deliveries set status = 'pending', attempts = 0, next_attempt_at = ${Date.now()}
      where delivery_id = ${uuid(id)} and status = 'dead' returning *`.execute(this.database.db);
    if (!rows[0]) throw noSuchDelivery(id);
    await sql`select pg_notify(current_schema() || ${`.${CHANNEL}`}::text, '')`.execute(this.database.db);
    return toDelivery(rows[0]);
  }

  @Delete(':id')
  @HttpCode(204)
  async drop(@Param('id') id: string): Promise<void> {
    const { rows } = await sql`
      delete from webhook_deliveries where delivery_id = ${uuid(id)} and status = 'dead' returning 1`.execute(
      this.database.db,
    );
    if (rows.length === 0) throw noSuchDelivery(id);
  }
}

const uuid = (id: string) => readAs(z.uuid(), 'The delivery', id);

function noSuchDelivery(id: string): HeadraceError {
  return new HeadraceError('NOT_FOUND', `There is no dead delivery ${id}`);
}

function toDelivery(row: DeliveryRow) {
  const { delivery_id: deliveryId, webhook_id: webhookId, event, status, attempts, last_error: lastError } = row;
  const body = JSON.parse(row.body) as unknown;
  const times = { createdAt: row.created_at, nextAttemptAt: status === 'dead' ? null : row.next_attempt_at };
  return { deliveryId, webhookId, event, status, attempts, lastError, ...times, body };
}
