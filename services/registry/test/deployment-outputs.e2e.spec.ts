import { testCluster, uniqueName } from '@headrace/dev';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RegistryWorld } from './registry-world.js';

const world = new RegistryWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const register = (subject: string, fields: object[]) =>
  fetch(`${testCluster.schemaRegistryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify({ type: 'record', name: 'Decision', fields }) }),
  });
const flow = (input: string, ...[topic, plain]: string[]) => ({
  input: { topic: input, features: ['a'] },
  output: { topic, ...(plain && { plain: { topic: plain, fields: { id: 'recordId' } } }) },
});
const id = { name: 'id', type: 'string' };

it('a plain output is held against its subject’s latest schema when it is applied', async () => {
  const topic = uniqueName('decisions');
  const apply = (fields: object, query = '') =>
    world.apply({ output: { plain: { topic, fields } } }, uniqueName('d'), query);
  const missing = await apply({ id: 'recordId' });
  expect(missing.status).toBe(400);
  expect(missing.body.detail).toContain(`there is no subject '${topic}-value'`);
  await register(`${topic}-value`, [id, { name: 'risk', type: 'double' }, { name: 'n', type: 'int', default: 0 }]);
  const wrong = await apply({ id: 'score', x: 'key' }, '?dryRun=true');
  expect(wrong.status).toBe(400);
  for (const path of ['id', 'risk', 'x']) expect(wrong.body.detail).toContain(`spec.output.plain.fields.${path}: `);
  expect((await apply({ id: 'recordId', risk: 'score' })).status).toBe(200);
});

it('outputs that come back to an input through other deployments are refused, until one of them is gone', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => uniqueName(name));
  const [first, second] = [uniqueName('d'), uniqueName('d')];
  await register(`${a}-value`, [id]);
  expect((await world.apply(flow(a!, b!), first)).status).toBe(200);
  const closing = await world.apply(flow(b!, c!, a!), second);
  expect(closing.status).toBe(400);
  expect(closing.body.detail).toContain(`comes back to ${b} through ${second}, ${first}`);
  expect((await world.apply(flow(b!, c!), second)).status).toBe(200);
  expect((await world.call('DELETE', `/api/headrace/v1/deployments/${first}`)).status).toBe(204);
  expect((await world.apply(flow(b!, c!, a!), second)).status).toBe(200);
});
