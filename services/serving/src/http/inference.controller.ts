import { HeadraceError, toProblem } from '@headrace/service-kit';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, UseFilters } from '@nestjs/common';
import type { Endpoint } from '../deployments/endpoint.js';
import { Endpoints } from '../deployments/endpoints.js';
import { invalid, parseInferRequest } from '../inference/infer-request.js';
import { predict, type PredictParts } from '../inference/predict.js';
import type { ServingMetrics } from '../serving-metrics.js';
import { OipErrorFilter } from './oip-error.filter.js';
import { oipTensor } from './oip-tensor.js';

export const PREDICT_PARTS = Symbol('headrace.serving.predict');
export const SERVING_METRICS = Symbol('headrace.serving.metrics');

/** The Open Inference Protocol V2. `name` is a deployment; with a version, a deployment or a registered model that is deployed. */
@Controller('v2/models/:name')
@UseFilters(OipErrorFilter)
export class InferenceController {
  constructor(
    @Inject(Endpoints) private readonly endpoints: Endpoints,
    @Inject(PREDICT_PARTS) private readonly parts: PredictParts,
    @Inject(SERVING_METRICS) private readonly metrics: ServingMetrics,
  ) {}

  @Get(['', 'versions/:version'])
  metadata(@Param('name') name: string, @Param('version') version?: string) {
    const { resolved, inputs, model } = this.find(name, version);
    return { name, versions: [String(resolved.version)], platform: 'onnx_onnxv1', inputs, outputs: model.outputs };
  }

  @Get(['ready', 'versions/:version/ready'])
  ready(@Param('name') name: string, @Param('version') version?: string) {
    this.find(name, version);
    return { name, ready: true };
  }

  @Post(['infer', 'versions/:version/infer'])
  @HttpCode(200)
  async infer(
    @Body() body: unknown,
    @Headers() headers: Record<string, string | undefined>,
    @Param('name') name: string,
    @Param('version') version?: string,
  ) {
    let endpoint: Endpoint | undefined;
    let status = 200;
    try {
      endpoint = this.find(name, version);
      return await this.answer(endpoint, name, body, headers);
    } catch (error) {
      status = toProblem(error).status;
      throw error;
    } finally {
      this.metrics.requests.inc({ ...labelsOf(endpoint), status });
    }
  }

  private async answer(endpoint: Endpoint, name: string, body: unknown, headers: Record<string, string | undefined>) {
    if (headers['inference-header-content-length'] !== undefined)
      throw invalid('the binary tensor extension is not supported; send JSON (tritonclient: binary_data=False)');
    const request = parseInferRequest(body);
    const end = this.metrics.duration.startTimer({ deployment: endpoint.deployment });
    const prediction = await endpoint.use(() => predict(this.parts, endpoint, request, headers['traceparent']));
    end();
    this.metrics.rows.inc(labelsOf(endpoint), prediction.rows);
    return {
      model_name: name,
      model_version: String(endpoint.resolved.version),
      id: prediction.requestId,
      outputs: prediction.outputs.map(([output, tensor]) => oipTensor(output, tensor)),
    };
  }

  private find(name: string, version: string | undefined): Endpoint {
    const endpoint = version === undefined ? this.endpoints.get(name) : this.endpoints.version(name, Number(version));
    if (endpoint) return endpoint;
    const refusal = this.endpoints.refusal(name, version === undefined ? undefined : Number(version));
    // Not the request's fault, and over as soon as the quarantine is lifted or another version is deployed.
    if (refusal) throw new HeadraceError('UNAVAILABLE', refusal.message, { cause: refusal });
    const what = version === undefined ? `deployment '${name}'` : `version ${version} of '${name}'`;
    throw new HeadraceError('NOT_FOUND', `No ${what} is served`);
  }
}

function labelsOf(endpoint: Endpoint | undefined): { deployment: string; version: string } {
  return { deployment: endpoint?.deployment ?? '', version: endpoint ? String(endpoint.resolved.version) : '' };
}
