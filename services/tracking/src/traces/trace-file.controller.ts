import { Controller, Get, Inject, Res, UseFilters } from '@nestjs/common';
import { type Asked, FromQuery, MlflowError, MlflowErrorFilter, optionalText } from '@headrace/mlflow-protocol';
import type { Response } from 'express';
import { z } from 'zod';
import { ServedArtifacts } from '../artifacts/served-artifacts.js';
import { Traces } from './traces.js';
import { WholeTraces } from './whole-traces.js';

const traceFile = z.object({ request_id: optionalText(250), path: optionalText(2000) });
const FILE = 'traces.json';

/** What MLflow's web page reads of a trace: its spans as a file, whether they came as spans or as that file; or an attachment. */
@Controller('ajax-api')
@UseFilters(MlflowErrorFilter)
export class TraceFileController {
  constructor(
    @Inject(Traces) private readonly traces: Traces,
    @Inject(WholeTraces) private readonly whole: WholeTraces,
    @Inject(ServedArtifacts) private readonly artifacts: ServedArtifacts,
  ) {}

  @Get(['2.0/mlflow/get-trace-artifact', '3.0/mlflow/get-trace-artifact'])
  async download(@FromQuery(traceFile) request: Asked<typeof traceFile>, @Res() response: Response): Promise<void> {
    const { request_id, path } = request;
    if (request_id === undefined)
      throw new MlflowError('BAD_REQUEST', 'Request must include the "request_id" query parameter.');
    const trace = await this.traces.get(request_id);
    const [found] = path === undefined ? await this.whole.withSpans([trace]) : [];
    if (found === undefined) {
      const file = path === undefined ? FILE : `attachments/${path}`;
      return this.artifacts.send(trace.tags['mlflow.artifactLocation'] ?? '', file, response);
    }
    response.set({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename=${FILE}`,
      'x-content-type-options': 'nosniff',
    });
    response.send(Buffer.from(JSON.stringify({ spans: found.spans })));
  }
}
