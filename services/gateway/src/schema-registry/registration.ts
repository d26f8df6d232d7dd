import { z } from 'zod';
import { parseAvro, type AvroSchema } from './avro-schema.js';
import { registryErrors } from './registry-error.js';

const registration = z.object({
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z.array(z.unknown()).nullish(),
  metadata: z.unknown().optional(),
  ruleSet: z.unknown().optional(),
  id: z.number().int().nullish(),
  version: z.number().int().nullish(),
});

/**
 * The schema in a request body. What this registry does not keep is refused by name, never dropped silently.
 * @throws RegistryError 42201, 42205
 */
export function parseRegistration(body: unknown, normalize: boolean): AvroSchema {
  const parsed = registration.safeParse(body);
  if (!parsed.success)
    throw registryErrors.invalidSchema('expected a JSON object with the schema as a string in "schema"');
  const { schema, schemaType, references, metadata, ruleSet, id, version } = parsed.data;
  if (schemaType && schemaType !== 'AVRO')
    throw registryErrors.invalidSchema(`type ${schemaType} is not supported; this registry keeps AVRO`);
  if (references?.length)
    throw registryErrors.invalidSchema('references are not supported; send the schema self-contained');
  if (metadata || ruleSet) throw registryErrors.invalidSchema('metadata and ruleSet are not supported');
  if ((id ?? -1) > 0 || (version ?? -1) > 0)
    throw registryErrors.notPermitted('Subject is not in import mode; ids and versions are given by the registry');
  return parseAvro(schema, { normalize });
}

/** A version number, or 'latest' (Confluent's -1 too). @throws RegistryError 42202 */
export function parseVersion(text: string): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest';
  const version = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (version < 1 || version > 2 ** 31 - 1) throw registryErrors.invalidVersion(text);
  return version;
}
