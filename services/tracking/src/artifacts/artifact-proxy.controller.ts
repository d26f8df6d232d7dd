import { Controller, Delete, Get, HttpCode, Inject, Param, Put, Query, Req, Res, UseFilters } from '@nestjs/common';
import { doesNotExist, MlflowErrorFilter, optionalText, parseRequest } from '@headrace/mlflow-protocol';
import { BlobStore } from '@headrace/persistence';
import type { Request, Response } from 'express';
import { basename } from 'node:path/posix';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const PREFIXES = ['api/2.0/mlflow-artifacts/artifacts', 'ajax-api/2.0/mlflow-artifacts/artifacts'];

/** Requests whose body is a file: it is streamed, never parsed. */
export function isArtifactContent(request: Request): boolean {
  return PREFIXES.some((prefix) => request.path.startsWith(`/${prefix}/`));
}

const listFolder = z.object({ path: optionalText(2000) });

/**
 * MLflow's artifact proxy: files between the client and the store, streamed both ways. An upload that breaks off leaves the old file.
 * The store refuses paths that lead out of it.
 */
@Controller(PREFIXES)
@UseFilters(MlflowErrorFilter)
export class ArtifactProxyController {
  constructor(@Inject(BlobStore) private readonly blobs: BlobStore) {}

  @Get()
  async list(@Query() query: unknown) {
    const { path } = parseRequest(listFolder, query);
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
    const { sizeBytes, content } = await this.blobs.open(path);
    response.set({
      'content-type': 'application/octet-stream',
      'content-length': String(sizeBytes),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
      'x-content-type-options': 'nosniff',
    });
    // A client that goes away ends the stream; there is nobody left to tell.
    await pipeline(content, response).catch(() => undefined);
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
