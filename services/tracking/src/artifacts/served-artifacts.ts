import { Inject, Injectable } from '@nestjs/common';
import { invalidParameter, parseArtifactUri } from '@headrace/mlflow-protocol';
import { blobSegments, BlobStore } from '@headrace/persistence';
import type { Response } from 'express';
import { sendBlob } from './send-blob.js';

/** Files of runs and logged models, by the place that those name. */
@Injectable()
export class ServedArtifacts {
  constructor(@Inject(BlobStore) private readonly blobs: BlobStore) {}

  /** What lies directly in a folder, its paths from the root on. */
  async list(rootUri: string, folder: string | undefined) {
    const root = rootOf(rootUri);
    const entries = await this.blobs.list(folder === undefined ? root : `${root}/${checkedPath(folder)}`);
    const files = entries.map((entry) => ({
      path: entry.path.slice(root.length + 1),
      is_dir: entry.isFolder,
      file_size: entry.isFolder ? undefined : entry.sizeBytes,
    }));
    return { root_uri: rootUri, files };
  }

  async send(rootUri: string, path: string, response: Response): Promise<void> {
    await sendBlob(await this.blobs.open(this.pathOf(rootUri, path)), path, response);
  }

  async put(rootUri: string, path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.blobs.put(this.pathOf(rootUri, path), content);
  }

  private pathOf(rootUri: string, path: string): string {
    return `${rootOf(rootUri)}/${checkedPath(path)}`;
  }
}

function rootOf(uri: string): string {
  if (/^mlflow-artifacts:/.test(uri)) return parseArtifactUri(uri).path;
  throw invalidParameter(`The artifacts at ${uri} are not served here: only a client that can reach them can`);
}

/** @throws MlflowError in the words that MLflow's own clients look for */
export function checkedPath(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  try {
    blobSegments(trimmed);
  } catch (cause) {
    throw Object.assign(invalidParameter('Invalid path'), { cause });
  }
  return trimmed;
}
