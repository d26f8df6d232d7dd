import type { OpenBlob } from '@headrace/persistence';
import type { Response } from 'express';
import { basename } from 'node:path/posix';
import { pipeline } from 'node:stream/promises';

/** A file as an attachment, streamed. A client that goes away ends the stream; there is nobody left to tell. */
export async function sendBlob({ sizeBytes, content }: OpenBlob, path: string, response: Response): Promise<void> {
  response.set({
    'content-type': 'application/octet-stream',
    'content-length': String(sizeBytes),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
    'x-content-type-options': 'nosniff',
  });
  await pipeline(content, response).catch(() => undefined);
}
