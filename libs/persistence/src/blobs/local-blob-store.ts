import { createHash, randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { blobConflict, blobNotFound } from './blob-errors.js';
import { blobSegments } from './blob-path.js';
import { BlobStore, type BlobEntry, type OpenBlob, type StoredBlob } from './blob-store.js';

/** Blobs as files under <folder>/blobs; what is being written lies in <folder>/incoming, on the same file system, until it is renamed into place. */
export class LocalBlobStore extends BlobStore {
  private readonly root: string;
  private readonly incoming: string;

  constructor(folder: string) {
    super();
    this.root = resolve(folder, 'blobs');
    this.incoming = resolve(folder, 'incoming');
  }

  async put(path: string, content: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    const target = this.locate(path);
    if (target === this.root) throw blobConflict(path);
    await mkdir(this.incoming, { recursive: true });
    const part = join(this.incoming, randomUUID());
    try {
      const stored = await writeDurably(part, content);
      await moveIntoPlace(part, target, path);
      return stored;
    } finally {
      await rm(part, { force: true });
    }
  }

  async open(path: string): Promise<OpenBlob> {
    const handle = await this.openFile(path);
    const { size } = await handle.stat();
    return { sizeBytes: size, content: handle.createReadStream() };
  }

  async stat(path: string): Promise<BlobEntry | undefined> {
    if (path === '') return { path, isFolder: true, sizeBytes: 0 };
    try {
      const found = await stat(this.locate(path));
      return { path, isFolder: found.isDirectory(), sizeBytes: found.isDirectory() ? 0 : found.size };
    } catch (error) {
      return absent(error) ? undefined : fail(error);
    }
  }

  async list(folder: string): Promise<BlobEntry[]> {
    const target = this.locate(folder);
    const found = await readdir(target, { withFileTypes: true }).catch((error: unknown) =>
      absent(error) ? ([] as Dirent[]) : fail(error),
    );
    const paths = found.map((entry) => (folder === '' ? entry.name : `${folder}/${entry.name}`)).sort();
    const entries = await Promise.all(paths.map((path) => this.stat(path)));
    return entries.filter((entry) => entry !== undefined);
  }

  async delete(path: string): Promise<boolean> {
    const there = (await this.stat(path)) !== undefined;
    await rm(this.locate(path), { recursive: true, force: true });
    return there;
  }

  private locate(path: string): string {
    return join(this.root, ...blobSegments(path));
  }

  private async openFile(path: string): Promise<FileHandle> {
    const handle = await open(this.locate(path)).catch((error: unknown) => {
      throw absent(error) ? blobNotFound(path) : error;
    });
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw blobNotFound(path);
  }
}

async function writeDurably(part: string, content: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  const handle = await open(part, 'wx');
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      await handle.appendFile(chunk);
    }
    await handle.sync();
    return { sizeBytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

async function moveIntoPlace(part: string, target: string, path: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await rename(part, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].includes(code) ? blobConflict(path, error) : error;
  }
  await syncFolder(dirname(target));
}

/** A rename survives a power cut only once its folder is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function absent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function fail(error: unknown): never {
  throw error;
}
