import type { Readable } from 'node:stream';

export interface BlobEntry {
  /** From the store's root, '/' between segments. */
  readonly path: string;
  readonly isFolder: boolean;
  /** 0 for a folder. */
  readonly sizeBytes: number;
}

export interface StoredBlob {
  readonly sizeBytes: number;
  /** Lower-case hex, over the whole content. */
  readonly sha256: string;
}

export interface OpenBlob {
  readonly sizeBytes: number;
  readonly content: Readable;
}

/**
 * Files by path, streamed: memory does not grow with their size. A folder comes into being with the first file in it.
 * Every method throws HeadraceError INPUT_INVALID for a path that blobSegments refuses.
 * Adapters: LocalBlobStore, and InMemoryBlobStore for tests; one contract suite covers both.
 */
export abstract class BlobStore {
  /**
   * Writes or replaces a file, all or nothing: readers see the old content until the new one is whole and durable, and a content that fails leaves no trace.
   * @throws HeadraceError CONFLICT when the path is a folder, or lies under a file
   */
  abstract put(path: string, content: AsyncIterable<Uint8Array>): Promise<StoredBlob>;
  /** @throws HeadraceError NOT_FOUND when there is no such file */
  abstract open(path: string): Promise<OpenBlob>;
  /** Undefined when nothing is there. */
  abstract stat(path: string): Promise<BlobEntry | undefined>;
  /** What lies directly in a folder, by path; empty when it does not exist or is a file. */
  abstract list(folder: string): Promise<BlobEntry[]>;
  /** Removes a file, or a folder with all in it; false when nothing was there. */
  abstract delete(path: string): Promise<boolean>;
}
