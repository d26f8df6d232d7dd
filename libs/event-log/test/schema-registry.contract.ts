import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { schemaGuid, type SchemaRegistry } from '../src/schema-registry.js';

/** What the HTTP adapter, in front of our gateway, and its in-memory twin promise. */
export function schemaRegistryContract(registry: () => SchemaRegistry): void {
  const subject = () => `contract-${randomUUID()}-value`;
  /** In the registry's canonical form, which is what the GUID is made of. */
  const schema = (...fields: object[]) =>
    JSON.stringify({ type: 'record', name: `R${randomUUID().replaceAll('-', '')}`, fields });
  const int = (name: string) => ({ name, type: 'int', default: 0 });

  it('finds by id, and by the GUID that is made of the text alone', async () => {
    const text = schema(int('a'));
    const id = await registry().idOf(subject(), text);
    expect(await registry().find(id)).toEqual({ schema: text, schemaType: 'AVRO' });
    expect(await registry().find(schemaGuid(text))).toEqual({ schema: text, schemaType: 'AVRO' });
    expect(await registry().schemaOf(id)).toBe(text);
  });

  it('gives one schema one id, under whatever subject', async () => {
    const text = schema(int('a'));
    const id = await registry().idOf(subject(), text);
    expect(await registry().idOf(subject(), text)).toBe(id);
  });

  it.each([2 ** 31 - 1, '00000000-0000-0000-0000-000000000000'])('does not know %s', async (ref) => {
    await expect(registry().find(ref)).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' });
    await expect(registry().schemaOf(ref)).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' });
  });

  describe('latest', () => {
    it('is the newest version as it is now', async () => {
      const of = subject();
      const one = schema(int('a'));
      const two = JSON.stringify({ ...(JSON.parse(one) as object), fields: [int('a'), int('b')] });
      const first = await registry().idOf(of, one);
      expect(await registry().latest(of)).toEqual({ id: first, schema: one, schemaType: 'AVRO' });
      const second = await registry().idOf(of, two);
      expect(await registry().latest(of)).toEqual({ id: second, schema: two, schemaType: 'AVRO' });
    });

    it('is null of a subject that nobody registered', async () =>
      expect(await registry().latest(subject())).toBeNull());
  });
}
