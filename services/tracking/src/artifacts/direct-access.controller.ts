import { Controller, Get, HttpCode, Inject, Param, Post, UseFilters } from '@nestjs/common';
import { type Asked, FromBody, int64, MlflowError, MlflowErrorFilter, repeated, text } from '@headrace/mlflow-protocol';
import { BlobStore, type DirectAccess } from '@headrace/persistence';
import { basename } from 'node:path/posix';
import { z } from 'zod';
import { directAccess } from './artifact-store.js';
import { PROXY } from './file-content.js';
import { checkedPath } from './served-artifacts.js';

/** S3's limit. */
const MOST_PARTS = 10_000;
const createUpload = z.object({
  path: text(4000),
  num_parts: int64.pipe(z.number().min(1).max(MOST_PARTS)).default(1),
});
const abortUpload = z.object({ path: text(4000), upload_id: text(2000) });
const completeUpload = abortUpload.extend({
  parts: repeated(z.object({ part_number: int64, etag: text(500) })),
});

/** Large files past this process: the client puts the parts of a file, or fetches it, at addresses that the store signs. */
@Controller(PROXY)
@UseFilters(MlflowErrorFilter)
export class DirectAccessController {
  private readonly store: DirectAccess | undefined;

  constructor(@Inject(BlobStore) blobs: BlobStore) {
    this.store = directAccess(blobs);
  }

  @Post(['mpu/create', 'mpu/create/*path'])
  @HttpCode(200)
  async create(
    @Param('path') folder: string[] | undefined,
    @FromBody(createUpload) request: Asked<typeof createUpload>,
  ) {
    const { path, num_parts } = request;
    const { uploadId, parts } = await this.uploads().createUpload(target(folder, path), num_parts);
    const credentials = parts.map(({ partNumber, url }) => ({ part_number: partNumber, url, headers: {} }));
    return { upload_id: uploadId, credentials };
  }

  @Post(['mpu/complete', 'mpu/complete/*path'])
  @HttpCode(200)
  async complete(
    @Param('path') folder: string[] | undefined,
    @FromBody(completeUpload) request: Asked<typeof completeUpload>,
  ) {
    const { path, upload_id, parts } = request;
    const uploaded = parts.map(({ part_number, etag }) => ({ partNumber: part_number, etag }));
    await this.uploads().completeUpload(target(folder, path), upload_id, uploaded);
    return {};
  }

  @Post(['mpu/abort', 'mpu/abort/*path'])
  @HttpCode(200)
  async abort(@Param('path') folder: string[] | undefined, @FromBody(abortUpload) request: Asked<typeof abortUpload>) {
    const { path, upload_id } = request;
    await this.uploads().abortUpload(target(folder, path), upload_id);
    return {};
  }

  @Get('presigned/*path')
  async presigned(@Param('path') path: string[]) {
    if (this.store === undefined) throw unsupported('download');
    const { url, sizeBytes } = await this.store.downloadUrl(checkedPath(path.join('/')));
    return { url, headers: {}, file_size: sizeBytes };
  }

  private uploads(): DirectAccess {
    if (this.store) return this.store;
    throw unsupported('upload');
  }
}

/** Clients know by these words that they must send the file through the proxy. */
function unsupported(what: string): MlflowError {
  return new MlflowError('NOT_IMPLEMENTED', `Multipart ${what} is not supported for the current artifact repository`);
}

/** The folder of the address, and the name of the client's own file. */
function target(folder: readonly string[] | undefined, localPath: string): string {
  return checkedPath([...(folder ?? []), basename(localPath)].join('/'));
}
