import { describe, expect, it } from '@jest/globals';
import { schemaRegistryContract } from '../test/schema-registry.contract.js';
import { InMemorySchemaRegistry, schemaGuid } from './schema-registry.js';

describe('InMemorySchemaRegistry', () => {
  const registry = new InMemorySchemaRegistry();
  schemaRegistryContract(() => registry);
});

it('schemaGuid is what Confluent’s registry gives', () => {
  // SchemaValueTest.testSchemaValueMD5 of confluentinc/schema-registry pins the same bytes.
  const text = '{"type":"record","name":"myrecord","fields":[{"type":"string","default":null,"name":"f"}]}';
  expect(schemaGuid(text)).toBe('1d20cbb9-e5e3-5e97-54e7-da170b6e5ddb');
});
