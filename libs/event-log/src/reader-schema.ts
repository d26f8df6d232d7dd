import { avroResolver, avroType } from './avro-type.js';

interface RecordSchema {
  readonly type: 'record';
  readonly fields: readonly Field[];
}
interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly aliases?: readonly string[];
}

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);

/**
 * The schema to read `writer`'s bytes with, given the subject's latest one. The first of these that resolves:
 * 1. the latest, and behind its fields those of the writer that it has no longer: what a record says about a field that somebody asks
 *    for is not thrown away because later producers stopped saying it;
 * 2. the latest: a field added since has its default, a renamed one is found by its alias, numbers are widened;
 * 3. the writer's own.
 * @param latest null when the subject is unknown or its latest schema is no Avro
 */
export function chooseReaderSchema(latest: string | null, writer: string): string {
  if (latest === null || latest === writer) return writer;
  const candidates = [withLostFields(latest, writer), latest];
  return candidates.find((candidate) => candidate !== null && resolves(candidate, writer)) ?? writer;
}

function withLostFields(latest: string, writer: string): string | null {
  const reader = JSON.parse(latest) as unknown;
  const written = JSON.parse(writer) as unknown;
  if (!isRecord(reader) || !isRecord(written)) return null;
  const known = new Set(reader.fields.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  const lost = written.fields.filter(({ name, type }) => !known.has(name) && isSelfContained(type));
  if (lost.length === 0) return null;
  // Without its default, which the writer always overrides.
  return JSON.stringify({ ...reader, fields: [...reader.fields, ...lost.map(({ name, type }) => ({ name, type }))] });
}

function isRecord(schema: unknown): schema is RecordSchema {
  return typeof schema === 'object' && schema !== null && (schema as { type?: unknown }).type === 'record';
}

/** Names no type that is defined elsewhere, and defines none that may be defined twice. */
function isSelfContained(type: unknown): boolean {
  if (typeof type === 'string') return PRIMITIVES.has(type);
  if (Array.isArray(type)) return type.every(isSelfContained);
  if (typeof type !== 'object' || type === null) return false;
  const schema = type as { type?: unknown; items?: unknown; values?: unknown };
  if (schema.type === 'array') return isSelfContained(schema.items);
  if (schema.type === 'map') return isSelfContained(schema.values);
  return isSelfContained(schema.type);
}

function resolves(reader: string, writer: string): boolean {
  try {
    avroResolver(avroType(reader), avroType(writer));
    return true;
  } catch {
    return false;
  }
}
