import { Controller, HttpCode, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { MlflowErrorFilter, parseRequest, text } from '@headrace/mlflow-protocol';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { experimentId } from '../experiments/experiment-messages.js';
import { SpanLog } from '../traces/span-log.js';
import { mediaTypeOf, readExport } from './read-export.js';

const exportHeaders = z.object({ 'x-mlflow-experiment-id': experimentId, 'x-mlflow-run-id': text(64).optional() });

/** OpenTelemetry's traces over HTTP, from any of its SDKs: an exporter with the header x-mlflow-experiment-id, and x-mlflow-run-id if there is a run. */
@Controller('v1/traces')
@UseFilters(MlflowErrorFilter)
export class OtlpController {
  constructor(@Inject(SpanLog) private readonly spans: SpanLog) {}

  @Post()
  @HttpCode(200)
  async export(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { headers } = request;
    const named = parseRequest(exportHeaders, headers);
    const type = mediaTypeOf(headers['content-type']);
    const read = await readExport(request, {
      contentType: type,
      contentEncoding: headers['content-encoding'],
    });
    await this.spans.log(named['x-mlflow-experiment-id'], read, named['x-mlflow-run-id']);
    // An ExportTraceServiceResponse without partial success is empty in protobuf.
    response.type(type).send(type === 'application/json' ? '{}' : Buffer.alloc(0));
  }
}
