import type avro from 'avsc';

/** Throws unless what begins at `at` ends by `end`; returns where it ends. */
type Walk = (bytes: Uint8Array, at: number, end: number) => number;

/** Items that take no bytes (null, empty records): nobody sends many, and a count of them is not bounded by the bytes. */
const MOST_EMPTY_ITEMS = 65_536;

/**
 * A check that bytes hold no more items than they have room for; null for a schema without arrays and maps, which needs none. avsc
 * believes a count before it has seen the items: six damaged bytes make it allocate until the process is killed, and the next owner of
 * the partition after it.
 */
export function boundsCheckOf(type: avro.Type): ((bytes: Uint8Array) => void) | null {
  if (!hasItems(type, new Set())) return null;
  const walk = walkOf(type, new Map());
  return (bytes) => void walk(bytes, 0, bytes.length);
}

interface Parts {
  readonly typeName: string;
  readonly fields?: ReadonlyArray<{ readonly type: avro.Type }>;
  readonly types?: readonly avro.Type[];
  readonly itemsType?: avro.Type;
  readonly valuesType?: avro.Type;
  readonly underlyingType?: avro.Type;
  readonly size?: number;
}

const partsOf = (type: avro.Type) => type as unknown as Parts;

function hasItems(type: avro.Type, seen: Set<avro.Type>): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  const { itemsType, valuesType, fields = [], types = [], underlyingType } = partsOf(type);
  if (itemsType || valuesType) return true;
  const inner = [...fields.map((field) => field.type), ...types, ...(underlyingType ? [underlyingType] : [])];
  return inner.some((each) => hasItems(each, seen));
}

/** @param known ends the recursion of types that contain themselves */
function walkOf(type: avro.Type, known: Map<avro.Type, Walk>): Walk {
  let walk = known.get(type);
  if (!walk) {
    known.set(type, (bytes, at, end) => walk!(bytes, at, end));
    walk = createWalk(partsOf(type), (inner) => walkOf(inner, known));
    known.set(type, walk);
  }
  return walk;
}

function createWalk(parts: Parts, inner: (type: avro.Type) => Walk): Walk {
  const { typeName, fields, types, itemsType, valuesType, underlyingType, size } = parts;
  if (underlyingType) return inner(underlyingType);
  if (fields) return sequence(fields.map(({ type }) => inner(type)));
  if (types) return choice(types.map(inner));
  if (itemsType) return blocks(inner(itemsType));
  if (valuesType) return blocks(sequence([walkText, inner(valuesType)]));
  if (typeName === 'string' || typeName === 'bytes') return walkText;
  const fixed = { null: 0, boolean: 1, float: 4, double: 8, fixed: size ?? 0 }[typeName];
  return fixed === undefined ? walkVarint : (_, at, end) => within(at + fixed, end);
}

function sequence(walks: readonly Walk[]): Walk {
  return (bytes, start, end) => {
    let at = start;
    for (const walk of walks) at = walk(bytes, at, end);
    return at;
  };
}

function choice(walks: readonly Walk[]): Walk {
  return (bytes, at, end) => {
    const next = walkVarint(bytes, at, end);
    const walk = walks[longAt(bytes, at)];
    if (!walk) throw new Error(`union has no branch ${longAt(bytes, at)}`);
    return walk(bytes, next, end);
  };
}

/** Blocks of a count and that many items, until a count of 0; a negative count is followed by the block's size. */
function blocks(item: Walk): Walk {
  return (bytes, start, end) => {
    let at = start;
    let empty = 0;
    for (;;) {
      const count = longAt(bytes, at);
      at = walkVarint(bytes, at, end);
      if (count === 0) return at;
      if (count < 0) at = walkVarint(bytes, at, end);
      for (let left = Math.abs(count); left > 0; left--) {
        const next = item(bytes, at, end);
        if (next === at && ++empty > MOST_EMPTY_ITEMS)
          throw new Error(`${Math.abs(count)} items without any bytes, more than ${MOST_EMPTY_ITEMS}`);
        at = next;
      }
    }
  };
}

function walkText(bytes: Uint8Array, at: number, end: number): number {
  const length = longAt(bytes, at);
  if (length < 0) throw new Error(`length ${length} of a text or bytes`);
  return within(walkVarint(bytes, at, end) + length, end);
}

function walkVarint(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && bytes[next]! >= 0x80) next++;
  return within(next + 1, end);
}

/** Avro's zigzag varint; inexact beyond 2^53, which no count or length within a record comes near. Bytes that are not there count as 0. */
function longAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  let scale = 1;
  for (let next = at; ; next++) {
    const byte = bytes[next] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
    scale *= 128;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function within(at: number, end: number): number {
  if (at > end) throw new Error('truncated');
  return at;
}
