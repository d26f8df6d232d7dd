import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { InMemorySchemaRegistry } from './schema-registry.js';
import { Serde } from './serde.js';

/** A user's topic: whatever is wrong with one record must be that record's fault, or it stops its partition for all. */
describe('a record of a user’s topic', () => {
  const framed = (id: number, body: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, 0, id]), body]);

  async function decoded(schema: string, body: Buffer): Promise<unknown> {
    const registry = new InMemorySchemaRegistry();
    const id = await registry.idOf('users-value', schema);
    return new Serde(registry).decode('users', { raw: framed(id, body), headers: {} });
  }

  it.each([
    ['Protobuf', 'syntax = "proto3"; message Flight { string id = 1; }'],
    ['JSON Schema', '{"type": "object", "properties": {"x": {"type": "number"}}}'],
    ['no type at all', '{"type": "nonsense"}'],
  ])('written with %s is undecodable', (_, schema) =>
    expect(decoded(schema, Buffer.from([0]))).rejects.toMatchObject({ code: 'UNDECODABLE' }),
  );

  it('long, float, unions, nested records and logical types are read; a long beyond 2^53 is undecodable', async () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'Flight',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'x', type: 'float' },
        { name: 'y', type: ['null', 'double'] },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
        { name: 'plane', type: { type: 'record', name: 'Plane', fields: [{ name: 'seats', type: 'int' }] } },
      ],
    });
    const flight = { id: 7, x: 0.5, y: 1.25, at: 981_000_000_000, price: Buffer.from([1]), plane: { seats: 180 } };
    const body = avro.Type.forSchema(JSON.parse(schema)).toBuffer(flight);
    expect(JSON.parse(JSON.stringify(await decoded(schema, body)))).toEqual(JSON.parse(JSON.stringify(flight)));
    const beyond = Buffer.concat([Buffer.from('feffffffffffffffff01', 'hex'), body.subarray(1)]);
    await expect(decoded(schema, beyond)).rejects.toMatchObject({ code: 'UNDECODABLE' });
  });

  it('damaged Avro that claims more items than it has bytes is undecodable, at once', async () => {
    const schema = { type: 'record', name: 'R', fields: [{ name: 'xs', type: { type: 'array', items: 'int' } }] };
    const claims = Buffer.concat([avro.Type.forSchema('long').toBuffer(2 ** 40), Buffer.from([2, 2])]);
    await expect(decoded(JSON.stringify(schema), claims)).rejects.toMatchObject({ code: 'UNDECODABLE' });
  });

  it('deep JSON, and fields that a prototype has too, are data', async () => {
    const serde = new Serde(new InMemorySchemaRegistry());
    const deep = `{"id": "a", "x": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const value = (text: string) => ({ raw: Buffer.from(text), headers: {} });
    expect(await serde.decode('users', value(deep))).toMatchObject({ id: 'a' });
    const polluting = (await serde.decode('users', value('{"__proto__": {"x": 5}}'))) as { x?: number };
    expect([polluting.x, ({} as { x?: number }).x]).toEqual([undefined, undefined]);
  });
});
