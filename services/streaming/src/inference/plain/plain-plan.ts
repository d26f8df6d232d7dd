import { plainOutputFaults, plainSource, typesOf, type PlainFact, type PlainSource } from '@headrace/contracts';
import { fieldAt, unitsPerMs } from '@headrace/event-log';
import type { TensorSpec } from '@headrace/model-runtime';
import { HeadraceError } from '@headrace/service-kit';
import avro from 'avsc';
import type { OutputColumn } from '../output-columns.js';
import { fitValue, Misfit } from './fit-value.js';
import { avroTypesOf, outputSource, outputValue } from './output-source.js';

/** What a row's plain record is made of. */
export interface PlainRow {
  readonly facts: Readonly<Record<PlainFact, unknown>>;
  readonly outputs: readonly OutputColumn[];
  /** Row of the outputs. */
  readonly at: number;
  /** The decoded record; undefined where no source asks for it. */
  readonly value: unknown;
}

type Read = (row: PlainRow) => unknown;

/** A mapping against one schema and one model: rows to Avro. */
export class PlainPlan {
  readonly needsValue: boolean;
  private readonly type: avro.types.RecordType;
  private readonly fields: Array<{ name: string; type: avro.Type; read: Read; hasDefault: boolean }>;

  /** @throws HeadraceError INPUT_INVALID when the mapping cannot fill the schema */
  constructor(
    private readonly schema: string,
    mapping: Readonly<Record<string, string>>,
    private readonly outputs: readonly TensorSpec[],
  ) {
    const faults = plainOutputFaults(schema, mapping, (source) => this.typesOf(source));
    if (faults.length > 0) {
      const told = faults.map(({ field, message }) => `${field ?? 'schema'}: ${message}`).join('; ');
      throw new HeadraceError('INPUT_INVALID', `The plain output cannot be written: ${told}`);
    }
    this.type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'auto' }) as avro.types.RecordType;
    this.needsValue = Object.values(mapping).some((text) => plainSource(text)?.kind === 'input');
    this.fields = this.type.fields
      .filter(({ name }) => Object.hasOwn(mapping, name))
      .map(({ name, type, defaultValue }) => {
        const read = this.reader(name, plainSource(mapping[name]!)!);
        return { name, type, read, hasDefault: defaultValue() !== undefined };
      });
  }

  /** @throws Misfit naming the field */
  encode(row: PlainRow): Buffer {
    const record: Record<string, unknown> = {};
    for (const { name, type, read, hasDefault } of this.fields) {
      const value = read(row);
      if (value === undefined && hasDefault) continue;
      try {
        record[name] = fitValue(type, value);
      } catch (error) {
        if (error instanceof Misfit) throw new Misfit(`field '${name}' of the plain output: ${error.message}`);
        throw error;
      }
    }
    return this.type.toBuffer(record);
  }

  private typesOf(source: PlainSource): readonly string[] | undefined {
    if (source.kind !== 'outputs') return typesOf(source);
    const found = outputSource(this.outputs, source.path);
    if (found) return avroTypesOf(found);
    const names = this.outputs.map(({ name }) => name).join(', ');
    throw new HeadraceError('INPUT_INVALID', `The model has no output '${source.path}'; it has ${names}`);
  }

  private reader(field: string, source: PlainSource): Read {
    if (source.kind === 'input') return ({ value }) => fieldAt(value, source.path);
    if (source.kind === 'outputs') {
      const output = outputSource(this.outputs, source.path)!;
      return ({ outputs, at }) => outputValue(output, outputs, at);
    }
    if (source.fact === 'eventTime') return this.timeReader(field);
    return ({ facts }) => facts[source.fact];
  }

  /** In the unit of the field's logical type; ISO 8601 where it is text. */
  private timeReader(field: string): Read {
    const { type } = this.type.fields.find(({ name }) => name === field)!;
    const takesNumbers = fits(type, 0);
    const units = unitsPerMs(this.schema, field);
    return ({ facts }) => {
      const ms = facts.eventTime as number;
      return takesNumbers ? ms * units : new Date(ms).toISOString();
    };
  }
}

function fits(type: avro.Type, value: unknown): boolean {
  try {
    fitValue(type, value);
    return true;
  } catch (error) {
    if (error instanceof Misfit) return false;
    throw error;
  }
}
