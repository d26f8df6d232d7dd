import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkDashboards } from '../src/check-dashboards.js';

const binary = process.env['PROMETHEUS_BINARY'] ?? 'prometheus';
const installed = spawnSync(binary, ['--version']).status === 0;
const withPrometheus = installed ? describe : describe.skip;

/** A process whose counter rises with each scrape. */
async function startTarget(): Promise<{ server: Server; url: string }> {
  let scrapes = 0;
  const server = createServer((_request, response) => {
    scrapes += 1;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(
      [
        '# TYPE headrace_things_total counter',
        `headrace_things_total{deployment="flights"} ${scrapes}`,
        '# TYPE headrace_undefined gauge',
        'headrace_undefined NaN',
        '',
      ].join('\n'),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

withPrometheus('checkDashboards (needs the prometheus package)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-dashboards-'));
  let target: Awaited<ReturnType<typeof startTarget>>;
  beforeAll(async () => {
    target = await startTarget();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    target.server.close();
    target.server.closeAllConnections();
    await once(target.server, 'close');
  });

  function dashboard(name: string, ...exprs: string[]): string {
    const path = join(folder, `${name}.json`);
    const variable = { name: 'deployment', query: 'label_values(headrace_things_total, deployment)' };
    const panels = exprs.map((expr) => ({ title: expr, targets: [{ expr }] }));
    writeFileSync(path, JSON.stringify({ title: name, templating: { list: [variable] }, panels }));
    return path;
  }
  const check = (path: string, timeoutMs: number) =>
    checkDashboards({
      targets: [{ service: 'fake', url: target.url }],
      prometheusBinary: binary,
      dashboards: [path],
      timeoutMs,
    });

  it('finds data for a rate over a variable, labelled as in production', async () => {
    const path = dashboard(
      'good',
      'sum by (service) (rate(headrace_things_total{deployment=~"$deployment"}[$__rate_interval]))',
      'up{job="headrace", service="fake"}',
    );
    expect(await check(path, 60_000)).toEqual({ queries: 2, faults: [], down: [] });
  }, 120_000);

  it('lists what Prometheus refuses, what has no series and what has no number', async () => {
    const path = dashboard('bad', 'sum by (rate(', 'headrace_nowhere_total', 'headrace_undefined', 'up');
    const { queries, faults } = await check(path, 1000);
    expect(queries).toBe(4);
    expect(faults.map(({ fault, panel }) => `${fault}: ${panel}`)).toEqual([
      'invalid: sum by (rate(',
      'empty: headrace_nowhere_total',
      'empty: headrace_undefined',
    ]);
    expect(faults[0]!.message).toContain('parse error');
  }, 120_000);

  it('names a service whose metrics cannot be read', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    closed.close();
    await once(closed, 'close');
    const targets = [
      { service: 'fake', url: target.url },
      { service: 'gone', url },
    ];
    const result = await checkDashboards({ targets, prometheusBinary: binary, dashboards: [dashboard('one', 'up')] });
    expect(result).toEqual({ queries: 1, faults: [], down: ['gone'] });
  }, 120_000);

  it('the command lists what is missing on a platform that shows little, and fails', async () => {
    const script = join(import.meta.dirname, '../check.mjs');
    const args = [script, '--timeout', '1', `fake=${target.url}`];
    // Not spawnSync: the target answers from this process.
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const output: string[] = [];
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(output.join('')).toMatch(/empty {2}Headrace: platform › Services ready\n/);
    expect(output.join('')).not.toMatch(/invalid/);
    expect(code).toBe(1);
  }, 120_000);

  it('a Prometheus that cannot start says why', async () => {
    const targets = [{ service: 'bad label', url: 'http://127.0.0.1:1' }];
    await expect(checkDashboards({ targets, prometheusBinary: '/nowhere/prometheus' })).rejects.toThrow('ENOENT');
  });
});
