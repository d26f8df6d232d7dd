import type avro from 'avsc';
import { alignWanted } from './align-wanted.js';
import { asWriterType, logicalTypeOf, MICROS_A_MS, underlying } from './writer-type.js';
import { Op } from './plan-ops.js';
import { PlanBuilder } from './plan-builder.js';
import { wantedTree, type WantedFields, type WantedNode } from './wanted-fields.js';

/** Above this a schema is not compiled: named types that refer to each other can grow without bound. */
const MOST_INSTRUCTIONS = 100_000;

export interface Program {
  readonly code: Int32Array;
  /** What CONSTANT takes. */
  readonly constants: readonly number[];
}

/**
 * The instructions that read the wanted fields, by their names in `readerSchema`, out of a value of `writerSchema` and step over the
 * rest; undefined when the schema is no record, refers to itself, or has evolved in more than fields added, dropped and widened.
 */
export function compileProgram(
  writerSchema: string,
  wanted: WantedFields,
  readerSchema = writerSchema,
): Program | undefined {
  const [writer, reader] = [asWriterType(writerSchema), asWriterType(readerSchema)];
  if (writer.typeName !== 'record' || reader.typeName !== 'record') return undefined;
  const aligned =
    readerSchema === writerSchema
      ? { tree: wantedTree(wanted), absent: [], constants: [] }
      : alignWanted(writer as avro.types.RecordType, reader as avro.types.RecordType, wantedTree(wanted));
  if (!aligned) return undefined;
  const compiler = new Compiler();
  for (const node of aligned.absent) compiler.missing(node);
  aligned.constants.forEach(({ column }, at) => compiler.builder.emit(Op.CONSTANT, column, at));
  if (!compiler.value(writer, aligned.tree)) return undefined;
  return { code: compiler.builder.finish(), constants: aligned.constants.map(({ value }) => value) };
}

/** Each method tells whether the plan can go on. */
class Compiler {
  readonly builder = new PlanBuilder();
  private readonly within = new Set<avro.Type>();

  value(type: avro.Type, wanted: WantedNode | undefined): boolean {
    if (this.builder.length > MOST_INSTRUCTIONS) return false;
    const plain = underlying(type);
    switch (plain.typeName) {
      case 'record':
        return this.record(plain as avro.types.RecordType, wanted);
      case 'union:wrapped':
      case 'union:unwrapped':
        return this.union(plain as avro.types.UnwrappedUnionType, wanted);
      case 'array':
      case 'map':
        this.suspectAll(wanted);
        return this.blocks(plain as avro.types.ArrayType | avro.types.MapType);
      default:
        this.scalar(plain, logicalTypeOf(type), wanted);
        return true;
    }
  }

  private record(type: avro.types.RecordType, wanted: WantedNode | undefined): boolean {
    if (this.within.has(type)) return false;
    if (isLeaf(wanted)) this.builder.emit(Op.SUSPECT);
    this.within.add(type);
    const names = new Set(type.fields.map(({ name }) => name));
    for (const [name, node] of wanted?.fields ?? []) if (!names.has(name)) this.missing(node);
    const compiled = type.fields.every((field) => this.value(field.type, wanted?.fields.get(field.name)));
    this.within.delete(type);
    return compiled;
  }

  private union(type: avro.types.UnwrappedUnionType, wanted: WantedNode | undefined): boolean {
    const double = nullableDouble(type);
    if (double !== undefined && wanted?.feature !== undefined && usesOf(wanted) === 1 && wanted.fields.size === 0) {
      this.builder.run(Op.NULLABLE_DOUBLES, wanted.feature, double);
      return true;
    }
    return this.builder.branches(type.types.map((branch) => () => this.value(branch, wanted)));
  }

  private blocks(type: avro.types.ArrayType | avro.types.MapType): boolean {
    const [op, items] =
      type.typeName === 'array'
        ? [Op.ARRAY, (type as avro.types.ArrayType).itemsType]
        : [Op.MAP, (type as avro.types.MapType).valuesType];
    return this.builder.block(op, () => this.value(items, undefined));
  }

  private scalar(type: avro.Type, logicalType: string | undefined, wanted: WantedNode | undefined): void {
    // What has no fields has none of those wanted below it.
    for (const node of wanted?.fields.values() ?? []) this.missing(node);
    if (!wanted || !isLeaf(wanted)) return this.skip(type);
    const uses = [
      ...(wanted.isRecordId ? [() => this.recordId(type)] : []),
      ...(wanted.isEventTime ? [() => this.eventTime(type, logicalType)] : []),
      ...(wanted.feature === undefined ? [] : [() => this.feature(type, wanted.feature!)]),
    ];
    if (uses.length > 1) this.builder.emit(Op.SAVE);
    uses.forEach((use, at) => {
      if (at > 0) this.builder.emit(Op.AGAIN);
      use();
    });
  }

  private feature(type: avro.Type, column: number): void {
    const { builder } = this;
    if (type.typeName === 'double') builder.run(Op.DOUBLES, column);
    else if (type.typeName === 'float') builder.emit(Op.FLOAT, column);
    else if (type.typeName === 'int') builder.emit(Op.INT, column);
    else if (type.typeName === 'long') builder.emit(Op.LONG, column);
    else if (type.typeName === 'boolean') builder.emit(Op.BOOLEAN, column);
    else if (type.typeName === 'null') builder.emit(Op.MISSING, column);
    else this.suspect(type);
  }

  private recordId(type: avro.Type): void {
    if (type.typeName === 'string') this.builder.emit(Op.ID_STRING);
    else if (type.typeName === 'int') this.builder.emit(Op.ID_INTEGER, 0);
    else if (type.typeName === 'long') this.builder.emit(Op.ID_INTEGER, 1);
    else this.suspect(type);
  }

  private eventTime(type: avro.Type, logicalType: string | undefined): void {
    const unitsPerMs = logicalType !== undefined && MICROS_A_MS.has(logicalType) ? 1000 : 1;
    if (type.typeName === 'int') this.builder.emit(Op.TIME_INTEGER, 0, unitsPerMs);
    else if (type.typeName === 'long') this.builder.emit(Op.TIME_INTEGER, 1, unitsPerMs);
    else if (type.typeName === 'double') this.builder.emit(Op.TIME_DOUBLE);
    else if (type.typeName === 'string') this.builder.emit(Op.TIME_STRING);
    else this.suspect(type);
  }

  private suspect(type: avro.Type): void {
    this.builder.emit(Op.SUSPECT);
    this.skip(type);
  }

  private skip(type: avro.Type): void {
    const { builder } = this;
    if (type.typeName === 'double') builder.skip(8);
    else if (type.typeName === 'float') builder.skip(4);
    else if (type.typeName === 'boolean') builder.skip(1);
    else if (type.typeName === 'fixed') builder.skip((type as avro.types.FixedType).size);
    else if (type.typeName === 'int') builder.count(Op.SKIP_INTS);
    else if (type.typeName === 'long') builder.count(Op.SKIP_LONGS);
    else if (type.typeName === 'enum') builder.emit(Op.SKIP_ENUM, (type as avro.types.EnumType).symbols.length);
    else if (type.typeName !== 'null') builder.count(Op.SKIP_BYTES);
  }

  /** Maps' keys are read as fields are; that is rare enough to leave it to the reading as objects. */
  private suspectAll(wanted: WantedNode | undefined): void {
    if (wanted) this.builder.emit(Op.SUSPECT);
  }

  missing(node: WantedNode): void {
    if (node.feature !== undefined) this.builder.emit(Op.MISSING, node.feature);
    if (node.isRecordId || node.isEventTime) this.builder.emit(Op.SUSPECT);
    for (const below of node.fields.values()) this.missing(below);
  }
}

function usesOf({ feature, isRecordId, isEventTime }: WantedNode): number {
  return Number(feature !== undefined) + Number(isRecordId ?? false) + Number(isEventTime ?? false);
}

function isLeaf(wanted: WantedNode | undefined): boolean {
  return wanted !== undefined && usesOf(wanted) > 0;
}

/** Which branch is the double in a union of null and double, in either order. */
function nullableDouble({ types }: avro.types.UnwrappedUnionType): number | undefined {
  const names = types.map(({ typeName }) => typeName);
  return names.length === 2 && names.includes('null') && names.includes('double') ? names.indexOf('double') : undefined;
}
