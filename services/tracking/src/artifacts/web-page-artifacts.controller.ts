import { Controller, Get, HttpCode, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { type Asked, FromQuery, invalidParameter, MlflowErrorFilter } from '@headrace/mlflow-protocol';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Runs } from '../runs/runs.js';
import { checkedPath, ServedArtifacts } from './served-artifacts.js';

const namedFile = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  path: z.string().optional(),
});

/** What MLflow's web page uses beside the API: one file of a run, down and up. */
@Controller()
@UseFilters(MlflowErrorFilter)
export class WebPageArtifactsController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(ServedArtifacts) private readonly artifacts: ServedArtifacts,
  ) {}

  @Get(['get-artifact', 'ajax-api/2.0/mlflow/get-artifact'])
  async download(@FromQuery(namedFile) file: Asked<typeof namedFile>, @Res() response: Response): Promise<void> {
    const { runId, path } = named(file);
    await this.artifacts.send((await this.runs.info(runId)).artifact_uri, path, response);
  }

  @Post('ajax-api/2.0/mlflow/upload-artifact')
  @HttpCode(200)
  async upload(@FromQuery(namedFile) file: Asked<typeof namedFile>, @Req() request: Request) {
    const { runId, path } = named(file);
    if (!(Number(request.headers['content-length']) > 0) && request.headers['transfer-encoding'] === undefined) {
      throw invalidParameter('Request must specify data.');
    }
    await this.artifacts.put((await this.runs.info(runId)).artifact_uri, path, request);
    return {};
  }
}

function named({ run_id, run_uuid, path }: Asked<typeof namedFile>): { runId: string; path: string } {
  const runId = run_uuid || run_id;
  if (!runId) throw invalidParameter('Request must specify run_uuid.');
  if (!path) throw invalidParameter('Request must specify path.');
  return { runId, path: checkedPath(path) };
}
