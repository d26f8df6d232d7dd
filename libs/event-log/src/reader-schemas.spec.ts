import { beforeEach, describe, expect, it } from '@jest/globals';
import { HeadraceError } from '@headrace/service-kit';
import { ReaderSchemas } from './reader-schemas.js';
import { InMemorySchemaRegistry, schemaGuid } from './schema-registry.js';

const generation = (count: number) =>
  JSON.stringify({
    type: 'record',
    name: 'F',
    fields: Array.from({ length: count }, (_, n) => ({ name: `f${n}`, type: 'double', default: n })),
  });

describe('ReaderSchemas', () => {
  let registry: InMemorySchemaRegistry;
  let asked: number;
  let away: boolean;
  let clock: number;
  let schemas: ReaderSchemas;

  beforeEach(() => {
    [asked, away, clock] = [0, false, 0];
    registry = new InMemorySchemaRegistry();
    const latest = registry.latest.bind(registry);
    registry.latest = async (subject) => {
      asked++;
      if (away) throw new HeadraceError('UNAVAILABLE', 'away');
      return latest(subject);
    };
    schemas = new ReaderSchemas(registry, () => clock);
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('gives the same object as long as nothing changes, by id and by GUID, and asks the registry once a writer', async () => {
    const id = await registry.idOf('s', generation(1));
    const first = await schemas.readerSchemaFor('s', id);
    expect(await schemas.readerSchemaFor('s', id)).toBe(first);
    expect(await schemas.readerSchemaFor('s', schemaGuid(generation(1)))).toEqual(first);
    expect(asked).toBe(2);
  });

  it('a writer not seen before shows the new version at once, to earlier writers as well', async () => {
    const one = await registry.idOf('s', generation(1));
    await schemas.readerSchemaFor('s', one);
    const two = await registry.idOf('s', generation(2));
    expect((await schemas.readerSchemaFor('s', one)).reader).toBe(generation(1));
    expect((await schemas.readerSchemaFor('s', two)).reader).toBe(generation(2));
    expect(await schemas.readerSchemaFor('s', one)).toEqual({
      format: 'avro',
      writer: generation(1),
      reader: generation(2),
    });
  });

  it('a new version that nobody has written with is seen after half a minute, and nobody waits for it', async () => {
    const one = await registry.idOf('s', generation(1));
    await schemas.readerSchemaFor('s', one);
    await registry.idOf('s', generation(2));
    clock = 30_000;
    await schemas.readerSchemaFor('s', one);
    await settled();
    expect(asked).toBe(1);
    clock = 30_001;
    expect((await schemas.readerSchemaFor('s', one)).reader).toBe(generation(1));
    await settled();
    expect((await schemas.readerSchemaFor('s', one)).reader).toBe(generation(2));
    expect(asked).toBe(2);
  });

  it('while the registry is away what is known stays, is asked for again after half a minute, and a new writer waits', async () => {
    const one = await registry.idOf('s', generation(1));
    await schemas.readerSchemaFor('s', one);
    [away, clock] = [true, 40_000];
    for (let n = 0; n < 3; n++) {
      expect((await schemas.readerSchemaFor('s', one)).reader).toBe(generation(1));
      await settled();
    }
    expect(asked).toBe(2);
    const two = await registry.idOf('s', generation(2));
    await expect(schemas.readerSchemaFor('s', two)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    away = false;
    expect((await schemas.readerSchemaFor('s', two)).reader).toBe(generation(2));
  });

  it('JSON Schema means JSON; Protobuf is the record’s fault, and says so; so is a reference that nobody knows', async () => {
    const json = registry.register('s', { schema: '{"type": "object"}', schemaType: 'JSON' });
    expect(await schemas.readerSchemaFor('s', json)).toMatchObject({ format: 'json' });
    const protobuf = registry.register('s', { schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' });
    await expect(schemas.readerSchemaFor('s', protobuf)).rejects.toMatchObject({
      code: 'UNDECODABLE',
      message: expect.stringContaining('PROTOBUF'),
    });
    await expect(schemas.readerSchemaFor('s', 99)).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' });
  });

  it('a subject whose latest schema is no Avro, or that does not exist, leaves values as they were written', async () => {
    const one = await registry.idOf('other', generation(1));
    registry.register('s', { schema: '{"type": "object"}', schemaType: 'JSON' });
    for (const subject of ['s', 'nobody'])
      expect(await schemas.readerSchemaFor(subject, one)).toMatchObject({ reader: generation(1) });
  });
});
