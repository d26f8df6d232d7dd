import avro, { type Schema, type Type } from 'avsc';

const MAGIC = 0;
const PREFIX_BYTES = 5;

/** Avro in Confluent framing through a schema registry's public API, as any client does it. */
export class AvroCodec {
  private readonly readers = new Map<number, Promise<Type | null>>();

  constructor(private readonly registryUrl: string) {}

  /** Registers the schema under `<topic>-value` and returns what encodes values with it. */
  async encoder(topic: string, schema: Schema): Promise<(value: unknown) => Buffer> {
    const type = avro.Type.forSchema(schema);
    const body = JSON.stringify({ schemaType: 'AVRO', schema: JSON.stringify(schema) });
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const url = `${this.registryUrl}/subjects/${topic}-value/versions`;
    const answer = await this.read(await fetch(url, { method: 'POST', body, headers }));
    const prefix = Buffer.alloc(PREFIX_BYTES, MAGIC);
    prefix.writeInt32BE((answer as { id: number }).id, 1);
    return (value) => Buffer.concat([prefix, type.toBuffer(value)]);
  }

  /** Decodes Avro with the schema that wrote it, and JSON; null for what is neither: anyone may write to a user's topic. */
  async decode(value: Buffer): Promise<unknown> {
    const isFramed = value.length >= PREFIX_BYTES && value[0] === MAGIC;
    const type = isFramed ? await this.reader(value.readInt32BE(1)) : null;
    try {
      return type ? type.fromBuffer(value.subarray(PREFIX_BYTES)) : JSON.parse(value.toString('utf8'));
    } catch {
      return null;
    }
  }

  private reader(id: number): Promise<Type | null> {
    let reader = this.readers.get(id);
    if (!reader) {
      reader = this.load(id);
      reader.catch(() => this.readers.delete(id));
      this.readers.set(id, reader);
    }
    return reader;
  }

  /** Null for an id that no schema has. */
  private async load(id: number): Promise<Type | null> {
    const answer = await fetch(`${this.registryUrl}/schemas/ids/${id}`);
    if (answer.status === 404) return null;
    const { schema } = (await this.read(answer)) as { schema: string };
    return avro.Type.forSchema(JSON.parse(schema) as Schema, { wrapUnions: 'auto' });
  }

  private async read(response: Response): Promise<unknown> {
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    throw new Error(`schema registry at ${this.registryUrl}: ${response.status} to ${response.url}: ${text}`);
  }
}
