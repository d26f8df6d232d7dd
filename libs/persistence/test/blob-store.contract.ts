import { beforeEach, describe, expect, it as jestIt } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type { BlobStore } from '../src/blobs/blob-store.js';

const of = (...chunks: string[]): AsyncIterable<Uint8Array> => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

export async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half');
  throw new Error('the client went away');
}

/** What every blob store keeps; `create` gives an empty one. */
export function blobStoreContract(
  name: string,
  create: () => BlobStore | Promise<BlobStore>,
  it: (title: string, test: () => Promise<void>) => void = jestIt,
): void {
  describe(`${name} keeps the contract of a blob store:`, () => {
    let store: BlobStore;
    beforeEach(async () => {
      store = await create();
    });

    it('gives back what was put, with size and hash', async () => {
      const stored = await store.put('1/run/model.onnx', of('ab', 'c'));
      expect(stored).toEqual({ sizeBytes: 3, sha256: createHash('sha256').update('abc').digest('hex') });
      const opened = await store.open('1/run/model.onnx');
      expect(opened.sizeBytes).toBe(3);
      expect(await text(opened.content)).toBe('abc');
    });

    it('keeps bytes as they are, and an empty file', async () => {
      const bytes = Buffer.from([0, 255, 13, 10, 128]);
      await store.put('bytes', Readable.from([bytes]));
      expect(await buffer((await store.open('bytes')).content)).toEqual(bytes);
      await store.put('empty', of());
      expect((await buffer((await store.open('empty')).content)).length).toBe(0);
    });

    it('replaces a file', async () => {
      await store.put('a', of('old and longer'));
      await store.put('a', of('new'));
      expect(await text((await store.open('a')).content)).toBe('new');
    });

    it('a content that breaks off leaves the old file, and no trace of itself', async () => {
      await store.put('a', of('old'));
      await expect(store.put('a', broken())).rejects.toThrow('the client went away');
      await expect(store.put('b', broken())).rejects.toThrow('the client went away');
      expect(await text((await store.open('a')).content)).toBe('old');
      expect(await store.stat('b')).toBeUndefined();
      expect((await store.list('')).map((entry) => entry.path)).toEqual(['a']);
    });

    it('lists what lies directly in a folder, sorted', async () => {
      for (const path of ['r/b.txt', 'r/a.txt', 'r/sub/deep/c.txt', 'other/x']) await store.put(path, of('12'));
      expect(await store.list('r')).toEqual([
        { path: 'r/a.txt', isFolder: false, sizeBytes: 2 },
        { path: 'r/b.txt', isFolder: false, sizeBytes: 2 },
        { path: 'r/sub', isFolder: true, sizeBytes: 0 },
      ]);
      expect((await store.list('')).map((entry) => entry.path)).toEqual(['other', 'r']);
      expect(await store.list('nowhere')).toEqual([]);
      expect(await store.list('r/a.txt')).toEqual([]);
    });

    it('tells files, folders and nothing apart', async () => {
      await store.put('r/a', of('1'));
      expect(await store.stat('r/a')).toEqual({ path: 'r/a', isFolder: false, sizeBytes: 1 });
      expect(await store.stat('r')).toEqual({ path: 'r', isFolder: true, sizeBytes: 0 });
      expect(await store.stat('')).toEqual({ path: '', isFolder: true, sizeBytes: 0 });
      expect(await store.stat('r/a/b')).toBeUndefined();
      for (const path of ['r', 'r/x', 'r/a/b']) {
        await expect(store.open(path)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
    });

    it('a path is a file or a folder, not both', async () => {
      await store.put('r/a', of('1'));
      for (const path of ['r', 'r/a/b', '']) {
        await expect(store.put(path, of('2'))).rejects.toMatchObject({ code: 'CONFLICT' });
      }
      expect(await text((await store.open('r/a')).content)).toBe('1');
    });

    it('deletes files and whole folders, and says whether there was one', async () => {
      for (const path of ['r/a', 'r/s/b', 'rest']) await store.put(path, of('1'));
      expect(await store.delete('r')).toBe(true);
      expect(await store.delete('r')).toBe(false);
      expect(await store.stat('r/s/b')).toBeUndefined();
      expect(await store.stat('rest')).toBeDefined();
    });

    it('refuses paths that lead out, in every method', async () => {
      const path = 'r/../../etc/passwd';
      const refused = { code: 'INPUT_INVALID' };
      await expect(store.put(path, of('x'))).rejects.toMatchObject(refused);
      await expect(store.open(path)).rejects.toMatchObject(refused);
      await expect(store.stat(path)).rejects.toMatchObject(refused);
      await expect(store.list(path)).rejects.toMatchObject(refused);
      await expect(store.delete(path)).rejects.toMatchObject(refused);
    });
  });
}
