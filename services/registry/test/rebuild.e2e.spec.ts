import { topics } from '@headrace/contracts';
import { repositoryRoot, startDisposableCluster, uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RegistryWorld } from './registry-world.js';
import { WebhookReceiver } from './webhook-receiver.js';

const run = promisify(execFile);
const env = {
  WEBHOOK_ALLOWED_SCHEMES: 'http',
  WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
  WEBHOOK_SECRET_KEY: randomBytes(32).toString('base64'),
};
// A cluster of its own, not the one that the environment names: everything on the topic is this registry's.
let cluster: Awaited<ReturnType<typeof startDisposableCluster>>;
const before = { ...process.env };
const receiver = new WebhookReceiver();
let world: RegistryWorld;

beforeAll(async () => {
  for (const name of ['KAFKA_BROKERS', 'DATABASE_URL']) delete process.env[name];
  cluster = await startDisposableCluster();
  Object.assign(process.env, cluster.env);
  world = new RegistryWorld(env);
  await world.start();
}, 180_000);
afterAll(async () => {
  await world.stop();
  await receiver.stop();
  await cluster.stop();
  Object.assign(process.env, before);
}, 60_000);

/** Something of everything: made, changed, moved, renamed and deleted. */
async function live(): Promise<string[]> {
  const url = await receiver.start();
  const events = [
    { entity: 'REGISTERED_MODEL', action: 'CREATED' },
    { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' },
  ];
  await world.mlflow('POST', 'webhooks', { name: 'hook', url, events, secret: 's' });
  const models = [uniqueName('a'), uniqueName('b'), uniqueName('c')];
  for (const name of models)
    await world.mlflow('POST', 'registered-models/create', { name, tags: [{ key: 'team', value: 'x' }] });
  const [kept, renamed, deleted] = models as [string, string, string];
  for (const name of [kept, kept, kept, renamed, deleted]) await world.createVersion(name);
  await world.apply({ model: { name: kept, alias: 'champion' } });
  await world.apply({ model: { name: kept, version: 2 } }, 'pinned');
  await world.apply({ model: { name: kept, version: 3 } }, 'gone');
  await world.call('DELETE', '/api/headrace/v1/deployments/gone');
  await world.mlflow('POST', 'registered-models/alias', { name: kept, alias: 'champion', version: '1' });
  await world.publishVerdict({ model: kept, championVersion: 1, candidateVersion: 2 });
  await waitFor(async () => (await world.call('GET', '/api/headrace/v1/promotions')).body.promotions.length === 2, {
    what: 'the decision',
  });
  const stage = { name: kept, version: '1', stage: 'staging' };
  await world.mlflow('POST', 'model-versions/transition-stage', stage);
  await world.mlflow('POST', 'model-versions/set-tag', { name: kept, version: '3', key: 'k', value: 'ü' });
  await world.mlflow('POST', 'registered-models/alias', { name: kept, alias: 'old', version: '3' });
  await world.mlflow('DELETE', 'model-versions/delete', { name: kept, version: '3' });
  await world.mlflow('POST', 'model-versions/set-tag', { name: renamed, version: '1', key: 'k', value: 'v' });
  await world.mlflow('POST', 'registered-models/alias', { name: renamed, alias: 'x', version: '1' });
  const rules = [{ targets: ['alias:champion'], approvals: 1 }];
  await world.call('PUT', `/api/headrace/v1/policies/${renamed}`, { rules });
  const asked = { model: renamed, version: 1, alias: 'champion', reason: 'better' };
  await world.call('POST', '/api/headrace/v1/promotion-requests', asked);
  await world.mlflow('POST', 'registered-models/rename', { name: renamed, new_name: `${renamed} II` });
  await world.mlflow('DELETE', 'registered-models/delete', { name: deleted });
  return [kept, `${renamed} II`, deleted];
}

/** What the API answers about all of it. */
async function answers(models: readonly string[]): Promise<Record<string, unknown>> {
  const versions = models.flatMap((name) =>
    [1, 2, 3, 4].map((version) => `name=${encodeURIComponent(name)}&version=${version}`),
  );
  const paths = [
    ...models.map((name) => `2.0/mlflow/registered-models/get?name=${encodeURIComponent(name)}`),
    ...versions.map((query) => `2.0/mlflow/model-versions/get?${query}`),
    ...versions.map((query) => `2.0/mlflow/model-versions/get-download-uri?${query}`),
    ...models.map((name) => `headrace/v1/policies/${encodeURIComponent(name)}`),
    '2.0/mlflow/registered-models/search',
    '2.0/mlflow/model-versions/search',
    '2.0/mlflow/webhooks',
    'headrace/v1/deployments',
    `headrace/v1/deployments/${world.deployment}`,
    'headrace/v1/deployments/pinned',
    'headrace/v1/promotions',
    'headrace/v1/policies',
    'headrace/v1/promotion-requests',
    'headrace/v1/audit?limit=1000',
    'headrace/v1/webhook-deliveries',
  ];
  const found = await Promise.all(paths.map(async (path) => [path, await world.call('GET', `/api/${path}`)] as const));
  return Object.fromEntries(found);
}

async function ends(): Promise<unknown> {
  const of = [topics.registryChanges, topics.deployments, topics.promotions, topics.retrainCommands, topics.alerts];
  return Promise.all(of.map(async (topic) => [topic.name, await world.log.offsets(topic)]));
}

describe('the registry, rebuilt from its topic', () => {
  it('answers everything as before, and fires nothing a second time', async () => {
    const models = await live();
    const database = await world.connect();
    await waitFor(
      async () =>
        (await database.query('select from registry.outbox union all select from registry.webhook_deliveries'))
          .rowCount === 0,
      { what: 'every event to be out' },
    );
    const [told, answered] = [receiver.received.length, await answers(models)];
    expect(told).toBeGreaterThanOrEqual(6);
    await world.registry.stop();
    const published = await ends();
    await database.query('drop schema registry cascade');

    const entry = join(repositoryRoot, 'services/registry/dist/rebuild.js');
    const settings = { ...process.env, ...env, DATABASE_URL: world.databaseUrl, LOG_LEVEL: 'info' };
    const { stdout } = await run(process.execPath, [entry], { env: settings }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toMatch(/"msg":"rebuilt"/);
    await expect(run(process.execPath, [entry], { env: settings })).rejects.toThrow();

    await world.startRegistry();
    expect(await answers(models)).toEqual(answered);
    // Its numbers go on where they were.
    expect(await world.createVersion(models[0])).toBe(4);
    const { rows } = await database.query('select count(*)::int as waiting from registry.webhook_deliveries');
    await database.end();
    expect(rows).toEqual([{ waiting: 0 }]);
    expect(receiver.received).toHaveLength(told);
    const after = new Map((await ends()) as Array<[string, Array<{ to?: number }>]>);
    for (const [name, ranges] of published as Array<[string, unknown]>)
      if (name !== topics.registryChanges.name) expect(after.get(name)).toEqual(ranges);
  }, 180_000);
});
