import { PLAIN_SOURCES, plainSource, typesOf, type PlainSource } from './plain-source.js';

/** What is wrong with one field of the mapping; without a field with the schema as a whole. */
export interface PlainFault {
  readonly field?: string;
  readonly message: string;
}

type AvroSchema = string | readonly AvroSchema[] | { readonly type: AvroSchema };

interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
}

/**
 * What keeps a mapping from filling every record of a user's schema. Of values that only records or the model tell, `types` may know more.
 * Pure.
 * @param schema Avro, as JSON
 * @param fields sources by field
 * @param types Avro types that take a source's value, 'array' for several values; undefined where that is not known
 */
export function plainOutputFaults(
  schema: string,
  fields: Readonly<Record<string, string>>,
  types: (source: PlainSource) => readonly string[] | undefined = typesOf,
): PlainFault[] {
  const declared = fieldsOf(schema);
  if (!declared) return [{ message: 'is no Avro record: a plain output needs a schema of type record with fields' }];
  const known = new Set(declared.map(({ name }) => name));
  const strange = Object.keys(fields).filter((name) => !known.has(name));
  return [
    ...strange.map((field) => ({ field, message: `is no field of the schema, which has ${[...known].join(', ')}` })),
    ...declared.flatMap((field) => faultsOf(field, fields, types)),
  ];
}

function faultsOf(
  field: AvroField,
  fields: Readonly<Record<string, string>>,
  types: (source: PlainSource) => readonly string[] | undefined,
): PlainFault[] {
  const { name } = field;
  const text = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (text === undefined)
    return 'default' in field ? [] : [{ field: name, message: 'has no default in the schema and must be mapped' }];
  const source = plainSource(text);
  if (!source) return [{ field: name, message: `'${text}' is none of ${PLAIN_SOURCES}` }];
  const fitting = types(source);
  const branches = avroTypes(field.type);
  if (!fitting || branches.some((branch) => fitting.includes(branch))) return [];
  return [{ field: name, message: `${text} goes into ${fitting.join(', ')}; the schema has ${branches.join(' or ')}` }];
}

function fieldsOf(schema: string): readonly AvroField[] | undefined {
  try {
    const parsed = JSON.parse(schema) as { type?: unknown; fields?: unknown } | null;
    return parsed?.type === 'record' && Array.isArray(parsed.fields) ? (parsed.fields as AvroField[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Names of the types that a field takes, a union's each. */
function avroTypes(type: AvroSchema): string[] {
  if (typeof type === 'string') return [type];
  return isUnion(type) ? type.flatMap(avroTypes) : avroTypes(type.type);
}

function isUnion(type: AvroSchema): type is readonly AvroSchema[] {
  return Array.isArray(type);
}
