import avro from 'avsc';

const NOTED = ['timestamp-millis', 'timestamp-micros', 'local-timestamp-millis', 'local-timestamp-micros'] as const;

/** Logical types that count microseconds. */
export const MICROS_A_MS: ReadonlySet<string> = new Set(['timestamp-micros', 'local-timestamp-micros']);

/** Keeps its name, so that who walks the type sees it; never used to read. */
class Noted extends avro.types.LogicalType {
  protected override _fromValue(value: unknown): unknown {
    return value;
  }
  protected override _toValue(value: unknown): unknown {
    return value;
  }
}

/** The type of a writer schema, its times marked. To walk through, not to read with. Throws when it is no Avro schema. */
export function asWriterType(schema: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(schema) as avro.Schema, {
    wrapUnions: 'auto',
    logicalTypes: Object.fromEntries(NOTED.map((name) => [name, Noted])),
  });
}

/** The type that says how the bytes lie. */
export function underlying(type: avro.Type): avro.Type {
  return type instanceof avro.types.LogicalType ? type.underlyingType : type;
}

export function logicalTypeOf(type: avro.Type): string | undefined {
  return type instanceof avro.types.LogicalType ? type.typeName.slice('logical:'.length) : undefined;
}

/** How many of the time's units make a ms, for a reader of whole values: 1000 where every number of the field counts microseconds. */
export function unitsPerMs(schema: string, path: string | undefined): 1 | 1000 {
  if (path === undefined) return 1;
  const found = path
    .split('.')
    .reduce<avro.Type[]>(
      (types, name) =>
        branchesOf(types).flatMap((type) =>
          type.typeName === 'record'
            ? (type as avro.types.RecordType).fields.filter((field) => field.name === name).map((field) => field.type)
            : [],
        ),
      [asWriterType(schema)],
    );
  const named = branchesOf(found).filter((type) => type.typeName !== 'null');
  return named.length > 0 && named.every((type) => MICROS_A_MS.has(logicalTypeOf(type) ?? '')) ? 1000 : 1;
}

function branchesOf(types: readonly avro.Type[]): avro.Type[] {
  return types.flatMap((type) =>
    type.typeName.startsWith('union:') ? [...(type as avro.types.UnwrappedUnionType).types] : [type],
  );
}
