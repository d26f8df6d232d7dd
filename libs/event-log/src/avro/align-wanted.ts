import type avro from 'avsc';
import type { WantedNode } from './wanted-fields.js';

/** The wanted fields of a reader's schema, by their names in the writer's. */
export interface Aligned {
  readonly tree: WantedNode;
  /** Fields that no value of the writer has, nor the reader a default for. */
  readonly absent: readonly WantedNode[];
  /** Features that the reader's schema gives a number for. */
  readonly constants: ReadonlyArray<{ readonly column: number; readonly value: number }>;
}

/**
 * Finds in the writer's record what is wanted by the reader's names: by name, by alias, or as the reader's default. Undefined where
 * reading the one as the other does more than that and widening numbers: whole objects are read then.
 */
export function alignWanted(
  writer: avro.types.RecordType,
  reader: avro.types.RecordType,
  wanted: WantedNode,
): Aligned | undefined {
  const tree: WantedNode = { fields: new Map() };
  const absent: WantedNode[] = [];
  const constants: Array<{ column: number; value: number }> = [];
  const named = new Set(reader.fields.map(({ name }) => name));
  for (const [name, node] of wanted.fields) if (!named.has(name)) absent.push(node);
  for (const field of reader.fields) {
    const node = wanted.fields.get(field.name);
    const written = writtenField(writer, field);
    if (written && !readsAlike(written.type, field.type)) return undefined;
    if (!node) continue;
    if (written) tree.fields.set(written.name, node);
    else {
      const value: unknown = field.defaultValue();
      if (value === null) absent.push(node);
      else if (typeof value !== 'number' || node.feature === undefined || node.isRecordId || node.isEventTime)
        return undefined;
      else constants.push({ column: node.feature, value });
    }
  }
  return { tree, absent, constants };
}

function writtenField(
  writer: avro.types.RecordType,
  { name, aliases }: avro.types.Field,
): avro.types.Field | undefined {
  return (
    writer.fields.find((field) => field.name === name) ?? writer.fields.find((field) => aliases.includes(field.name))
  );
}

const WIDENED: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
};

/** True when a value of the one reads as the same JavaScript value of the other. */
function readsAlike(written: avro.Type, read: avro.Type): boolean {
  if (JSON.stringify(written) === JSON.stringify(read)) return true;
  if (WIDENED[written.typeName]?.includes(read.typeName)) return true;
  if (!read.typeName.startsWith('union:')) return false;
  const branches = (read as avro.types.UnwrappedUnionType).types;
  const writtenBranches = written.typeName.startsWith('union:')
    ? (written as avro.types.UnwrappedUnionType).types
    : [written];
  return writtenBranches.every((branch) => branches.some((other) => readsAlike(branch, other)));
}
