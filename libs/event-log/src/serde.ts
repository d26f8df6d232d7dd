import type { Topic } from '@headrace/contracts';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import type avro from 'avsc';
import { boundsCheckOf } from './avro-bounds.js';
import { avroResolver, avroType } from './avro-type.js';
import type { RecordHeaders } from './event-log.js';
import { framingOf, newFraming, VALUE_SCHEMA_ID_HEADER, type Framing } from './framing.js';
import { jsonValue } from './json-value.js';
import { ReaderSchemas, type ReaderSchema } from './reader-schemas.js';
import type { SchemaRef, SchemaRegistry, SubjectSchema } from './schema-registry.js';

const MAGIC = 0;
/** Magic byte and schema id, big endian. */
const PREFIX_BYTES = 5;

type Decode = (payload: Buffer) => unknown;

/** What of a record says what its value is. */
export interface EncodedValue {
  readonly raw: Buffer | null;
  readonly headers: RecordHeaders;
}

export interface DecodedValue {
  readonly value: unknown;
  /** Of an Avro value of a user's topic. */
  readonly schema?: ReaderSchema;
}

/**
 * Values to bytes and back: Avro in Confluent framing, JSON on users' topics, bytes where a topic has no schema.
 * Decoders are kept by writer schema and reader.
 */
export class Serde {
  private readonly decoders = new Map<string, Promise<Decode>>();
  private readonly userDecoders = new WeakMap<ReaderSchema, Decode>();
  private readonly framing = newFraming();
  private readonly readers: ReaderSchemas;

  constructor(
    private readonly registry: SchemaRegistry,
    readers?: ReaderSchemas,
  ) {
    this.readers = readers ?? new ReaderSchemas(registry);
  }

  /** @throws HeadraceError INPUT_INVALID when the value does not fit the schema, UNAVAILABLE without the registry */
  async encode<T>(topic: Topic<T>, value: T | null): Promise<Buffer | null> {
    if (value === null) return null;
    if (topic.schema === null) return Buffer.from(value as Uint8Array);
    const id = await this.schemaIdOf(topic);
    const body = toBuffer(avroType(topic.schema), value, topic.name);
    const framed = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
    framed.writeUInt8(MAGIC, 0);
    framed.writeUInt32BE(id, 1);
    body.copy(framed, PREFIX_BYTES);
    return framed;
  }

  /** Id of the topic's own schema, registered when it is new. @throws HeadraceError CONFLICT, UNAVAILABLE */
  schemaIdOf({ name, schema }: Topic<any>): Promise<number> {
    if (schema === null) throw new HeadraceError('INTERNAL', `Topic ${name} has no schema`);
    return this.registry.idOf(`${name}-value`, schema);
  }

  /** @throws HeadraceError UNAVAILABLE */
  latestSchema(subject: string): Promise<SubjectSchema | null> {
    return this.registry.latest(subject);
  }

  /** How a value of a user's topic is read. @throws HeadraceError SCHEMA_UNKNOWN, UNDECODABLE, UNAVAILABLE */
  readerSchemaFor(subject: string, writer: SchemaRef): Promise<ReaderSchema> {
    return this.readers.readerSchemaFor(subject, writer);
  }

  /**
   * Resolves to the decoded value; a reader of the catalogue gets its own schema's shape, a reader of a user's topic that of the
   * subject's latest schema (see ReaderSchemas).
   * @param subject of a user's topic; default `<topic>-value`
   * @throws HeadraceError UNDECODABLE or SCHEMA_UNKNOWN when the bytes are at fault, UNAVAILABLE without the registry
   */
  async decode(topic: Topic<unknown> | string, value: EncodedValue, subject?: string): Promise<unknown> {
    return (await this.decodeAs(topic, value, subject)).value;
  }

  /** The same, with what an Avro value of a user's topic was read as. */
  async decodeAs(topic: Topic<unknown> | string, value: EncodedValue, subject?: string): Promise<DecodedValue> {
    if (typeof topic === 'string') return this.decodeUsers(subject ?? `${topic}-value`, value);
    return { value: await this.decodeOwn(topic, value.raw) };
  }

  private async decodeOwn({ schema }: Topic<unknown>, raw: Buffer | null): Promise<unknown> {
    if (raw === null || schema === null) return raw;
    const { kind, id, payloadStart } = framingOf(this.framing, raw, 0, raw.length);
    if (kind !== 'id') throw undecodable('does not begin with the Confluent magic byte 0 and a schema id');
    const decode = await this.ownDecoder(id, schema);
    return decode(raw.subarray(payloadStart));
  }

  private async decodeUsers(subject: string, { raw, headers }: EncodedValue): Promise<DecodedValue> {
    if (raw === null) throw undecodable('is a tombstone (null)');
    const header = headers[VALUE_SCHEMA_ID_HEADER];
    framingOf(this.framing, raw, 0, raw.length, header ? 0 : -1, header?.length, header);
    const { kind, payloadStart } = this.framing;
    if (kind === 'malformed') throw undecodable(`names no schema in its header ${VALUE_SCHEMA_ID_HEADER}`);
    if (kind === 'none' && raw.length === 0) throw undecodable('is empty');
    if (kind === 'none') return { value: jsonValue(raw) };
    const ref = refOf(this.framing);
    const schema = await this.readers.readerSchemaFor(subject, ref);
    const payload = raw.subarray(payloadStart);
    if (schema.format === 'json') return { value: jsonValue(payload) };
    return { value: this.userDecoder(schema, ref)(payload), schema };
  }

  private userDecoder(schema: ReaderSchema, ref: SchemaRef): Decode {
    let decode = this.userDecoders.get(schema);
    if (!decode) {
      const [reader, writer] = [avroType(schema.reader), avroType(schema.writer)];
      decode = decoderOf(
        reader,
        reader === writer ? undefined : avroResolver(reader, writer),
        boundsCheckOf(writer),
        ref,
      );
      this.userDecoders.set(schema, decode);
    }
    return decode;
  }

  private ownDecoder(id: number, readerSchema: string): Promise<Decode> {
    const key = `${id} ${readerSchema}`;
    let decoder = this.decoders.get(key);
    if (!decoder) {
      decoder = this.createOwnDecoder(id, readerSchema);
      this.decoders.set(key, decoder);
      decoder.catch(() => this.decoders.delete(key));
    }
    return decoder;
  }

  private async createOwnDecoder(id: number, readerSchema: string): Promise<Decode> {
    const written = await this.registry.schemaOf(id);
    const reader = avroType(readerSchema);
    try {
      const writer = avroType(written);
      return decoderOf(reader, reader === writer ? undefined : reader.createResolver(writer), null, id);
    } catch (error) {
      throw undecodable(`was written with schema id ${id}, which cannot be read as ours: ${messageOf(error)}`, error);
    }
  }
}

/** The reference of a value that has one. */
export function refOf({ kind, id, guid }: Framing): SchemaRef {
  return kind === 'id' ? id : guid;
}

function decoderOf(
  reader: avro.Type,
  resolver: ReturnType<avro.Type['createResolver']> | undefined,
  check: ReturnType<typeof boundsCheckOf>,
  ref: SchemaRef,
) {
  return (payload: Buffer): unknown => {
    try {
      check?.(payload);
      return reader.fromBuffer(payload, resolver);
    } catch (error) {
      throw undecodable(`is not Avro of schema ${ref}: ${messageOf(error)}`, error);
    }
  };
}

function toBuffer(type: avro.Type, value: unknown, topic: string): Buffer {
  try {
    return type.toBuffer(value);
  } catch (error) {
    throw new HeadraceError('INPUT_INVALID', `Value for topic ${topic} does not fit its schema: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function undecodable(what: string, cause?: unknown): HeadraceError {
  return new HeadraceError('UNDECODABLE', `The value ${what}`, { cause });
}
