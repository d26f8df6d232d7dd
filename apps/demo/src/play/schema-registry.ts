import avro, { type Schema, type Type } from 'avsc';

const MAGIC = 0;
const PREFIX_BYTES = 5;

/** Avro in Confluent framing through a schema registry's public API, as any client does it. */
export class AvroCodec {
  private readonly readers = new Map<number, Promise<Type>>();

  constructor(private readonly registryUrl: string) {}

  /** Registers the schema under `<topic>-value` and returns what encodes values with it. */
  async encoder(topic: string, schema: Schema): Promise<(value: unknown) => Buffer> {
    const type = avro.Type.forSchema(schema);
    const body = JSON.stringify({ schemaType: 'AVRO', schema: JSON.stringify(schema) });
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const answer = await this.call(`/subjects/${topic}-value/versions`, { method: 'POST', body, headers });
    const prefix = Buffer.alloc(PREFIX_BYTES, MAGIC);
    prefix.writeInt32BE((answer as { id: number }).id, 1);
    return (value) => Buffer.concat([prefix, type.toBuffer(value)]);
  }

  /** Decodes with the schema that wrote the value. */
  async decode(framed: Buffer): Promise<unknown> {
    const type = await this.reader(framed.readInt32BE(1));
    return type.fromBuffer(framed.subarray(PREFIX_BYTES));
  }

  private reader(id: number): Promise<Type> {
    let reader = this.readers.get(id);
    if (!reader) {
      reader = this.load(id);
      reader.catch(() => this.readers.delete(id));
      this.readers.set(id, reader);
    }
    return reader;
  }

  private async load(id: number): Promise<Type> {
    const { schema } = (await this.call(`/schemas/ids/${id}`, {})) as { schema: string };
    return avro.Type.forSchema(JSON.parse(schema) as Schema, { wrapUnions: 'auto' });
  }

  private async call(path: string, init: RequestInit): Promise<unknown> {
    const response = await fetch(`${this.registryUrl}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`schema registry at ${this.registryUrl}: ${response.status} to ${path}: ${text}`);
    return JSON.parse(text);
  }
}
