import { HeadraceError } from '@headrace/service-kit';
import { sql, type RawBuilder } from 'kysely';
import type { RegistryTransaction } from '../tables.js';
import type { RowImage } from './parts.js';

/**
 * Applies recorded rows. Only the columns that were recorded are written, so that an image from before a migration leaves the columns it did not know at
 * their defaults.
 */
export class RowReplay {
  private keys: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(private readonly trx: RegistryTransaction) {}

  async apply({ entity, before, after }: RowImage): Promise<void> {
    const keys = (await this.keysOf(entity)).map((key) => sql.ref(key));
    const table = sql.table(entity);
    const row = sql`jsonb_populate_record(null::${table}, ${after}::jsonb)`;
    const columns = after === null ? [] : Object.keys(JSON.parse(after) as object).map((name) => sql.ref(name));
    const list = sql.join(columns);
    const wasIt = sql`(${sql.join(keys)}) = (select ${sql.join(keys)} from jsonb_populate_record(null::${table}, ${before}::jsonb))`;
    await this.statement(
      before === null
        ? sql`insert into ${table} (${list}) select ${list} from ${row}`
        : after === null
          ? sql`delete from ${table} where ${wasIt}`
          : sql`update ${table} set (${list}) = row (${sql.join(columns.map((column) => sql`n.${column}`))}) from ${row} n
                where ${qualified(table, keys)} = (select ${sql.join(keys)} from jsonb_populate_record(null::${table}, ${before}::jsonb))`,
    );
  }

  private async statement(statement: RawBuilder<unknown>): Promise<void> {
    await statement.execute(this.trx);
  }

  /** Of a table whose changes are recorded, and no other. */
  private async keysOf(entity: string): Promise<readonly string[]> {
    this.keys ??= await this.readKeys();
    const keys = this.keys.get(entity);
    if (keys) return keys;
    throw new HeadraceError('CONFLICT', `The topic holds rows of '${entity}', which this registry does not know`);
  }

  private async readKeys(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { rows } = await sql<{ entity: string; key: string }>`
      select c.relname as entity, a.attname as key
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
        join pg_index i on i.indrelid = c.oid and i.indisprimary
        join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
      where t.tgname = 'record_row' and c.relnamespace = current_schema()::regnamespace`.execute(this.trx);
    const keysOf = Map.groupBy(rows, ({ entity }) => entity);
    return new Map([...keysOf].map(([entity, found]) => [entity, found.map(({ key }) => key)]));
  }
}

function qualified(table: RawBuilder<unknown>, keys: ReadonlyArray<RawBuilder<unknown>>): RawBuilder<unknown> {
  return sql`(${sql.join(keys.map((key) => sql`${table}.${key}`))})`;
}
