import avro from 'avsc';

const { types } = avro;
const TEXT = new TextDecoder('utf-8', { fatal: true });

/** A value that a schema does not take. */
export class Misfit extends Error {}

/**
 * The value as avsc writes it, of a union in the first branch that takes it. Numbers become text nowhere, nor text numbers.
 * @throws Misfit
 */
export function fitValue(type: avro.Type, given: unknown): unknown {
  const value = unwrapped(given);
  if (type instanceof types.WrappedUnionType || type instanceof types.UnwrappedUnionType) return fitUnion(type, value);
  if (type instanceof types.RecordType) return fitRecord(type, value);
  if (type instanceof types.ArrayType && Array.isArray(value))
    return value.map((each) => fitValue(type.itemsType, each));
  if (type instanceof types.MapType && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fitValue(type.valuesType, each)]));
  if (type instanceof types.NullType && value == null) return null;
  if (type instanceof types.StringType) return fitText(value);
  if (isNumeric(type) && typeof value !== 'number') throw misfit(type, value);
  if (type.isValid(value)) return value;
  throw misfit(type, value);
}

function fitUnion(type: avro.types.WrappedUnionType | avro.types.UnwrappedUnionType, value: unknown): unknown {
  for (const branch of type.types) {
    try {
      const fitted = fitValue(branch, value);
      const isWrapped = type instanceof types.WrappedUnionType && fitted !== null;
      return isWrapped ? { [(branch as unknown as { branchName: string }).branchName]: fitted } : fitted;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
    }
  }
  throw misfit(type, value);
}

/** What is missing gets the schema's default. */
function fitRecord(type: avro.types.RecordType, value: unknown): unknown {
  if (!isObject(value)) throw misfit(type, value);
  const fitted: Record<string, unknown> = {};
  for (const { name, type: fieldType, defaultValue } of type.fields as FieldOf[]) {
    const own = Object.hasOwn(value, name) ? value[name] : undefined;
    if (own === undefined && defaultValue() !== undefined) continue;
    fitted[name] = fitValue(fieldType, own);
  }
  return fitted;
}

interface FieldOf {
  readonly name: string;
  readonly type: avro.Type;
  defaultValue(): unknown;
}

function fitText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) throw new Misfit(`text is needed, found ${describe(value)}`);
  try {
    return TEXT.decode(value);
  } catch {
    throw new Misfit('text is needed, found bytes that are no UTF-8');
  }
}

function isNumeric(type: avro.Type): boolean {
  return ['int', 'long', 'float', 'double'].includes(type.typeName);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** avsc names the branch of some unions by an object around the value. */
function unwrapped(value: unknown): unknown {
  const unwrap = isObject(value) ? value['unwrap'] : undefined;
  return typeof unwrap === 'function' ? (unwrap.call(value) as unknown) : value;
}

function misfit(type: avro.Type, value: unknown): Misfit {
  return new Misfit(`${type.typeName} is needed, found ${describe(value)}`);
}

/** Short: it goes into a header. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return value === null ? 'null' : 'nothing';
  if (Array.isArray(value)) return `${value.length} values`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'object') return 'a record';
  return `${typeof value} ${JSON.stringify(value)?.slice(0, 40) ?? ''}`.trim();
}
