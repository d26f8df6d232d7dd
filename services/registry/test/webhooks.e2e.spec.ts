import { uniqueName, waitFor } from '@headrace/dev';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac, randomBytes } from 'node:crypto';
import { RegistryWorld } from './registry-world.js';
import { WebhookReceiver } from './webhook-receiver.js';

const world = new RegistryWorld({
  WEBHOOK_ALLOWED_SCHEMES: 'http,https',
  WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
  WEBHOOK_SECRET_KEY: randomBytes(32).toString('base64'),
  WEBHOOK_TIMEOUT_MS: '2000',
  WEBHOOK_MAX_ATTEMPTS: '2',
});
let receiver: WebhookReceiver;
let url = '';
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());
beforeEach(async () => {
  receiver = new WebhookReceiver();
  url = await receiver.start();
});
afterEach(async () => {
  for (const { webhook_id } of (await world.mlflow('GET', 'webhooks')).body.webhooks)
    await world.mlflow('DELETE', `webhooks/${webhook_id}`);
  await receiver.stop();
});

const created = [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }];
const subscribe = async (change: object = {}) =>
  (await world.mlflow('POST', 'webhooks', { name: 'hook', url, events: created, ...change })).body.webhook;
const createModel = async (name = uniqueName('model')) => {
  expect((await world.mlflow('POST', 'registered-models/create', { name })).status).toBe(200);
  return name;
};
const names = () => receiver.payloads.map((payload) => payload.data.name);
const deliveries = async (status: string) =>
  (await world.call('GET', `/api/headrace/v1/webhook-deliveries?status=${status}`)).body.deliveries;

describe('webhooks', () => {
  it('are told what they asked for, signed, and nothing else', async () => {
    const webhook = await subscribe({ secret: 'geheim' });
    const name = await createModel();
    await world.mlflow('POST', 'registered-models/set-tag', { name, key: 'k', value: 'v' });
    const delivered = () => receiver.received.length === 1 && receiver.received[0];
    const { headers, body } = await waitFor(delivered, { what: 'the delivery' });
    expect(JSON.parse(body)).toMatchObject({
      entity: 'registered_model',
      action: 'created',
      data: { name, tags: {}, description: '' },
    });
    const signed = `${headers['x-mlflow-delivery-id']}.${headers['x-mlflow-timestamp']}.${body}`;
    expect(headers['x-mlflow-signature']).toBe(`v1,${createHmac('sha256', 'geheim').update(signed).digest('base64')}`);
    expect(webhook).not.toHaveProperty('secret');
    const audit = (await world.call('GET', '/api/headrace/v1/audit?action=webhook.created&limit=1')).body.changes;
    expect(audit[0].rows[0].after.secret).toBe('(kept)');
    expect(JSON.stringify(await world.changeEvents('webhook.created'))).not.toContain('geheim');
  });

  it('are told of a promotion by a gate, too', async () => {
    await subscribe({ events: [{ entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' }] });
    const model = await createModel();
    await world.createVersion(model);
    await world.publishVerdict({ model, candidateVersion: 1 });
    await waitFor(() => receiver.payloads.length === 1, { what: 'the delivery' });
    expect(receiver.payloads[0].data).toEqual({ name: model, alias: 'champion', version: '1' });
  });

  it('get a delivery again until they take it, and the dead are kept, listed and sent on request', async () => {
    await subscribe();
    receiver.status = 503;
    const name = await createModel();
    const [dead] = await waitFor(
      async () => {
        const found = await deliveries('dead');
        return found.length === 1 && found;
      },
      { what: 'the dead letter' },
    );
    expect(dead).toMatchObject({ event: 'registered_model.created', attempts: 2, lastError: 'answered 503' });
    expect(new Set(receiver.received.map(({ headers }) => headers['x-mlflow-delivery-id'])).size).toBe(1);
    receiver.status = 200;
    const redriven = await world.call('POST', `/api/headrace/v1/webhook-deliveries/${dead.deliveryId}/redrive`);
    expect(redriven.status).toBe(202);
    await waitFor(async () => (await deliveries('pending')).length === 0 && receiver.received.length === 3, {
      what: 'the delivery',
    });
    expect(names()).toEqual([name]);
    expect(await deliveries('dead')).toEqual([]);
  });

  it('lose nothing when the service is killed amid deliveries', async () => {
    await subscribe();
    receiver.silent = true;
    const made = await Promise.all(Array.from({ length: 20 }, () => createModel()));
    await waitFor(() => receiver.received.length >= 10, { what: 'deliveries under way' });
    await world.registry.kill();
    receiver.silent = false;
    receiver.received.length = 0;
    await world.startRegistry();
    await waitFor(() => receiver.payloads.length === 20, { what: 'every delivery', timeoutMs: 30_000 });
    expect(names().sort()).toEqual(made.sort());
  });

  it('are tested, changed and refused as MLflow does', async () => {
    const { webhook_id: id } = await subscribe();
    expect((await world.mlflow('POST', `webhooks/${id}/test`, {})).body.result).toEqual({
      success: true,
      response_status: 200,
      response_body: 'noted',
    });
    const changed = await world.mlflow('PATCH', `webhooks/${id}`, { status: 'DISABLED', description: 'off' });
    expect(changed.body.webhook).toMatchObject({
      status: 'DISABLED',
      description: 'off',
      name: 'hook',
      events: created,
    });
    const refused = async (change: object) =>
      (await world.mlflow('POST', 'webhooks', { name: 'hook', url, events: created, ...change })).body.error_code;
    for (const change of [
      { name: '-x' },
      { url: 'ftp://127.0.0.1/' },
      { url: 'nowhere' },
      { events: [] },
      { events: [{ entity: 'REGISTERED_MODEL', action: 'SET' }] },
    ])
      expect(await refused(change)).toBe('INVALID_PARAMETER_VALUE');
    expect((await world.mlflow('GET', 'webhooks/none')).body.error_code).toBe('RESOURCE_DOES_NOT_EXIST');
  });
});
