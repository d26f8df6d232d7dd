import { topics } from '@headrace/contracts';
import { InMemoryEventLog } from '@headrace/event-log';
import { silentLogger } from '@headrace/service-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseAvro } from './avro-schema.js';
import { SchemaLog } from './schema-log.js';
import { encodeRecord, keyOf } from './schema-records.js';
import { SchemaRegistry } from './schema-registry.js';

const schema = (name: string) => parseAvro(JSON.stringify({ type: 'enum', name, symbols: ['A'] }));

describe('SchemaLog', () => {
  let eventLog: InMemoryEventLog;

  async function open() {
    const log = new SchemaLog(eventLog, silentLogger());
    await log.open();
    return { log, registry: new SchemaRegistry(log) };
  }

  /** What a reader that starts now sees. */
  async function reloaded() {
    return (await open()).registry;
  }

  beforeEach(() => {
    eventLog = new InMemoryEventLog();
  });
  afterEach(() => eventLog.close());

  it('a process that starts anew has the same state', async () => {
    const { registry } = await open();
    await registry.register('s', schema('One'));
    await registry.register('t', schema('Two'));
    await registry.setLevel('s', 'NONE');
    await registry.register('s', schema('Two'));
    await registry.deleteVersion('s', 1, false);
    const again = await reloaded();
    expect(again.versions('s', { deleted: true })).toEqual(registry.versions('s', { deleted: true }));
    expect(again.versions('t')).toEqual(registry.versions('t'));
    expect(again.level('s')).toBe('NONE');
  });

  it('concurrent registrations get different ids', async () => {
    const { registry } = await open();
    const names = Array.from({ length: 20 }, (_, n) => `E${n}`);
    const records = await Promise.all(names.map((name) => registry.register(name, schema(name))));
    expect(new Set(records.map((record) => record.id)).size).toBe(20);
  });

  it('an id is never given twice, even after its schema is gone for good and the process restarted', async () => {
    const { registry } = await open();
    await registry.register('s', schema('One'));
    const { id } = await registry.register('t', schema('Two'));
    await registry.deleteSubject('t', false);
    await registry.deleteSubject('t', true);
    expect((await (await reloaded()).register('u', schema('Three'))).id).toBe(id + 1);
  });

  it('the process that started last is the one writer; the earlier one still reads, and refuses to write', async () => {
    const earlier = await open();
    const later = await open();
    await expect(earlier.registry.register('s', schema('One'))).rejects.toMatchObject({ errorCode: 50003 });
    const { id } = await later.registry.register('s', schema('One'));
    expect(earlier.registry.byId(id)).toHaveLength(1);
  });

  it("an earlier writer's record behind the take-over is ignored, undone, and stays undone after a reload", async () => {
    const { registry } = await open();
    const mine = await registry.register('s', schema('One'));
    const late = {
      kind: 'SCHEMA' as const,
      subject: 's',
      version: 1,
      id: 1,
      guid: 'x',
      schema: '"int"',
      deleted: false,
    };
    const value = encodeRecord({ ...late, writer: 'someone-earlier' });
    await eventLog.publish([{ topic: topics.schemas, key: keyOf(late), value }]);
    await registry.register('t', schema('Two'));
    expect(registry.version('s', 1).guid).toBe(mine.guid);
    expect((await reloaded()).version('s', 1).guid).toBe(mine.guid);
  });

  it('a write that the log does not acknowledge is answered with 50001 and can be repeated', async () => {
    const { registry } = await open();
    const publish = eventLog.publish.bind(eventLog);
    eventLog.publish = () => Promise.reject(new Error('no brokers'));
    await expect(registry.register('s', schema('One'))).rejects.toMatchObject({ errorCode: 50001 });
    eventLog.publish = publish;
    expect((await registry.register('s', schema('One'))).version).toBe(1);
  });

  it('a record that is no registry record stops nothing', async () => {
    await eventLog.publish([{ topic: topics.schemas, key: 'x', value: Buffer.from('garbage') }]);
    const { registry } = await open();
    expect((await registry.register('s', schema('One'))).id).toBe(1);
  });
});
