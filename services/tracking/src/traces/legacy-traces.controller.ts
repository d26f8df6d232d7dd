import { Inject, Param } from '@nestjs/common';
import {
  type Asked,
  FromBody,
  FromQuery,
  MlflowController,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
} from '@headrace/mlflow-protocol';
import { randomUUID } from 'node:crypto';
import { toLegacyTraceInfo } from './trace-answers.js';
import { legacyEndTrace, legacyStartTrace, searchTracesOfExperiments } from './trace-messages.js';
import { TraceSearch } from './trace-search.js';
import { Traces } from './traces.js';

/** What clients before MLflow 3 say of traces: begun, then ended, their spans in a file. List it before TracesController, whose paths it shares. */
@MlflowController('/traces')
export class LegacyTracesController {
  constructor(
    @Inject(Traces) private readonly traces: Traces,
    @Inject(TraceSearch) private readonly traceSearch: TraceSearch,
  ) {}

  @MlflowPost('')
  async start(@FromBody(legacyStartTrace) request: Asked<typeof legacyStartTrace>) {
    const { experiment_id, timestamp_ms, request_metadata, tags } = request;
    const trace = await this.traces.start({
      trace_id: `tr-${randomUUID().replaceAll('-', '')}`,
      trace_location: { mlflow_experiment: { experiment_id } },
      client_request_id: undefined,
      request_preview: undefined,
      response_preview: undefined,
      request_time: timestamp_ms,
      state: 'IN_PROGRESS',
      trace_metadata: request_metadata,
      tags,
      assessments: [],
    });
    return { trace_info: toLegacyTraceInfo(trace) };
  }

  @MlflowGet('')
  async search(@FromQuery(searchTracesOfExperiments) request: Asked<typeof searchTracesOfExperiments>) {
    const { traces, nextPageToken } = await this.traceSearch.search(request);
    return { traces: traces.map(toLegacyTraceInfo), next_page_token: nextPageToken };
  }

  @MlflowPatch(':id')
  async end(@Param('id') id: string, @FromBody(legacyEndTrace) request: Asked<typeof legacyEndTrace>) {
    return { trace_info: toLegacyTraceInfo(await this.traces.end(id, request)) };
  }

  @MlflowGet(':id/info')
  async info(@Param('id') id: string) {
    return { trace_info: toLegacyTraceInfo(await this.traces.get(id)) };
  }
}
