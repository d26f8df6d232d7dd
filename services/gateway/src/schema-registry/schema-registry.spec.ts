import { InMemoryEventLog } from '@headrace/event-log';
import { silentLogger } from '@headrace/service-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseAvro } from './avro-schema.js';
import { SchemaLog } from './schema-log.js';
import { SchemaRegistry } from './schema-registry.js';

const INT = parseAvro('"int"');
const LONG = parseAvro('"long"');
const STRING = parseAvro('"string"');
const code = (errorCode: number) => expect.objectContaining({ errorCode }) as unknown as Error;

describe('SchemaRegistry', () => {
  let eventLog: InMemoryEventLog;
  let registry: SchemaRegistry;

  beforeEach(async () => {
    eventLog = new InMemoryEventLog();
    const log = new SchemaLog(eventLog, silentLogger());
    await log.open();
    registry = new SchemaRegistry(log);
  });
  afterEach(() => eventLog.close());

  it('registering a schema again gives the same id and version', async () => {
    const first = await registry.register('s', INT);
    expect(await registry.register('s', INT)).toMatchObject({ id: first.id, version: first.version });
    expect(registry.versions('s')).toHaveLength(1);
  });

  it('a schema has one id in all subjects', async () => {
    const { id } = await registry.register('s', INT);
    await registry.register('t', LONG);
    expect((await registry.register('t2', INT)).id).toBe(id);
    expect(registry.byId(id).map((record) => record.subject)).toEqual(['s', 't2']);
  });

  it('an incompatible schema is refused with 409 and not kept', async () => {
    await registry.register('s', INT);
    await expect(registry.register('s', STRING)).rejects.toMatchObject({ errorCode: 409 });
    expect(registry.versions('s')).toHaveLength(1);
    await registry.setLevel('s', 'NONE');
    expect((await registry.register('s', STRING)).version).toBe(2);
  });

  it("a subject's level wins over the global one, and the global one over the default", async () => {
    expect(registry.effectiveLevel('s')).toBe('BACKWARD');
    await registry.setLevel(null, 'FULL');
    expect(registry.effectiveLevel('s')).toBe('FULL');
    await registry.setLevel('s', 'NONE');
    expect(registry.effectiveLevel('s')).toBe('NONE');
    expect(await registry.unsetLevel('s')).toBe('NONE');
    await registry.unsetLevel(null);
    expect(registry.effectiveLevel('s')).toBe('BACKWARD');
  });

  it('a soft-deleted version is gone from its subject, but its id still resolves', async () => {
    const { id } = await registry.register('s', INT);
    await registry.register('s', LONG);
    expect(await registry.deleteVersion('s', 1, false)).toBe(1);
    expect(registry.versions('s').map((record) => record.version)).toEqual([2]);
    expect(registry.versions('s', { deleted: true }).map((record) => record.version)).toEqual([1, 2]);
    expect(registry.byId(id)).toHaveLength(1);
    await expect(registry.deleteVersion('s', 1, false)).rejects.toMatchObject({ errorCode: 40406 });
    await registry.deleteVersion('s', 1, true);
    expect(() => registry.byId(id)).toThrow(code(40403));
  });

  it('a soft-deleted schema that comes back is a new version with its old id, and is not compared with what was deleted', async () => {
    const { id } = await registry.register('s', INT);
    await registry.deleteSubject('s', false);
    expect(registry.subjects('')).toEqual([]);
    expect(registry.subjects('', { deleted: true })).toEqual(['s']);
    expect(registry.subjects('', { deletedOnly: true })).toEqual(['s']);
    expect((await registry.register('s', STRING)).version).toBe(2);
    await registry.setLevel('s', 'NONE');
    expect(await registry.register('s', INT)).toMatchObject({ id, version: 3 });
  });

  it('for good only after softly', async () => {
    await registry.register('s', INT);
    await expect(registry.deleteVersion('s', 1, true)).rejects.toMatchObject({ errorCode: 40407 });
    await expect(registry.deleteSubject('s', true)).rejects.toMatchObject({ errorCode: 40405 });
    expect(await registry.deleteSubject('s', false)).toEqual([1]);
    await expect(registry.deleteSubject('s', false)).rejects.toMatchObject({ errorCode: 40404 });
    expect(await registry.deleteSubject('s', true)).toEqual([1]);
    await expect(registry.deleteSubject('s', true)).rejects.toMatchObject({ errorCode: 40401 });
  });

  it('deleting a subject removes its own level', async () => {
    await registry.register('s', INT);
    await registry.setLevel('s', 'NONE');
    await registry.deleteSubject('s', false);
    expect(registry.level('s')).toBeUndefined();
  });

  it('looks up by content', async () => {
    expect(() => registry.lookup('s', INT)).toThrow(code(40401));
    const record = await registry.register('s', INT);
    expect(registry.lookup('s', parseAvro('{"type":"int"}'))).toMatchObject({ id: record.id, version: 1 });
    expect(() => registry.lookup('s', LONG)).toThrow(code(40403));
  });

  it('names what is missing', async () => {
    expect(() => registry.versions('s')).toThrow(code(40401));
    await registry.register('s', INT);
    expect(() => registry.version('s', 7)).toThrow(code(40402));
    expect(registry.version('s', 'latest').version).toBe(1);
    expect(() => registry.byId(99)).toThrow(code(40403));
    expect(() => registry.byGuid('99')).toThrow(code(40403));
  });

  it('checks without registering; a subject that does not exist takes anything', async () => {
    expect(registry.check('s', STRING)).toEqual([]);
    expect(registry.check('s', STRING, 'latest')).toEqual([]);
    expect(() => registry.check('s', STRING, 1)).toThrow(code(40401));
    await registry.register('s', INT);
    await registry.register('s', LONG);
    expect(registry.check('s', INT)).toHaveLength(1);
    expect(registry.check('s', INT, 1)).toEqual([]);
    expect(registry.versions('s')).toHaveLength(2);
  });
});
