import { longRunning, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { TrackingWorld } from './tracking-world.js';

const MIB = 1024 * 1024;
const world = new TrackingWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const url = (path: string) => `${world.service.url}/api/2.0/mlflow-artifacts/artifacts${path}`;
const put = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(url(`/${path}`), { method: 'PUT', body: body as string, headers });

describe('the artifact proxy', () => {
  it('gives back a file as it was put, JSON too, whatever its name', async () => {
    for (const name of ['a.json', 'with space', 'ü%2F+?#', 'deep/er/file']) {
      const path = name.split('/').map(encodeURIComponent).join('/');
      const body = '{"not": "parsed"';
      expect((await put(`names/${path}`, body, { 'content-type': 'application/json' })).status).toBe(200);
      expect(await (await fetch(url(`/names/${path}`))).text()).toBe(body);
    }
  });

  it('lists a run’s artifacts, and a folder of the store', async () => {
    const { run_id, artifact_uri } = await world.createRun();
    const root = artifact_uri.replace('mlflow-artifacts:/', '');
    await put(`${root}/model/model.onnx`, 'onnx');
    await put(`${root}/notes.txt`, 'hi');
    const { body } = await world.call('GET', `artifacts/list?run_id=${run_id}`);
    expect(body).toEqual({
      root_uri: artifact_uri,
      files: [
        { path: 'model', is_dir: true },
        { path: 'notes.txt', is_dir: false, file_size: 2 },
      ],
    });
    expect((await world.call('GET', `artifacts/list?run_id=${run_id}&path=model`)).body.files).toEqual([
      { path: 'model/model.onnx', is_dir: false, file_size: 4 },
    ]);
    const listed = (await (await fetch(url(`?path=${root}/model`))).json()) as { files: unknown };
    expect(listed.files).toEqual([{ path: 'model.onnx', is_dir: false, file_size: 4 }]);
  });

  it('deletes, and answers 404 for what is not there', async () => {
    await put('gone/x', '1');
    expect((await fetch(url('/gone/x'), { method: 'DELETE' })).status).toBe(200);
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(url('/gone/x'), { method });
      expect([response.status, await response.json()]).toEqual([
        404,
        expect.objectContaining({ error_code: 'RESOURCE_DOES_NOT_EXIST' }),
      ]);
    }
  });

  it.each([
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/a/..%2f..%2f..%2fetc/passwd',
    '/%2fetc%2fpasswd',
    '/a%00b',
    '/a%5c..%5cb',
  ])('refuses to leave the store: %s', async (path) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const status = await rawStatus(method, `/api/2.0/mlflow-artifacts/artifacts${path}`);
      expect([400, 404]).toContain(status);
    }
    expect(await readdir(world.folder)).toEqual(expect.not.arrayContaining(['etc', 'passwd']));
  });

  it('refuses a folder outside in a listing', async () => {
    const { run_id } = await world.createRun();
    expect((await world.call('GET', `artifacts/list?run_id=${run_id}&path=../../..`)).status).toBe(400);
    expect((await fetch(url('?path=../..'))).status).toBe(400);
  });

  it('an upload that breaks off leaves the old file and no rest', async () => {
    await put('broken/file', 'old');
    const upload = request(url('/broken/file'), { method: 'PUT', headers: { 'content-length': '1000' } });
    upload.on('error', () => undefined);
    upload.write('half');
    const incoming = () => readdir(join(world.folder, 'incoming'));
    await waitFor(async () => (await incoming()).length === 1, { what: 'the upload to have begun' });
    upload.destroy();
    await waitFor(async () => (await incoming()).length === 0, { what: 'the rest to be removed' });
    expect(await (await fetch(url('/broken/file'))).text()).toBe('old');
  });

  it('streams 512 MiB up and down in a fraction of the memory', async () => {
    expect(await grownBy(512)).toBeLessThan(200 * MIB);
  }, 120_000);

  longRunning(it)(
    'streams 2 GiB up and down in as much',
    async () => {
      const bytes = await grownBy(2048);
      console.log(`2 GiB up and down: ${(bytes / MIB).toFixed(0)} MiB more resident at the most`);
      expect(bytes).toBeLessThan(200 * MIB);
    },
    900_000,
  );
});

/** Sends a file of that size and gets it back. @returns how much the service's highest resident memory grew, bytes */
async function grownBy(sizeMib: number): Promise<number> {
  const chunk = Buffer.alloc(MIB, 'headrace');
  const before = await world.peakResidentBytes();
  const sent = createHash('sha256');
  const content = Readable.from(
    (function* () {
      for (let n = 0; n < sizeMib; n++) {
        sent.update(chunk);
        yield chunk;
      }
    })(),
  );
  const init = { method: 'PUT', body: Readable.toWeb(content), duplex: 'half' };
  expect((await fetch(url('/large/file'), init as RequestInit)).status).toBe(200);
  const received = createHash('sha256');
  const response = await fetch(url('/large/file'));
  expect(response.headers.get('content-length')).toBe(String(sizeMib * MIB));
  for await (const part of response.body!) received.update(part as Uint8Array);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  return (await world.peakResidentBytes()) - before;
}

/** fetch would tidy the path before sending it. */
function rawStatus(method: string, path: string): Promise<number> {
  const { hostname, port } = new URL(world.service.url);
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, method, path }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    asking.on('error', reject);
    asking.end(method === 'PUT' ? 'x' : undefined);
  });
}
