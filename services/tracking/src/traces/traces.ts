import { Inject, Injectable } from '@nestjs/common';
import { doesNotExist, invalidParameter } from '@headrace/mlflow-protocol';
import { sql } from 'kysely';
import { attributes } from '../changes/change-event.js';
import { ChangeLog } from '../changes/change-log.js';
import { Experiments } from '../experiments/experiments.js';
import { noSuchRun } from '../runs/active-run.js';
import type { TraceRow } from '../tables.js';
import { loadTrace, loadTraces, lockTrace } from './load-traces.js';
import { byId, newAssessment } from './assessment-messages.js';
import { toTags, traceArtifacts, traceSubject } from './trace-events.js';
import type { DeleteTraces, LegacyEndTrace, TraceInfo } from './trace-messages.js';

const MOST_LINKS = 100;
/** Traces that one transaction deletes: a larger call is several, each of them whole, and a repeated call goes on. */
const DELETED_AT_ONCE = 500;

/** What is known of traces; their spans are in SpanLog. Each call is one transaction, unless it says otherwise. */
@Injectable()
export class Traces {
  constructor(
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(Experiments) private readonly experiments: Experiments,
  ) {}

  /** A trace as its client knows it in the end. Idempotent; spans of it may have come before, and what they said is overwritten. */
  async start(info: TraceInfo): Promise<TraceRow> {
    const { experiment_id } = info.trace_location.mlflow_experiment;
    const experiment = await this.experiments.active(experiment_id);
    const tags = { ...info.tags, ...traceArtifacts(experiment, info.trace_id) };
    const metadata = info.trace_metadata ?? {};
    const assessments = byId(info.assessments.map((each) => newAssessment(info.trace_id, each)));
    return this.changes.transaction(async (trx, tell) => {
      const { rows } = await sql<TraceRow & { created: boolean }>`
        insert into traces as t (trace_id, experiment_id, request_time, execution_ms, state, client_request_id, request_preview, response_preview, tags, metadata, assessments, finalized)
        values (${info.trace_id}, ${experiment_id}, ${info.request_time}, ${info.execution_duration ?? null}, ${info.state}, ${info.client_request_id ?? null},
          ${info.request_preview ?? null}, ${info.response_preview ?? null}, ${JSON.stringify(tags)}, ${JSON.stringify(metadata)}, ${JSON.stringify(assessments)}, true)
        on conflict (trace_id) do update set experiment_id = excluded.experiment_id, request_time = excluded.request_time, execution_ms = excluded.execution_ms,
          state = excluded.state, client_request_id = excluded.client_request_id, request_preview = coalesce(excluded.request_preview, t.request_preview),
          response_preview = coalesce(excluded.response_preview, t.response_preview), tags = t.tags || excluded.tags, metadata = t.metadata || excluded.metadata,
          assessments = t.assessments || excluded.assessments, finalized = true
        returning *, (xmax = 0) as created`.execute(trx);
      const { created, ...row } = rows[0]!;
      const { request_time, execution_ms, state, client_request_id } = row;
      await tell(traceSubject(row, created ? 'CREATED' : 'UPDATED'), {
        attributes: attributes({ request_time, execution_ms, state, client_request_id }),
        params: toTags(metadata),
        tags: toTags(tags),
      });
      return row;
    });
  }

  /** What MLflow's API 2.0 tells of a trace when it is over. */
  async end(traceId: string, request: LegacyEndTrace): Promise<TraceRow> {
    return this.changes.transaction(async (trx, tell) => {
      const trace = await lockTrace(trx, traceId);
      const changed = { execution_ms: request.timestamp_ms - trace.request_time, state: request.status };
      const tags = { ...trace.tags, ...request.tags };
      const metadata = { ...trace.metadata, ...request.request_metadata };
      await trx
        .updateTable('traces')
        .set({ ...changed, tags: JSON.stringify(tags), metadata: JSON.stringify(metadata) })
        .where('trace_id', '=', traceId)
        .execute();
      const { tags: given, request_metadata } = request;
      await tell(traceSubject(trace, 'UPDATED'), {
        attributes: attributes(changed),
        params: toTags(request_metadata),
        tags: toTags(given),
      });
      return { ...trace, ...changed, tags, metadata };
    });
  }

  async get(traceId: string): Promise<TraceRow> {
    return loadTrace(this.changes.db, traceId);
  }

  /** In the order of their ids; unknown ones, and those of other experiments, are left out. */
  async several(ids: readonly string[], experimentIds?: readonly number[]): Promise<TraceRow[]> {
    const traces = await loadTraces(this.changes.db, ids);
    return experimentIds === undefined ? traces : traces.filter((row) => experimentIds.includes(row.experiment_id));
  }

  async setTag(traceId: string, key: string, value: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const trace = await lockTrace(trx, traceId);
      await trx
        .updateTable('traces')
        .set({ tags: JSON.stringify({ ...trace.tags, [key]: value }) })
        .where('trace_id', '=', traceId)
        .execute();
      await tell(traceSubject(trace, 'UPDATED'), { tags: [{ key, value }] });
    });
  }

  async deleteTag(traceId: string, key: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const trace = await lockTrace(trx, traceId);
      const { [key]: found, ...tags } = trace.tags;
      if (found === undefined) throw doesNotExist(`No trace tag with key '${key}' for trace with ID '${traceId}'`);
      await trx
        .updateTable('traces')
        .set({ tags: JSON.stringify(tags) })
        .where('trace_id', '=', traceId)
        .execute();
      await tell(traceSubject(trace, 'UPDATED'), { removedTags: [key] });
    });
  }

  /** Idempotent; traces that do not exist are left out, as MLflow does. */
  async linkToRun(traceIds: readonly string[], runId: string): Promise<void> {
    if (traceIds.length > MOST_LINKS) {
      throw invalidParameter(
        `Cannot link more than ${MOST_LINKS} traces to a run in a single request. Provided ${traceIds.length} traces.`,
      );
    }
    await this.changes.transaction(async (trx, tell) => {
      const run = await trx.selectFrom('runs').select('experiment_id').where('run_id', '=', runId).executeTakeFirst();
      if (run === undefined) throw noSuchRun(runId);
      const { rows } = await sql<{ trace_id: string }>`
        insert into trace_runs (trace_id, run_id) select trace_id, ${runId} from traces where trace_id = any(${traceIds}) order by trace_id
        on conflict do nothing returning trace_id`.execute(trx);
      const links = rows.map((row) => ({ key: 'trace_id', value: row.trace_id }));
      await tell({ kind: 'RUN', id: runId, change: 'UPDATED', experimentId: run.experiment_id }, { attributes: links });
    });
  }

  /** Idempotent. */
  async linkPrompts(traceId: string, prompts: ReadonlyArray<{ name: string; version: string }>): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const trace = await lockTrace(trx, traceId);
      const given = prompts.map(({ name, version }) => `${name}/${version}`);
      const linked_prompts = [...new Set([...trace.linked_prompts, ...given])];
      await trx.updateTable('traces').set({ linked_prompts }).where('trace_id', '=', traceId).execute();
      await tell(traceSubject(trace, 'UPDATED'), {
        attributes: given.map((value) => ({ key: 'prompt', value })),
      });
    });
  }

  /** The oldest first, spans included; files of a trace stay. @returns how many */
  async delete(request: DeleteTraces): Promise<number> {
    const most = request.max_traces ?? Infinity;
    let deleted = 0;
    while (deleted < most) {
      const size = Math.min(DELETED_AT_ONCE, most - deleted);
      const found = await this.deleteSome(request, size);
      deleted += found;
      if (found < size) break;
    }
    return deleted;
  }

  private async deleteSome(request: DeleteTraces, size: number): Promise<number> {
    const { experiment_id, max_timestamp_millis, request_ids } = request;
    return this.changes.transaction(async (trx, tell) => {
      const { rows } = await sql<{ trace_id: string; experiment_id: number }>`
        delete from traces where trace_id in (
          select trace_id from traces where experiment_id = ${experiment_id}
            and ${max_timestamp_millis == null ? sql`trace_id = any(${request_ids})` : sql`request_time <= ${max_timestamp_millis}::bigint`}
          order by request_time, trace_id limit ${size} for update)
        returning trace_id, experiment_id`.execute(trx);
      for (const row of rows) await tell(traceSubject(row, 'DELETED'));
      return rows.length;
    });
  }
}
