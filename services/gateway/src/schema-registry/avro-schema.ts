import { messageOf } from '@headrace/service-kit';
import avro from 'avsc';
import { createHash } from 'node:crypto';
import { canonicalJson, type CanonicalOptions } from './canonical-json.js';
import { registryErrors } from './registry-error.js';

/** A valid Avro schema with its identity. */
export interface AvroSchema {
  /** Canonical JSON: what is stored, answered and compared. */
  readonly text: string;
  /** UUID made of the MD5 of the text, as Confluent's registry makes it; the same wherever the schema is registered. */
  readonly guid: string;
  readonly type: avro.Type;
}

/** @throws RegistryError 42201 saying what is wrong with the text. */
export function parseAvro(text: string, options: CanonicalOptions = { normalize: false }): AvroSchema {
  try {
    const schema = jsonOrName(text);
    const type = typeOf(schema);
    const canonical = canonicalJson(schema as never, options);
    return { text: canonical, guid: guidOf(canonical), type };
  } catch (error) {
    throw registryErrors.invalidSchema(messageOf(error), error);
  }
}

/** The type of a text that was valid when it was stored. */
export function typeOf(schema: unknown): avro.Type {
  return avro.Type.forSchema(schema as avro.Schema, { noAnonymousTypes: true, wrapUnions: 'always' });
}

/** Some clients send a primitive as `string`, without the quotes that JSON asks for. */
function jsonOrName(text: string): unknown {
  return /^[a-z]+$/.test(text.trim()) ? text.trim() : JSON.parse(text);
}

function guidOf(text: string): string {
  const digest = createHash('md5').update(text, 'utf8').digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
