import { Inject } from '@nestjs/common';
import { type Asked, FromQuery, MlflowController, MlflowGet, optionalText, text } from '@headrace/mlflow-protocol';
import { z } from 'zod';
import { Runs } from '../runs/runs.js';
import { ServedArtifacts } from './served-artifacts.js';

const listArtifacts = z.object({ run_id: text(64), path: optionalText(2000) });

/** Lists a run's artifacts; the files themselves go through the proxy. */
@MlflowController('/artifacts')
export class RunArtifactsController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(ServedArtifacts) private readonly artifacts: ServedArtifacts,
  ) {}

  @MlflowGet('list')
  async list(@FromQuery(listArtifacts) request: Asked<typeof listArtifacts>) {
    const { run_id, path } = request;
    return this.artifacts.list((await this.runs.info(run_id)).artifact_uri, path);
  }
}
