type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Node = Record<string, Json>;

export interface CanonicalOptions {
  /** Also sort attributes that Avro gives no meaning to, so that their order makes no difference. */
  readonly normalize: boolean;
}

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);

/** Attributes with a meaning, in the order in which Avro's Java library writes them; all others follow as properties. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  record: ['type', 'name', 'namespace', 'doc', 'fields'],
  error: ['type', 'name', 'namespace', 'doc', 'fields'],
  enum: ['type', 'name', 'namespace', 'doc', 'symbols', 'default'],
  fixed: ['type', 'name', 'namespace', 'doc', 'size'],
};
const FIELD = ['name', 'type', 'doc', 'default', 'order', 'aliases'];

/**
 * One JSON text for all spellings of the same Avro schema: attribute order, white space, `{"type":"int"}` for `"int"`, and how
 * names are split into name and namespace make no difference; docs, defaults and further properties do (they are part of the
 * registered schema). Follows org.apache.avro.Schema.toString, so that ids agree with what Confluent's registry would find equal.
 */
export function canonicalJson(schema: Json, options: CanonicalOptions): string {
  return JSON.stringify(canonical(schema, '', options));
}

function canonical(schema: Json, space: string, options: CanonicalOptions): Json {
  if (typeof schema === 'string') return reference(schema, space);
  if (Array.isArray(schema)) return schema.map((branch) => canonical(branch, space, options));
  if (schema === null || typeof schema !== 'object') return schema;
  const type = schema['type'];
  if (typeof type !== 'string') return canonical(type ?? null, space, options);
  if (type in NAMED) return named(schema, type, space, options);
  if (type === 'array')
    return {
      type,
      items: canonical(schema['items'] ?? null, space, options),
      ...rest(schema, ['type', 'items'], options),
    };
  if (type === 'map')
    return {
      type,
      values: canonical(schema['values'] ?? null, space, options),
      ...rest(schema, ['type', 'values'], options),
    };
  const properties = rest(schema, ['type'], options);
  const name = reference(type, space);
  return Object.keys(properties).length === 0 ? name : { type: name, ...properties };
}

function named(schema: Node, type: string, space: string, options: CanonicalOptions): Node {
  const full = fullName(schema['name'] as string, schema['namespace'], space);
  const own = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '';
  const result: Node = { type, name: full.slice(own === '' ? 0 : own.length + 1) };
  if (own !== space) result['namespace'] = own;
  for (const attribute of NAMED[type]!.slice(3)) {
    const value = schema[attribute];
    if (value === undefined) continue;
    result[attribute] = attribute === 'fields' ? fields(value, own, options) : value;
  }
  return { ...result, ...rest(schema, [...NAMED[type]!, 'aliases'], options), ...only(schema, 'aliases') };
}

function fields(value: Json, space: string, options: CanonicalOptions): Json {
  if (!Array.isArray(value)) return value;
  return value.map((item) => {
    const field = item as Node;
    const result: Node = {};
    for (const attribute of FIELD) {
      if (field[attribute] === undefined) continue;
      if (attribute === 'order' && field[attribute] === 'ascending') continue;
      result[attribute] = attribute === 'type' ? canonical(field['type']!, space, options) : field[attribute]!;
    }
    return { ...result, ...rest(field, FIELD, options) };
  });
}

function rest(schema: Node, known: readonly string[], { normalize }: CanonicalOptions): Node {
  const entries = Object.entries(schema).filter(([name]) => !known.includes(name));
  if (!normalize) return Object.fromEntries(entries);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, sorted(value)]));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}

function only(schema: Node, attribute: string): Node {
  return schema[attribute] === undefined ? {} : { [attribute]: schema[attribute] };
}

function fullName(name: string, namespace: Json | undefined, space: string): string {
  if (name.includes('.')) return name;
  const own = typeof namespace === 'string' ? namespace : space;
  return own === '' ? name : `${own}.${name}`;
}

/** A name as it must be written inside `space`. */
function reference(name: string, space: string): string {
  if (PRIMITIVES.has(name)) return name;
  return space !== '' && name.startsWith(`${space}.`) && !name.slice(space.length + 1).includes('.')
    ? name.slice(space.length + 1)
    : name;
}
