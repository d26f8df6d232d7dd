import { Inject, Param } from '@nestjs/common';
import {
  type Asked,
  formatDouble,
  FromBody,
  FromEither,
  FromQuery,
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
} from '@headrace/mlflow-protocol';
import { npmi } from './correlation.js';
import { toTrace, toTraceInfo } from './trace-answers.js';
import {
  checkMutable,
  correlate,
  deleteTraces,
  linkPrompts,
  linkTraces,
  namedTrace,
  namedTraces,
  searchTraces,
  startTrace,
  traceTag,
  traceTagKey,
} from './trace-messages.js';
import { TraceSearch } from './trace-search.js';
import { Traces } from './traces.js';
import { WholeTraces } from './whole-traces.js';

/** MLflow's traces API. Clients ask some of it as 2.0 and some as 3.0. */
@MlflowController('/traces', 2, 3)
export class TracesController {
  constructor(
    @Inject(Traces) private readonly traces: Traces,
    @Inject(WholeTraces) private readonly whole: WholeTraces,
    @Inject(TraceSearch) private readonly traceSearch: TraceSearch,
  ) {}

  @MlflowPost('')
  async start(@FromBody(startTrace) request: Asked<typeof startTrace>) {
    const trace_info = toTraceInfo(await this.traces.start(request.trace.trace_info));
    return { trace: { trace_info } };
  }

  @MlflowPost('search')
  async search(@FromBody(searchTraces) request: Asked<typeof searchTraces>) {
    const { traces, nextPageToken } = await this.traceSearch.search(request);
    return { traces: traces.map(toTraceInfo), next_page_token: nextPageToken };
  }

  @MlflowPost('delete-traces')
  async delete(@FromBody(deleteTraces) request: Asked<typeof deleteTraces>) {
    return { traces_deleted: await this.traces.delete(request) };
  }

  @MlflowPost('link-to-run')
  async linkToRun(@FromBody(linkTraces) request: Asked<typeof linkTraces>) {
    const { trace_ids, run_id } = request;
    await this.traces.linkToRun(trace_ids, run_id);
    return {};
  }

  @MlflowPost('link-prompts')
  async linkPrompts(@FromBody(linkPrompts) request: Asked<typeof linkPrompts>) {
    const { trace_id, prompt_versions } = request;
    await this.traces.linkPrompts(trace_id, prompt_versions);
    return {};
  }

  @MlflowPost('calculate-filter-correlation')
  async correlate(@FromBody(correlate) request: Asked<typeof correlate>) {
    const counts = await this.traceSearch.count(request);
    return {
      npmi: formatDouble(npmi(counts)),
      npmi_smoothed: formatDouble(npmi(counts, 0.5)),
      filter1_count: counts.first,
      filter2_count: counts.second,
      joint_count: counts.both,
      total_count: counts.total,
    };
  }

  @MlflowGet('get')
  async get(@FromQuery(namedTrace) request: Asked<typeof namedTrace>) {
    const { trace_id, allow_partial } = request;
    const { trace, spans } = await this.whole.get(trace_id, allow_partial);
    return { trace: toTrace(trace, spans) };
  }

  @MlflowGet('batchGet')
  async several(@FromQuery(namedTraces) request: Asked<typeof namedTraces>) {
    const { trace_ids, experiment_ids } = request;
    const traces = await this.whole.withSpans(await this.traces.several(trace_ids, experiment_ids));
    return { traces: traces.map(({ trace, spans }) => toTrace(trace, spans)) };
  }

  @MlflowPost('batchGetInfos')
  async severalInfos(@FromBody(namedTraces) request: Asked<typeof namedTraces>) {
    const { trace_ids, experiment_ids } = request;
    return { trace_infos: (await this.traces.several(trace_ids, experiment_ids)).map(toTraceInfo) };
  }

  @MlflowGet(':id')
  async info(@Param('id') id: string) {
    return { trace: { trace_info: toTraceInfo(await this.traces.get(id)) } };
  }

  @MlflowPatch(':id/tags')
  async setTag(@Param('id') id: string, @FromBody(traceTag) request: Asked<typeof traceTag>) {
    const { key, value } = request;
    checkMutable(key, 'set');
    await this.traces.setTag(id, key, value);
    return {};
  }

  /** The key is in the body, or in the query. */
  @MlflowDelete(':id/tags')
  async deleteTag(@Param('id') id: string, @FromEither(traceTagKey) request: Asked<typeof traceTagKey>) {
    const { key } = request;
    checkMutable(key, 'deleted');
    await this.traces.deleteTag(id, key);
    return {};
  }
}
