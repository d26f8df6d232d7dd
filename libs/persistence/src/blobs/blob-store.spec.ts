import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { blobStoreContract, broken } from '../../test/blob-store.contract.js';
import { InMemoryBlobStore } from './in-memory-blob-store.js';
import { LocalBlobStore } from './local-blob-store.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headrace-blobs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

blobStoreContract('LocalBlobStore', () => new LocalBlobStore(folder));
blobStoreContract('InMemoryBlobStore', () => new InMemoryBlobStore());

describe('LocalBlobStore', () => {
  it('leaves nothing of an aborted upload on the disk', async () => {
    await expect(new LocalBlobStore(folder).put('a', broken())).rejects.toThrow();
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);
  });

  it('finds what another process has put', async () => {
    await new LocalBlobStore(folder).put('a/b', Readable.from([Buffer.from('x')]));
    expect(await text((await new LocalBlobStore(folder).open('a/b')).content)).toBe('x');
  });
});
