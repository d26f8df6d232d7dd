import { Controller, Delete, Get, HttpCode, Inject, Param, Put, Req, Res, UseFilters } from '@nestjs/common';
import { type Asked, doesNotExist, FromQuery, MlflowErrorFilter, optionalText } from '@headrace/mlflow-protocol';
import { BlobStore } from '@headrace/persistence';
import type { Request, Response } from 'express';
import { basename } from 'node:path/posix';
import { z } from 'zod';
import { PROXY } from './file-content.js';
import { sendBlob } from './send-blob.js';

const listFolder = z.object({ path: optionalText(2000) });

/**
 * MLflow's artifact proxy: files between the client and the store, streamed both ways. An upload that breaks off leaves the old file.
 * The store refuses paths that lead out of it.
 */
@Controller(PROXY.map((prefix) => `${prefix}/artifacts`))
@UseFilters(MlflowErrorFilter)
export class ArtifactProxyController {
  constructor(@Inject(BlobStore) private readonly blobs: BlobStore) {}

  @Get()
  async list(@FromQuery(listFolder) request: Asked<typeof listFolder>) {
    const { path } = request;
    const entries = await this.blobs.list(path ?? '');
    const files = entries.map((entry) => ({
      path: basename(entry.path),
      is_dir: entry.isFolder,
      file_size: entry.isFolder ? undefined : entry.sizeBytes,
    }));
    return { files };
  }

  @Get('*path')
  async download(@Param('path') segments: string[], @Res() response: Response): Promise<void> {
    const path = segments.join('/');
    await sendBlob(await this.blobs.open(path), path, response);
  }

  @Put('*path')
  @HttpCode(200)
  async upload(@Param('path') segments: string[], @Req() request: Request) {
    await this.blobs.put(segments.join('/'), request);
    return {};
  }

  @Delete('*path')
  async remove(@Param('path') segments: string[]) {
    const path = segments.join('/');
    if (!(await this.blobs.delete(path))) throw doesNotExist(`No artifact at '${path}'`);
    return {};
  }
}
