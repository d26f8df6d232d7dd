import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { blobConflict, blobNotFound } from './blob-errors.js';
import { blobSegments } from './blob-path.js';
import { BlobStore, type BlobEntry, type OpenBlob, type StoredBlob } from './blob-store.js';

/** Twin of LocalBlobStore for tests. */
export class InMemoryBlobStore extends BlobStore {
  private readonly files = new Map<string, Buffer>();

  async put(path: string, content: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    blobSegments(path);
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (this.isFolder(path) || this.liesUnderFile(path)) throw blobConflict(path);
    this.files.set(path, bytes);
    return { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  async open(path: string): Promise<OpenBlob> {
    blobSegments(path);
    const bytes = this.files.get(path);
    if (bytes === undefined) throw blobNotFound(path);
    return { sizeBytes: bytes.length, content: Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false }) };
  }

  async stat(path: string): Promise<BlobEntry | undefined> {
    blobSegments(path);
    const bytes = this.files.get(path);
    if (bytes !== undefined) return { path, isFolder: false, sizeBytes: bytes.length };
    return this.isFolder(path) ? { path, isFolder: true, sizeBytes: 0 } : undefined;
  }

  async list(folder: string): Promise<BlobEntry[]> {
    blobSegments(folder);
    const prefix = folder === '' ? '' : `${folder}/`;
    const inside = [...this.files.keys()].filter((path) => path.startsWith(prefix));
    const children = new Set(inside.map((path) => prefix + path.slice(prefix.length).split('/')[0]));
    const entries = await Promise.all([...children].sort().map((path) => this.stat(path)));
    return entries.filter((entry) => entry !== undefined);
  }

  async delete(path: string): Promise<boolean> {
    blobSegments(path);
    const doomed = [...this.files.keys()].filter((file) => path === '' || file === path || file.startsWith(`${path}/`));
    for (const file of doomed) this.files.delete(file);
    return doomed.length > 0;
  }

  private isFolder(path: string): boolean {
    if (path === '') return true;
    return [...this.files.keys()].some((file) => file.startsWith(`${path}/`));
  }

  private liesUnderFile(path: string): boolean {
    const segments = path.split('/');
    return segments.some((_, depth) => depth > 0 && this.files.has(segments.slice(0, depth).join('/')));
  }
}
