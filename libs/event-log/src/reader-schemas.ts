import { HeadraceError, messageOf } from '@headrace/service-kit';
import { avroType } from './avro-type.js';
import { chooseReaderSchema } from './reader-schema.js';
import type { RegisteredSchema, SchemaRef, SchemaRegistry } from './schema-registry.js';

/** How a value of a user's topic is read. The same object as long as nothing changes, so that what is compiled for it can be kept by it. */
export interface ReaderSchema {
  readonly format: 'avro' | 'json';
  /** What the bytes were written with. */
  readonly writer: string;
  /** What they are read as; equal to `writer` where there is nothing to resolve. */
  readonly reader: string;
}

/** How long a subject's latest schema is believed to be the latest, ms. A writer not seen before ends it at once. */
const BELIEVED_MS = 30_000;

interface Subject {
  /** Null: unknown, or no Avro. */
  latest: string | null;
  askedAt: number;
  asking: Promise<void> | undefined;
  readonly readers: Map<SchemaRef, ReaderSchema>;
}

/**
 * Values are read as their subject's latest schema, whatever version wrote them, so that one deployment means the same fields in all of a
 * topic (see chooseReaderSchema).
 */
export class ReaderSchemas {
  private readonly subjects = new Map<string, Subject>();

  constructor(
    private readonly registry: SchemaRegistry,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * @param subject `<topic>-value`, unless the deployment names another
   * @throws HeadraceError SCHEMA_UNKNOWN or UNDECODABLE when the reference is at fault, UNAVAILABLE without the registry
   */
  async readerSchemaFor(subject: string, writer: SchemaRef): Promise<ReaderSchema> {
    const known = this.subjects.get(subject);
    const reader = known?.readers.get(writer);
    if (known && reader) {
      // Nobody waits for it, and while the registry is away the schema stays the latest that we know.
      if (this.now() - known.askedAt > BELIEVED_MS) this.refresh(subject, known).catch(() => undefined);
      return reader;
    }
    return this.meet(subject, writer);
  }

  /** A writer not seen before: its version may be the subject's newest. */
  private async meet(subject: string, writer: SchemaRef): Promise<ReaderSchema> {
    const written = await this.registry.find(writer);
    const format = formatOf(written, writer);
    const entry = this.subject(subject);
    // An answer that is under way may be older than the version.
    await entry.asking?.catch(() => undefined);
    await this.refresh(subject, entry);
    const reader = entry.readers.get(writer) ?? readerOf(format, entry.latest, written.schema);
    entry.readers.set(writer, reader);
    return reader;
  }

  private subject(name: string): Subject {
    let entry = this.subjects.get(name);
    if (!entry) {
      entry = { latest: null, askedAt: 0, asking: undefined, readers: new Map() };
      this.subjects.set(name, entry);
    }
    return entry;
  }

  private refresh(subject: string, entry: Subject): Promise<void> {
    entry.asking ??= this.ask(subject, entry).finally(() => (entry.asking = undefined));
    return entry.asking;
  }

  private async ask(subject: string, entry: Subject): Promise<void> {
    // First: a registry that is away is asked again after a while, not by every record.
    entry.askedAt = this.now();
    const found = await this.registry.latest(subject);
    const latest = found?.schemaType === 'AVRO' && isReadable(found.schema) ? found.schema : null;
    if (latest === entry.latest) return;
    entry.latest = latest;
    for (const [writer, { format, writer: written, reader }] of entry.readers) {
      const next = readerOf(format, latest, written);
      if (next.reader !== reader) entry.readers.set(writer, next);
    }
  }
}

function readerOf(format: ReaderSchema['format'], latest: string | null, writer: string): ReaderSchema {
  return { format, writer, reader: format === 'avro' ? chooseReaderSchema(latest, writer) : writer };
}

/** A registry may hold what is no Avro, or more than avsc knows: the record is at fault, not we. */
function formatOf({ schema, schemaType }: RegisteredSchema, ref: SchemaRef): ReaderSchema['format'] {
  if (schemaType === 'JSON') return 'json';
  if (schemaType !== 'AVRO')
    throw undecodable(`was written with schema ${ref} of type ${schemaType}; Avro and JSON Schema are read`);
  try {
    avroType(schema);
    return 'avro';
  } catch (error) {
    throw undecodable(
      `was written with schema ${ref}, which is no Avro schema we can read: ${messageOf(error)}`,
      error,
    );
  }
}

function isReadable(schema: string): boolean {
  try {
    avroType(schema);
    return true;
  } catch {
    return false;
  }
}

function undecodable(what: string, cause?: unknown): HeadraceError {
  return new HeadraceError('UNDECODABLE', `The value ${what}`, { cause });
}
