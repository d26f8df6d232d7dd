import avro from 'avsc';

/** Numbers in [0, 1), the same for the same seed (mulberry32): a failing case can be run again. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random schemas of records, and values of them, of everything that Avro has but types that refer to themselves. */
export class RandomRecords {
  private names = 0;

  constructor(private readonly random: () => number) {}

  schema(): object {
    return this.record(3);
  }

  /** Paths to fields that may be asked for, and some to nothing. */
  paths(schema: unknown, prefix = ''): string[] {
    const record = [schema].flat().find(isRecord);
    if (!record) return [`${prefix}none`];
    return record.fields.flatMap(({ name, type }) => [
      `${prefix}${name}`,
      ...(this.chance(0.5) ? this.paths(type, `${prefix}${name}.`) : []),
    ]);
  }

  value(type: avro.Type): unknown {
    const wide = type as unknown as Record<string, never>;
    switch (type.typeName) {
      case 'null':
        return null;
      case 'boolean':
        return this.chance(0.5);
      case 'int':
        return this.pick([0, -1, 1, 63, -64, 64, 2 ** 31 - 1, -(2 ** 31), this.below(1e6)]);
      case 'long':
        return this.pick([0, -1, 100, 2 ** 31, -(2 ** 40), 2 ** 52 - 1, 981_000_000_000, 981_000_000_000_123]);
      case 'float':
      case 'double':
        return this.pick([0, -0, 1.5, -2.25, 1e30, Number.NaN, Infinity, 0.5, 7, 981_000_000_000.5]);
      case 'string':
        return this.pick(['', 'id', 'é', 'x'.repeat(70), '2001-02-03T04:05:06Z', '5', 'a\u0000b', '€'.repeat(300)]);
      case 'bytes':
        return Buffer.alloc(this.below(4), 0x81);
      case 'fixed':
        return Buffer.alloc(wide['size'] ?? 0, 7);
      case 'enum':
        return this.pick(wide['symbols'] ?? []);
      case 'array':
        return Array.from({ length: this.below(3) }, () => this.value(wide['itemsType']!));
      case 'map':
        return Object.fromEntries(
          Array.from({ length: this.below(3) }, (_, n) => [`k${n}`, this.value(wide['valuesType']!)]),
        );
      case 'record':
        return Object.fromEntries(
          (type as avro.types.RecordType).fields.map((field) => [field.name, this.value(field.type)]),
        );
      default: {
        const branch = this.pick([...(type as avro.types.UnwrappedUnionType).types]);
        const value = this.value(branch);
        if (type.typeName === 'union:unwrapped' || value === null) return value;
        return { [branch.branchName ?? branch.typeName]: value };
      }
    }
  }

  /** Bytes cut short, lengthened, or (unless they may hold a count, of which avsc would make as large an array) one of them changed. */
  damaged(bytes: Buffer, schema: string): Buffer {
    const copy = Buffer.from(bytes);
    if (this.chance(0.3)) return copy.subarray(0, this.below(copy.length));
    if (this.chance(0.2)) return Buffer.concat([copy, Buffer.from([this.below(256)])]);
    if (copy.length > 0 && !/"array"|"map"/.test(schema))
      copy[this.below(copy.length)] = this.pick([0, 1, 2, 3, 4, 0x7f, 0x80, 0xff, this.below(256)]);
    return copy;
  }

  chance(likelihood: number): boolean {
    return this.random() < likelihood;
  }

  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  private record(depth: number): object {
    const fields = Array.from({ length: 1 + this.below(6) }, (_, n) => ({ name: `f${n}`, type: this.type(depth) }));
    return { type: 'record', name: `R${this.names++}`, fields };
  }

  private type(depth: number): unknown {
    const scalars = ['double', 'double', 'float', 'int', 'long', 'boolean', 'string', 'bytes', 'null'];
    const others = [
      () => ({ type: 'fixed', name: `F${this.names++}`, size: this.below(5) }),
      () => ({ type: 'enum', name: `E${this.names++}`, symbols: ['A', 'B', 'C'] }),
      () => ({ type: 'long', logicalType: this.pick(['timestamp-millis', 'timestamp-micros']) }),
      () =>
        this.pick([['null', 'double'], ['double', 'null'], ['null', 'int', 'double'], ['double'], ['long', 'string']]),
      () => ['null', this.notUnion(depth - 1)],
      () => ({ type: 'array', items: this.type(depth - 1) }),
      () => ({ type: 'map', values: this.type(depth - 1) }),
      () => this.record(depth - 1),
    ];
    return depth <= 0 || this.chance(0.5) ? this.pick(scalars) : this.pick(others)();
  }

  private notUnion(depth: number): unknown {
    const type = this.type(depth);
    return Array.isArray(type) || type === 'null' ? 'double' : type;
  }
}

function isRecord(schema: unknown): schema is { fields: Array<{ name: string; type: unknown }> } {
  return typeof schema === 'object' && schema !== null && 'fields' in schema;
}
