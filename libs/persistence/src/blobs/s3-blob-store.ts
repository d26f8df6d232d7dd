import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { blobConflict, blobNotFound } from './blob-errors.js';
import { blobSegments } from './blob-path.js';
import { BlobStore, type BlobEntry, type OpenBlob, type StoredBlob } from './blob-store.js';
import type { DirectAccess, PartUpload, UploadedPart } from './multipart-store.js';

/** Parts that an upload holds in memory: two of 16 MiB, so that a file may have 156 GiB. */
const UPLOAD = { partSize: 16 * 1024 * 1024, queueSize: 2 };
const URL_LIFETIME_S = 3600;

/**
 * Blobs as objects of a bucket, below a prefix. An object appears whole, when its upload is completed. Unlike in a folder, a file may lie 'under' another one
 * here if two clients make them at the same moment: S3 has no way to exclude it.
 */
export class S3BlobStore extends BlobStore implements DirectAccess {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    /** Without slashes at its ends; may be empty. */
    private readonly prefix = '',
  ) {
    super();
  }

  async put(path: string, content: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    const key = this.key(path);
    if (path === '' || (await this.isTaken(path))) throw blobConflict(path);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const counted = async function* () {
      for await (const chunk of content) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    };
    // A fault of the content aborts the upload: no part of it stays.
    const params = { Bucket: this.bucket, Key: key, Body: Readable.from(counted(), { objectMode: false }) };
    await new Upload({ client: this.client, params, ...UPLOAD }).done();
    return { sizeBytes, sha256: hash.digest('hex') };
  }

  async open(path: string): Promise<OpenBlob> {
    const key = this.key(path);
    const found = await this.orNotFound(path, () =>
      this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key })),
    );
    return { sizeBytes: found.ContentLength ?? 0, content: found.Body as Readable };
  }

  async stat(path: string): Promise<BlobEntry | undefined> {
    const key = this.key(path);
    if (path === '') return { path, isFolder: true, sizeBytes: 0 };
    const sizeBytes = await this.sizeOf(key);
    if (sizeBytes !== undefined) return { path, isFolder: false, sizeBytes };
    const { KeyCount = 0 } = await this.client.send(
      new ListObjectsV2Command({ Bucket: this.bucket, Prefix: `${key}/`, MaxKeys: 1 }),
    );
    return KeyCount > 0 ? { path, isFolder: true, sizeBytes: 0 } : undefined;
  }

  async list(folder: string): Promise<BlobEntry[]> {
    const key = this.key(folder);
    const Prefix = key === '' ? '' : `${key}/`;
    const entries: BlobEntry[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket: this.bucket, Prefix, Delimiter: '/', ContinuationToken }),
      );
      for (const { Prefix: found } of page.CommonPrefixes ?? [])
        entries.push({ path: this.path(found!.slice(0, -1)), isFolder: true, sizeBytes: 0 });
      for (const { Key, Size } of page.Contents ?? [])
        entries.push({ path: this.path(Key!), isFolder: false, sizeBytes: Size ?? 0 });
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async delete(path: string): Promise<boolean> {
    const key = this.key(path);
    const Prefix = key === '' ? '' : `${key}/`;
    let there = path !== '' && (await this.sizeOf(key)) !== undefined;
    if (there) await this.remove([key]);
    for (;;) {
      const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix }));
      if (Contents.length === 0) return there;
      there = true;
      await this.remove(Contents.map(({ Key }) => Key!));
    }
  }

  async createUpload(path: string, parts: number): Promise<{ uploadId: string; parts: PartUpload[] }> {
    const target = { Bucket: this.bucket, Key: this.key(path) };
    const { UploadId } = await this.client.send(new CreateMultipartUploadCommand(target));
    const part = async (PartNumber: number): Promise<PartUpload> => {
      const command = new UploadPartCommand({ ...target, UploadId, PartNumber });
      return { partNumber: PartNumber, url: await getSignedUrl(this.client, command, { expiresIn: URL_LIFETIME_S }) };
    };
    return { uploadId: UploadId!, parts: await Promise.all(Array.from({ length: parts }, (_, n) => part(n + 1))) };
  }

  async completeUpload(path: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
    const target = { Bucket: this.bucket, Key: this.key(path), UploadId: uploadId };
    await this.orNotFound(path, () =>
      this.client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } })),
    );
  }

  async abortUpload(path: string, uploadId: string): Promise<void> {
    const target = { Bucket: this.bucket, Key: this.key(path), UploadId: uploadId };
    await this.orNotFound(path, () => this.client.send(new AbortMultipartUploadCommand(target)));
  }

  async downloadUrl(path: string): Promise<{ url: string; sizeBytes: number }> {
    const key = this.key(path);
    const sizeBytes = await this.sizeOf(key);
    if (sizeBytes === undefined) throw blobNotFound(path);
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
    return { url: await getSignedUrl(this.client, command, { expiresIn: URL_LIFETIME_S }), sizeBytes };
  }

  private async remove(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((Key) => ({ Key }));
    await this.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects, Quiet: true } }));
  }

  private key(path: string): string {
    blobSegments(path);
    return [this.prefix, path].filter((part) => part !== '').join('/');
  }

  private path(key: string): string {
    return this.prefix === '' ? key : key.slice(this.prefix.length + 1);
  }

  private async isTaken(path: string): Promise<boolean> {
    if ((await this.stat(path))?.isFolder) return true;
    const above = path
      .split('/')
      .slice(0, -1)
      .map((_, depth, names) => names.slice(0, depth + 1).join('/'));
    const files = await Promise.all(above.map((folder) => this.sizeOf(this.key(folder))));
    return files.some((size) => size !== undefined);
  }

  private async sizeOf(key: string): Promise<number | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }))).ContentLength ?? 0;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  private async orNotFound<T>(path: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw isAbsent(error) ? blobNotFound(path) : error;
    }
  }
}

function isAbsent(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound', 'NoSuchUpload'].includes((error as Error).name);
}
