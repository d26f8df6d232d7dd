import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort, needing, testPython, uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { blobStoreContract } from './blob-store.contract.js';
import { InMemoryBlobStore, S3BlobStore } from '../src/index.js';

const itWithMoto = needing(it, 'python');
let server: ChildProcess | undefined;
let client: S3Client;

/** moto: S3's API as a server of its own, from the tests' Python. */
beforeAll(async () => {
  const python = pythonOrNone();
  if (python === undefined) return;
  const port = await freePort();
  server = spawn(python, ['-m', 'moto.server', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await waitFor(async () => (await fetch(endpoint)).status > 0, { what: 'moto to answer', timeoutMs: 60_000 });
}, 90_000);
afterAll(() => {
  client?.destroy();
  server?.kill();
});

/** Without one the tests are skipped, visibly. */
function pythonOrNone(): string | undefined {
  try {
    return testPython();
  } catch {
    return undefined;
  }
}

async function emptyStore(prefix = 'pre/fix'): Promise<S3BlobStore> {
  const Bucket = uniqueName('bucket');
  await client.send(new CreateBucketCommand({ Bucket }));
  return new S3BlobStore(client, Bucket, prefix);
}

blobStoreContract('S3BlobStore', () => (server ? emptyStore() : new InMemoryBlobStore()), itWithMoto);

describe('S3BlobStore', () => {
  itWithMoto('takes parts that clients put themselves, and lets them fetch the whole', async () => {
    const store = await emptyStore('');
    const first = 'x'.repeat(5 * 1024 * 1024);
    const { uploadId, parts } = await store.createUpload('run/large', 2);
    const etags = await Promise.all(
      parts.map(async ({ partNumber, url }) => {
        const answer = await fetch(url, { method: 'PUT', body: partNumber === 1 ? first : 'end' });
        return { partNumber, etag: answer.headers.get('etag')! };
      }),
    );
    expect(await store.stat('run/large')).toBeUndefined();
    await store.completeUpload('run/large', uploadId, etags);
    expect((await store.stat('run/large'))?.sizeBytes).toBe(first.length + 3);
    const { url, sizeBytes } = await store.downloadUrl('run/large');
    expect((await (await fetch(url)).text()).length).toBe(sizeBytes);
  });

  itWithMoto('an upload that is given up leaves nothing', async () => {
    const store = await emptyStore();
    const { uploadId } = await store.createUpload('a', 1);
    await store.abortUpload('a', uploadId);
    expect(await store.list('')).toEqual([]);
  });

  itWithMoto(
    'keeps more files than one page of a listing',
    async () => {
      const store = await emptyStore();
      const names = Array.from({ length: 1005 }, (_, n) => `many/${String(n).padStart(4, '0')}`);
      for (let at = 0; at < names.length; at += 50)
        await Promise.all(names.slice(at, at + 50).map((name) => store.put(name, Readable.from([Buffer.from('1')]))));
      expect((await store.list('many')).map(({ path }) => path)).toEqual(names);
      expect(await text((await store.open(names[1004]!)).content)).toBe('1');
      expect(await store.delete('many')).toBe(true);
      expect(await store.list('')).toEqual([]);
    },
    120_000,
  );
});
