import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Metrics, silentLogger } from '@headrace/service-kit';
import { poolMetrics } from '../pool/pool-metrics.js';
import { Prober } from './prober.js';
import { runProbe, type ProbeRequest } from './run-probe.js';

const request: ProbeRequest = {
  model: { name: 'm', version: 1, runId: null, artifactUri: '', sha256: 'a' },
  features: 2,
};
const limits = { timeoutMs: 60_000, memoryLimitBytes: 2 ** 40 };
const models = { gatewayUrl: 'http://127.0.0.1:1', cacheFolder: tmpdir() };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A child that does this with the model it is sent; `tell` is what a real one has. */
function child(body: string): string {
  const entry = join(folder, 'child.mjs');
  const tell = `const tell = (what, body = null) => process.send({ kind: 'tell', what, body });`;
  writeFileSync(entry, `${tell}\nprocess.on('message', async () => { ${body} });\n`);
  return entry;
}
const probe = (body: string, change: Partial<typeof limits> = {}) =>
  runProbe({ entry: child(body), folder, models, limits: { ...limits, ...change } }, request);

it('passes a version that answers', async () => {
  await probe(`tell('fetched'); tell('passed');`);
  expect(readdirSync(folder)).toEqual(['child.mjs']);
});

it.each([
  ['MODEL_CRASHED', 'never', `tell('fetched'); process.kill(process.pid, 'SIGSEGV');`, {}, /SIGSEGV/],
  ['MODEL_CRASHED', 'never', `tell('fetched'); process.exit(3);`, {}, /code 3/],
  ['MODEL_HANGS', 'never', `tell('fetched', null); setTimeout(() => { for (;;); }, 20);`, { timeoutMs: 300 }, /300 ms/],
  ['MODEL_TOO_LARGE', 'never', `setInterval(() => undefined, 1e6);`, { memoryLimitBytes: 2 ** 20 }, /more than 1 MiB/],
  ['MODEL_INVALID', 'never', `tell('failed', { code: 'MODEL_INVALID', retry: 'never', message: 'no' });`, {}, /no/],
  ['UNAVAILABLE', 'later', `tell('failed', { code: 'UNAVAILABLE', retry: 'later', message: 'off' });`, {}, /off/],
  ['UNAVAILABLE', 'later', `tell('fetched'); process.kill(process.pid, 'SIGKILL');`, {}, /killed/],
])('answers %s (try again: %s) for a child that does: %s', async (code, retry, body, change, message) => {
  await expect(probe(body, change)).rejects.toMatchObject({ code, retry, message: expect.stringMatching(message) });
  expect(readdirSync(folder)).toEqual(['child.mjs']);
});

it('a version is probed once; one that could not be is probed again', async () => {
  const counted = join(folder, 'count');
  const prober = (body: string) =>
    new Prober(
      {
        entry: child(`(await import('node:fs')).appendFileSync(${JSON.stringify(counted)}, '.'); ${body}`),
        folder,
        models,
        limits,
      },
      poolMetrics(new Metrics()),
      silentLogger(),
    );
  const probes = async () => (await import('node:fs')).readFileSync(counted, 'utf8').length;
  const good = prober(`tell('passed');`);
  await Promise.all([good.check(request), good.check(request)]);
  await good.check(request);
  expect(await probes()).toBe(1);
  const bad = prober(`tell('failed', { code: 'MODEL_INVALID', retry: 'never', message: 'no' });`);
  for (const _ of [1, 2]) await expect(bad.check(request)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  expect(await probes()).toBe(2);
  const off = prober(`tell('failed', { code: 'UNAVAILABLE', retry: 'later', message: 'off' });`);
  for (const _ of [1, 2]) await expect(off.check(request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await probes()).toBe(4);
});
