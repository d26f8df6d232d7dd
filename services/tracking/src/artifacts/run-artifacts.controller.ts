import { Inject, Query } from '@nestjs/common';
import {
  MlflowController,
  MlflowGet,
  optionalText,
  parseArtifactUri,
  parseRequest,
  text,
} from '@headrace/mlflow-protocol';
import { BlobStore } from '@headrace/persistence';
import { z } from 'zod';
import { Runs } from '../runs/runs.js';

const listArtifacts = z.object({ run_id: text(64), path: optionalText(2000) });

/** Lists a run's artifacts; the files themselves go through the proxy. */
@MlflowController('/artifacts')
export class RunArtifactsController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(BlobStore) private readonly blobs: BlobStore,
  ) {}

  @MlflowGet('list')
  async list(@Query() query: unknown) {
    const { run_id, path } = parseRequest(listArtifacts, query);
    const { info } = await this.runs.get(run_id);
    const root = parseArtifactUri(info.artifact_uri).path;
    const entries = await this.blobs.list(path === undefined ? root : `${root}/${path}`);
    const files = entries.map((entry) => ({
      path: entry.path.slice(root.length + 1),
      is_dir: entry.isFolder,
      file_size: entry.isFolder ? undefined : entry.sizeBytes,
    }));
    return { root_uri: info.artifact_uri, files };
  }
}
