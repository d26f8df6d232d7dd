import { testCluster, uniqueName, type Service } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('the one address', () => {
  const dashboards = mkdtempSync(join(tmpdir(), 'dashboards-'));
  /** Says what reached it: path and digest of the body. */
  let behind: Server;
  let gateway: Service;

  beforeAll(async () => {
    writeFileSync(join(dashboards, 'platform.json'), '{"title":"Platform"}');
    behind = createServer((request, response) => {
      const hash = createHash('sha256');
      request
        .pipe(hash)
        .on('finish', () => response.end(JSON.stringify({ path: request.url, sha256: hash.digest('hex') })));
    });
    await once(behind.listen(0, '127.0.0.1'), 'listening');
    gateway = await testCluster.startService('gateway', {
      SCHEMAS_TOPIC: uniqueName('schemas'),
      TRACKING_URL: `http://127.0.0.1:${(behind.address() as AddressInfo).port}`,
      // Nobody listens on port 1.
      DRIFT_URL: 'http://127.0.0.1:1',
      DASHBOARDS_DIR: dashboards,
    });
  });
  afterAll(async () => {
    await gateway.stop();
    behind.close();
    rmSync(dashboards, { recursive: true });
  });

  it.each([
    ['JSON', 'application/json', Buffer.from(' {"a" :1}')],
    ['what only claims to be JSON', 'application/json', Buffer.from('{')],
    ['64 MiB of bytes', 'application/octet-stream', randomBytes(64 * 2 ** 20)],
  ])('%s reaches the service byte for byte', async (_what, type, body) => {
    const path = '/api/2.0/mlflow-artifacts/artifacts/0/a%2Fb?x=1';
    const response = await fetch(gateway.url + path, { method: 'PUT', headers: { 'content-type': type }, body });
    expect(await response.json()).toEqual({ path, sha256: createHash('sha256').update(body).digest('hex') });
  });

  it("MLflow's /health goes to tracking, the gateway's own health does not", async () => {
    expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject({ path: '/health' });
    expect(await (await fetch(`${gateway.url}/health/live`)).json()).toMatchObject({ status: 'ok' });
  });

  it('a service that is down is named', async () => {
    const response = await fetch(`${gateway.url}/api/headrace/v1/monitors`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ service: 'drift', status: 502 });
  });

  it('serves the dashboards, and nothing outside their folder', async () => {
    expect(await (await fetch(`${gateway.url}/dashboards`)).json()).toEqual([
      { name: 'platform', url: '/dashboards/platform.json' },
    ]);
    expect(await (await fetch(`${gateway.url}/dashboards/platform.json`)).json()).toEqual({ title: 'Platform' });
    expect((await fetch(`${gateway.url}/dashboards/..%2F..%2Fetc%2Fpasswd`)).status).toBe(404);
  });

  it('says what lies where', async () => {
    const { routes } = (await (await fetch(gateway.url)).json()) as { routes: unknown[] };
    expect(routes).toContainEqual({ path: '/v2', service: 'serving' });
    expect(routes).toContainEqual({ path: '/subjects', service: 'gateway' });
  });
});
