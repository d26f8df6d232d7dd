import { ValueReader, type ReaderSchema, type SchemaRef, type WantedFields } from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';

/** Tells how values of a subject are read. */
export interface ReaderSource {
  /** @throws HeadraceError SCHEMA_UNKNOWN or UNDECODABLE when the reference is at fault, UNAVAILABLE without the registry */
  readerSchemaFor(subject: string, writer: SchemaRef): Promise<ReaderSchema>;
}

/** What was compiled for each schema that a deployment has met. */
export class ValueReaders {
  private readonly readers = new WeakMap<ReaderSchema, ValueReader>();

  constructor(
    private readonly subject: string,
    private readonly wanted: WantedFields,
  ) {}

  /** 'json' for values that a JSON schema describes; the error when the record is at fault. Throws what is no record's doing. */
  async readerOf(source: ReaderSource, ref: SchemaRef): Promise<ValueReader | 'json' | HeadraceError> {
    try {
      const schema = await source.readerSchemaFor(this.subject, ref);
      if (schema.format === 'json') return 'json';
      let reader = this.readers.get(schema);
      if (!reader) this.readers.set(schema, (reader = new ValueReader(schema, ref, this.wanted)));
      return reader;
    } catch (error) {
      if (error instanceof HeadraceError && (error.code === 'UNDECODABLE' || error.code === 'SCHEMA_UNKNOWN'))
        return error;
      throw error;
    }
  }
}
