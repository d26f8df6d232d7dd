import avro, { type Schema, type Type } from 'avsc';
import type { GatewayClient } from '../gateway/gateway-client.js';
import { GatewayUnreachable } from '../gateway/gateway-error.js';

const MAGIC = 0;
const PREFIX_BYTES = 5;
const LENGTH_BYTES = 4;

/**
 * Turns `kcat -D '' -f '%R%s'` output (each value behind its length, a big-endian int32, −1 for a tombstone) into lines of JSON:
 * Avro in Confluent framing by the schema it was written with, JSON as it is.
 */
export async function* decodeValues(gateway: GatewayClient, input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const types = new Map<number, Promise<Type>>();
  const typeOf = (id: number): Promise<Type> => {
    if (!types.has(id)) types.set(id, loadType(gateway, id));
    return types.get(id)!;
  };
  for await (const value of framesOf(input)) {
    const isAvro = value[0] === MAGIC && value.length >= PREFIX_BYTES;
    yield isAvro ? toJson(await typeOf(value.readUInt32BE(1)), value) : value.toString('utf8');
  }
}

/** For people: JSON in lines, Avro as such JSON where the registry has its schema, else hex. */
export async function valueToText(gateway: GatewayClient, value: Buffer): Promise<string> {
  try {
    const isAvro = value[0] === MAGIC && value.length >= PREFIX_BYTES;
    const json = isAvro ? toJson(await loadType(gateway, value.readUInt32BE(1)), value) : utf8(value);
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch (error) {
    if (error instanceof GatewayUnreachable) throw error;
    return value.toString('hex').replace(/(.{64})(?=.)/g, '$1\n');
  }
}

function utf8(value: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(value);
}

/** Plain JSON, without Avro's own wrapping of unions. */
function toJson(type: Type, framed: Buffer): string {
  const value: unknown = type.fromBuffer(framed.subarray(PREFIX_BYTES));
  return JSON.stringify(value, (_, each: unknown) => (Buffer.isBuffer(each) ? each.toString('base64') : each));
}

async function loadType(gateway: GatewayClient, id: number): Promise<Type> {
  const { schema } = await gateway.get<{ schema: string }>(`/schemas/ids/${id}`);
  return avro.Type.forSchema(JSON.parse(schema) as Schema, { wrapUnions: 'auto' });
}

async function* framesOf(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const length = Math.max(0, rest.readInt32BE(0));
      if (rest.length < LENGTH_BYTES + length) break;
      if (length > 0) yield rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
      rest = rest.subarray(LENGTH_BYTES + length);
    }
  }
  if (rest.length > 0) throw new Error(`the input ends inside a record: expected the output of kcat -D '' -f '%R%s'`);
}
