import { testCluster, uniqueName, type Service } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const schema = (name: string, fields: unknown[] = []) => JSON.stringify({ type: 'record', name, fields });
const ONE = schema('One');
const field = (name: string, more = {}) => ({ name, type: 'int', ...more });

describe('the schema registry API over a real Kafka', () => {
  /** A log of its own: the cluster's gateway stays the writer of the shared one. */
  const env = { SCHEMAS_TOPIC: uniqueName('schemas') };
  let gateway: Service;

  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: (await response.json()) as any,
    };
  }
  const register = (subject: string, text: string) => call('POST', `/subjects/${subject}/versions`, { schema: text });

  beforeAll(async () => {
    gateway = await testCluster.startService('gateway', env);
  });
  afterAll(() => gateway.stop());

  it('registers, finds by id, GUID, subject and version, and answers in its own content type', async () => {
    const { status, type, body } = await register('a-value', ONE);
    expect({ status, type }).toEqual({
      status: 200,
      type: expect.stringContaining('application/vnd.schemaregistry.v1+json'),
    });
    const whole = { subject: 'a-value', id: body.id, version: 1, guid: body.guid, schema: ONE };
    expect((await call('GET', `/schemas/ids/${body.id}`)).body).toEqual({ schema: ONE, guid: body.guid });
    expect((await call('GET', `/schemas/ids/${body.id}/schema`)).body).toEqual(JSON.parse(ONE));
    expect((await call('GET', `/schemas/ids/${body.id}/versions`)).body).toEqual([{ subject: 'a-value', version: 1 }]);
    expect((await call('GET', `/schemas/ids/${body.id}/subjects`)).body).toEqual(['a-value']);
    expect((await call('GET', `/schemas/guids/${body.guid}`)).body).toMatchObject({ schema: ONE });
    expect((await call('GET', '/subjects/a-value/versions/latest')).body).toEqual(whole);
    expect((await call('GET', '/subjects/a-value/versions/1/schema')).body).toEqual(JSON.parse(ONE));
    expect((await call('POST', '/subjects/a-value', { schema: ONE })).body).toEqual(whole);
    expect((await call('GET', '/subjects?subjectPrefix=a-')).body).toEqual(['a-value']);
    expect((await call('GET', '/schemas?subjectPrefix=a-')).body).toEqual([whole]);
    expect((await call('GET', '/schemas/types')).body).toEqual(['AVRO']);
    expect((await call('GET', '/mode')).body).toEqual({ mode: 'READWRITE' });
  });

  it.each([
    ['GET', '/subjects/nope/versions', undefined, 404, 40401],
    ['GET', '/subjects/a-value/versions/9', undefined, 404, 40402],
    ['GET', '/subjects/a-value/versions/zero', undefined, 422, 42202],
    ['GET', '/schemas/ids/9999', undefined, 404, 40403],
    ['POST', '/subjects/b/versions', { schema: '{' }, 422, 42201],
    ['POST', '/subjects/b/versions', { schema: '{}', schemaType: 'PROTOBUF' }, 422, 42201],
    ['PUT', '/config', { compatibility: 'MOSTLY' }, 422, 42203],
    ['GET', '/config/nope', undefined, 404, 40408],
    ['POST', '/compatibility/subjects/nope/versions/1', { schema: ONE }, 404, 40401],
  ])('%s %s %j is answered %d with error_code %d', async (method, path, body, status, errorCode) => {
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status, body: { error_code: errorCode, message: expect.any(String) } });
  });

  it('an incompatible schema is refused with 409, unless the subject says NONE', async () => {
    await register('c', ONE);
    const incompatible = schema('One', [field('x')]);
    expect(await register('c', incompatible)).toMatchObject({ status: 409, body: { error_code: 409 } });
    const check = await call('POST', '/compatibility/subjects/c/versions/latest?verbose=true', {
      schema: incompatible,
    });
    expect(check.body).toEqual({ is_compatible: false, messages: [expect.stringContaining('One.x')] });
    expect((await call('PUT', '/config/c', { compatibility: 'NONE' })).body).toEqual({ compatibility: 'NONE' });
    expect((await call('GET', '/config/c')).body).toEqual({ compatibilityLevel: 'NONE' });
    expect((await register('c', incompatible)).status).toBe(200);
    expect((await call('DELETE', '/config/c')).body).toEqual({ compatibilityLevel: 'NONE' });
    expect((await call('GET', '/config/c?defaultToGlobal=true')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
  });

  it('deletes softly, then for good', async () => {
    const { id } = (await register('d', schema('D'))).body;
    expect((await call('DELETE', '/subjects/d/versions/1')).body).toBe(1);
    expect((await call('GET', `/schemas/ids/${id}`)).status).toBe(200);
    expect((await call('GET', '/subjects/d/versions?deleted=true')).body).toEqual([1]);
    expect((await call('DELETE', '/subjects/d?permanent=true')).body).toEqual([1]);
    expect((await call('GET', `/schemas/ids/${id}`)).status).toBe(404);
  });

  it('a gateway killed amid registrations has, restarted, everything that it answered, under the same ids', async () => {
    const answered = new Map<string, number>();
    const names = Array.from({ length: 300 }, (_, n) => `K${n}`);
    const registrations = names.map(async (name) => {
      const answer = await register(`kill-${name}`, schema(name)).catch(() => undefined);
      if (answer?.status !== 200) return;
      answered.set(name, answer.body.id);
      if (answered.size === 20) void gateway.kill();
    });
    await Promise.all(registrations);
    await gateway.kill();
    expect(answered.size).toBeGreaterThanOrEqual(20);
    expect(answered.size).toBeLessThan(names.length);

    gateway = await testCluster.startService('gateway', env);
    for (const [name, id] of answered)
      expect((await call('GET', `/subjects/kill-${name}/versions/1`)).body).toMatchObject({ id, schema: schema(name) });
    const again = await Promise.all(names.map(async (name) => (await register(`kill-${name}`, schema(name))).body.id));
    expect(new Set(again).size).toBe(names.length);
    for (const [name, id] of answered) expect(again[names.indexOf(name)]).toBe(id);
  });

  it('a second gateway takes over: the first one turns unready and refuses to write, and no id is given twice', async () => {
    const first = gateway;
    gateway = await testCluster.startService('gateway', env);
    const { body } = await register('take-over', schema('TakeOver'));
    expect(body.id).toBeGreaterThan(0);
    const refused = await fetch(`${first.url}/subjects/late/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: schema('Late') }),
    });
    expect({ status: refused.status, body: await refused.json() }).toMatchObject({
      status: 500,
      body: { error_code: 50003 },
    });
    expect((await fetch(`${first.url}/health/ready`)).status).toBe(503);
    await first.stop();
  });
});
