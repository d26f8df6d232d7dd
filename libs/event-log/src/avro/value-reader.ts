import { HeadraceError, messageOf } from '@headrace/service-kit';
import { boundsCheckOf } from '../avro-bounds.js';
import { avroResolver, avroType } from '../avro-type.js';
import type { ReaderSchema } from '../reader-schemas.js';
import type { SchemaRef } from '../schema-registry.js';
import { compilePlan, type ColumnPlan } from './column-plan.js';
import type { WantedFields } from './wanted-fields.js';
import { unitsPerMs } from './writer-type.js';

/** Reads values of one writer schema, both ways: into columns, and as objects where that cannot be done. */
export class ValueReader {
  /** Undefined where only objects will do. */
  readonly plan: ColumnPlan | undefined;
  /** Of the event time's field, where it is a number. */
  readonly unitsPerMs: number;
  private readonly decode: (payload: Buffer) => unknown;

  constructor(
    { writer, reader }: ReaderSchema,
    private readonly ref: SchemaRef,
    wanted: WantedFields,
  ) {
    this.plan = compilePlan(writer, wanted, reader);
    this.unitsPerMs = unitsPerMs(reader, wanted.eventTime);
    const type = avroType(reader);
    const written = avroType(writer);
    const resolver = reader === writer ? undefined : avroResolver(type, written);
    const check = boundsCheckOf(written);
    this.decode = (payload) => {
      check?.(payload);
      return type.fromBuffer(payload, resolver);
    };
  }

  /** @throws HeadraceError UNDECODABLE */
  asObject(payload: Buffer): unknown {
    try {
      return this.decode(payload);
    } catch (error) {
      throw new HeadraceError('UNDECODABLE', `The value is not Avro of schema ${this.ref}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** What is said of a value that the plan could not follow to its end. */
  get undecodable(): string {
    return `The value is not Avro of schema ${this.ref}: it ends too early or late, or has an index, a length or a long that the schema does not allow`;
  }
}
