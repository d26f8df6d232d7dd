import { HeadraceError, messageOf } from '@headrace/service-kit';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A JSON value; of Kafka Connect's envelope {"schema": …, "payload": …} (JsonConverter with schemas.enable) the payload.
 * Of a key that is there twice the last counts, as for most readers.
 * @throws HeadraceError UNDECODABLE
 */
export function jsonValue(bytes: Uint8Array): unknown {
  try {
    return withoutEnvelope(JSON.parse(utf8.decode(bytes)));
  } catch (error) {
    throw new HeadraceError(
      'UNDECODABLE',
      `The value is neither Avro in Confluent framing nor JSON: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Connect's own rule (JsonConverter): an object of exactly these two fields. A schema says its type, or is null where there is none. */
export function withoutEnvelope(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (!Object.hasOwn(value, 'payload') || !Object.hasOwn(value, 'schema')) return value;
  const { schema, payload } = value as { schema: unknown; payload: unknown };
  return Object.keys(value).length === 2 && isConnectSchema(schema) ? payload : value;
}

function isConnectSchema(schema: unknown): boolean {
  if (schema === null) return true;
  return typeof schema === 'object' && typeof (schema as { type?: unknown }).type === 'string';
}
