import { z } from 'zod';
import { COMPATIBILITY_LEVELS } from './compatibility.js';

/** Which gateway process wrote a record; see SchemaRegistry for what it fences. */
const writer = z.string();

const schemaRecord = z.object({
  kind: z.literal('SCHEMA'),
  subject: z.string(),
  version: z.number().int().min(1),
  id: z.number().int().min(1),
  guid: z.string(),
  schema: z.string(),
  deleted: z.boolean(),
  writer,
});
const configRecord = z.object({
  kind: z.literal('CONFIG'),
  /** null: the global level. */
  subject: z.string().nullable(),
  level: z.enum(COMPATIBILITY_LEVELS),
  writer,
});
/** The highest id ever given, kept when its schema is deleted for good: an id never comes to mean another schema. */
const idRecord = z.object({ kind: z.literal('ID'), highest: z.number().int().min(0), writer });
/** From here on, only this process's records count. */
const writerRecord = z.object({ kind: z.literal('WRITER'), writer });

const registryRecord = z.discriminatedUnion('kind', [schemaRecord, configRecord, idRecord, writerRecord]);

export type SchemaRecord = z.infer<typeof schemaRecord>;
export type RegistryRecord = z.infer<typeof registryRecord>;
/** A record before its writer signs it. */
export type Unsigned<R> = R extends unknown ? Omit<R, 'writer'> : never;

/** Key of a record in the compacted log: what it replaces. */
export function keyOf(record: Unsigned<RegistryRecord>): string {
  switch (record.kind) {
    case 'SCHEMA':
      return JSON.stringify({ kind: 'SCHEMA', subject: record.subject, version: record.version });
    case 'CONFIG':
      return JSON.stringify({ kind: 'CONFIG', subject: record.subject });
    default:
      return JSON.stringify({ kind: record.kind });
  }
}

export function encodeRecord(record: RegistryRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** @throws when the bytes are not a record of ours */
export function decodeRecord(bytes: Uint8Array): RegistryRecord {
  return registryRecord.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
