import { varlongSize, writeVarlong } from '@headrace/event-log';

// Avro's ints and longs lie as Kafka's varlongs do: zigzag, seven bits a byte.

export function avroLongs(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, value) => sum + varlongSize(value), 0));
  values.reduce((at, value) => writeVarlong(bytes, at, value), 0);
  return bytes;
}

export function avroStrings(...texts: string[]): Uint8Array {
  return concatBytes(...texts.flatMap((text) => [avroLongs(Buffer.byteLength(text)), Buffer.from(text)]));
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Longer ones are faster copied by the engine, which costs a call. */
const COPIED_BY_HAND = 48;

export function put(target: Uint8Array, at: number, part: Uint8Array): number {
  const { length } = part;
  if (length > COPIED_BY_HAND) target.set(part, at);
  else for (let i = 0; i < length; i++) target[at + i] = part[i]!;
  return at + length;
}

export function putRange(target: Uint8Array, at: number, from: Uint8Array, start: number, length: number): number {
  if (length > COPIED_BY_HAND) target.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) target[at + i] = from[start + i]!;
  return at + length;
}
