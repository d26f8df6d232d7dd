import type { EventRecord } from '../event-log.js';
import type { ReaderSchema } from '../reader-schemas.js';
import { unitsPerMs } from './writer-type.js';

const known = new WeakMap<ReaderSchema, Map<string, number>>();

/** How many of the units of a record's time field make a ms, as the schema says that its value was read as; 1 where none says. */
export function timeUnitsOf({ schema }: Pick<EventRecord<unknown>, 'schema'>, path: string | undefined): number {
  if (!schema || path === undefined) return 1;
  const fields = known.get(schema) ?? new Map<string, number>();
  known.set(schema, fields);
  let units = fields.get(path);
  if (units === undefined) fields.set(path, (units = unitsPerMs(schema.reader, path)));
  return units;
}
