import { describe } from '@jest/globals';
import { testCluster } from '@headrace/dev';
import { ConfluentSchemaRegistry } from '../src/schema-registry.js';
import { schemaRegistryContract } from './schema-registry.contract.js';

describe('ConfluentSchemaRegistry in front of the gateway', () => {
  const registry = new ConfluentSchemaRegistry(testCluster.schemaRegistryUrl);
  schemaRegistryContract(() => registry);
});
