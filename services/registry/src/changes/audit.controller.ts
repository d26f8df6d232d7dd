import { DATABASE } from '@headrace/persistence';
import { HeadraceError, readAs } from '@headrace/service-kit';
import { FromQuery, type Asked } from '@headrace/mlflow-protocol';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { sql } from 'kysely';
import { z } from 'zod';
import type { ChangeRow, RegistryDatabase } from '../tables.js';
import type { RowImage } from './parts.js';

const listed = z.strictObject({
  model: z.string().min(1).max(256).optional(),
  principal: z.string().min(1).max(100).optional(),
  action: z.string().min(1).max(100).optional(),
  /** Older than this sequence number: the last one of the page before. */
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** Who changed what, when, from where, why, and what it was before. There is nothing to change here. */
@Controller('api/headrace/v1/audit')
export class AuditController {
  constructor(@Inject(DATABASE) private readonly database: RegistryDatabase) {}

  /** Newest first. */
  @Get()
  async list(@FromQuery(listed, 'The query') asked: Asked<typeof listed>) {
    let rows = this.database.db.selectFrom('changes').selectAll().orderBy('sequence', 'desc').limit(asked.limit);
    for (const field of ['model', 'principal', 'action'] as const)
      if (asked[field] !== undefined) rows = rows.where(field, '=', asked[field]);
    if (asked.before !== undefined) rows = rows.where('sequence', '<', asked.before);
    return { changes: await this.withRows(await rows.execute()) };
  }

  @Get(':changeId')
  async get(@Param('changeId') changeId: string) {
    const id = readAs(z.uuid(), 'The change', changeId);
    const rows = await this.database.db.selectFrom('changes').selectAll().where('change_id', '=', id).execute();
    const [change] = await this.withRows(rows);
    if (change) return change;
    throw new HeadraceError('NOT_FOUND', `There is no change ${changeId}`);
  }

  private async withRows(changes: readonly ChangeRow[]) {
    const ids = changes.map((change) => change.change_id);
    const { rows } = await sql<{ change_id: string } & RowImage>`
      select change_id, entity, before, after from change_rows where change_id = any(${ids}) order by position`.execute(
      this.database.db,
    );
    const rowsOf = Map.groupBy(rows, (row) => row.change_id);
    return changes.map(({ change_id: changeId, ...change }) => ({
      changeId,
      ...change,
      rows: (rowsOf.get(changeId) ?? []).map(({ entity, before, after }) => ({
        entity,
        before: unsecret(before),
        after: unsecret(after),
      })),
    }));
  }
}

/** Not even in its encrypted form. */
function unsecret(row: unknown): unknown {
  if (row === null || typeof row !== 'object' || !('secret' in row) || row.secret === null) return row;
  return { ...row, secret: '(kept)' };
}
