import type { Topic } from '@headrace/contracts';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import avro from 'avsc';
import type { SchemaRegistry } from './schema-registry.js';

const MAGIC = 0;
/** Magic byte and schema id, big endian. */
const PREFIX_BYTES = 5;

type Decode = (payload: Buffer) => unknown;

/**
 * Values to bytes and back: Avro in Confluent framing, JSON on users' topics, bytes where a topic has no schema.
 * Decoders are cached by writer schema id and reader.
 */
export class Serde {
  private readonly types = new Map<string, avro.Type>();
  private readonly decoders = new Map<string, Promise<Decode>>();

  constructor(private readonly registry: SchemaRegistry) {}

  /** @throws HeadraceError INPUT_INVALID when the value does not fit the schema, UNAVAILABLE without the registry */
  async encode<T>(topic: Topic<T>, value: T | null): Promise<Buffer | null> {
    if (value === null) return null;
    if (topic.schema === null) return Buffer.from(value as Uint8Array);
    const id = await this.registry.idOf(`${topic.name}-value`, topic.schema);
    const body = toBuffer(this.type(topic.schema), value, topic.name);
    const framed = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
    framed.writeUInt8(MAGIC, 0);
    framed.writeUInt32BE(id, 1);
    body.copy(framed, PREFIX_BYTES);
    return framed;
  }

  /**
   * Resolves to the decoded value; a reader of the catalogue gets its own schema's shape, a user's topic the writer's.
   * @throws HeadraceError UNDECODABLE or SCHEMA_UNKNOWN when the bytes are at fault, UNAVAILABLE without the registry
   */
  async decode(topic: Topic<unknown> | string, raw: Buffer | null): Promise<unknown> {
    if (typeof topic !== 'string') {
      if (raw === null || topic.schema === null) return raw;
      if (!isFramed(raw)) throw undecodable('does not begin with the Confluent magic byte 0 and a schema id');
      return this.decodeAvro(raw, topic.schema);
    }
    if (raw === null || raw.length === 0) throw undecodable('is empty');
    return isFramed(raw) ? this.decodeAvro(raw, null) : decodeJson(raw);
  }

  private async decodeAvro(raw: Buffer, readerSchema: string | null): Promise<unknown> {
    const decode = await this.decoder(raw.readUInt32BE(1), readerSchema);
    return decode(raw.subarray(PREFIX_BYTES));
  }

  private decoder(id: number, readerSchema: string | null): Promise<Decode> {
    const key = `${id} ${readerSchema ?? ''}`;
    let decoder = this.decoders.get(key);
    if (!decoder) {
      decoder = this.createDecoder(id, readerSchema);
      this.decoders.set(key, decoder);
      decoder.catch(() => this.decoders.delete(key));
    }
    return decoder;
  }

  private async createDecoder(id: number, readerSchema: string | null): Promise<Decode> {
    const writer = this.writer(id, await this.registry.schemaOf(id));
    const reader = readerSchema === null ? writer : this.type(readerSchema);
    const resolver = reader === writer ? undefined : resolverOf(reader, writer, id);
    return (payload) => {
      try {
        return reader.fromBuffer(payload, resolver);
      } catch (error) {
        throw undecodable(`is not Avro of schema id ${id}: ${messageOf(error)}`, error);
      }
    };
  }

  /** A registry may hold what is no Avro (Protobuf, JSON Schema), or more than avsc knows: the record is at fault, not we. */
  private writer(id: number, schema: string): avro.Type {
    try {
      return this.type(schema);
    } catch (error) {
      throw undecodable(
        `was written with schema id ${id}, which is no Avro schema we can read: ${messageOf(error)}`,
        error,
      );
    }
  }

  private type(schema: string): avro.Type {
    let type = this.types.get(schema);
    if (!type) {
      type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'auto' });
      this.types.set(schema, type);
    }
    return type;
  }
}

function isFramed(raw: Buffer): boolean {
  return raw.length >= PREFIX_BYTES && raw[0] === MAGIC;
}

function decodeJson(raw: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch (error) {
    throw undecodable(`is neither Avro in Confluent framing nor JSON: ${messageOf(error)}`, error);
  }
}

function resolverOf(reader: avro.Type, writer: avro.Type, id: number): ReturnType<avro.Type['createResolver']> {
  try {
    return reader.createResolver(writer);
  } catch (error) {
    throw undecodable(`was written with schema id ${id}, which cannot be read as ours: ${messageOf(error)}`, error);
  }
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
