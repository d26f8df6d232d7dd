import { Inject, Injectable } from '@nestjs/common';
import { sql, type Kysely } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import { Experiments } from '../experiments/experiments.js';
import type { ExportRequest } from '../otlp/otlp-message.js';
import { textArray } from '../runs/pg-arrays.js';
import type { ExperimentRow, TraceRow, TrackingTables } from '../tables.js';
import { attributes } from '../changes/change-event.js';
import { storable, toJsonText } from './attribute-json.js';
import { mergeSpans, startOf } from './merge-spans.js';
import { textOf, toStoredSpan, type StoredSpan } from './stored-span.js';
import { traceArtifacts, traceSubject } from './trace-events.js';
import { Traces } from './traces.js';

interface Arrived {
  readonly spans: StoredSpan[];
  readonly resource: Record<string, string>;
}

/** Spans as OpenTelemetry sends them, whichever traces they belong to. An export is there whole, with an event for each of its traces, or not at all; repeated, it changes nothing. */
@Injectable()
export class SpanLog {
  constructor(
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(Experiments) private readonly experiments: Experiments,
    @Inject(Traces) private readonly traces: Traces,
  ) {}

  /** @param runId a run that the traces whose root came belong to */
  async log(experimentId: number, request: ExportRequest, runId?: string): Promise<void> {
    const experiment = await this.experiments.active(experimentId);
    const arrived = byTrace(request);
    // One order for all writers, so that none deadlocks another.
    const ids = [...arrived.keys()].sort();
    await this.changes.transaction(async (trx, tell) => {
      await createMissing(trx, experiment, ids, arrived);
      const { rows } = await sql<TraceRow>`
        select * from traces where trace_id = any(${ids}) order by trace_id for no key update`.execute(trx);
      await upsertSpans(
        trx,
        rows.flatMap((row) => arrived.get(row.trace_id)!.spans),
      );
      for (const row of rows) {
        const { spans, resource } = arrived.get(row.trace_id)!;
        const { tags, metadata, ...facts } = mergeSpans(row, spans, resource);
        await trx
          .updateTable('traces')
          .set({ ...facts, tags: JSON.stringify(tags), metadata: JSON.stringify(metadata) })
          .where('trace_id', '=', row.trace_id)
          .execute();
        const { request_time, execution_ms, state } = facts;
        await tell(traceSubject(row, 'LOGGED'), {
          attributes: [
            ...attributes({ request_time, execution_ms, state }),
            ...spans.map(({ span_id }) => ({ key: 'span_id', value: span_id })),
          ],
        });
      }
    });
    if (runId === undefined) return;
    const complete = ids.filter((id) => arrived.get(id)!.spans.some((span) => span.parent_span_id === null));
    for (let at = 0; at < complete.length; at += 100) await this.traces.linkToRun(complete.slice(at, at + 100), runId);
  }
}

function byTrace(request: ExportRequest): Map<string, Arrived> {
  const traces = new Map<string, Arrived>();
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const tags = resourceTags(resource.attributes);
    for (const span of scopeSpans.flatMap(({ spans }) => spans).map(toStoredSpan)) {
      const known = traces.get(span.trace_id);
      if (known === undefined) traces.set(span.trace_id, { spans: [span], resource: { ...tags } });
      else {
        known.spans.push(span);
        Object.assign(known.resource, tags);
      }
    }
  }
  return traces;
}

/** What describes the sender, but for the SDK's own words and names that are MLflow's. */
function resourceTags(given: ExportRequest['resourceSpans'][number]['resource']['attributes']): Record<string, string> {
  const json = Object.fromEntries(given.map(({ key, value }) => [storable(key).slice(0, 250), toJsonText(value)]));
  const kept = Object.keys(json).filter((key) => key !== '' && !/^(?:telemetry\.sdk|mlflow)\./.test(key));
  return Object.fromEntries(kept.map((key) => [key, textOf(json, key)!.slice(0, 8000).toWellFormed()]));
}

async function createMissing(
  trx: Kysely<TrackingTables>,
  experiment: ExperimentRow,
  ids: readonly string[],
  arrived: ReadonlyMap<string, Arrived>,
): Promise<void> {
  const tags = ids.map((id) => JSON.stringify(traceArtifacts(experiment, id)));
  const starts = ids.map((id) => startOf(arrived.get(id)!.spans));
  await sql`
    insert into traces (trace_id, experiment_id, request_time, state, tags)
    select n.id, ${experiment.experiment_id}, n.start, 'IN_PROGRESS', n.tags
    from unnest(${ids}::text[], ${starts}::bigint[], ${tags}::jsonb[]) as n(id, start, tags) order by 1
    on conflict do nothing`.execute(trx);
}

async function upsertSpans(trx: Kysely<TrackingTables>, given: readonly StoredSpan[]): Promise<void> {
  const spans = [...new Map(given.map((span) => [`${span.trace_id}/${span.span_id}`, span])).values()];
  const texts = (pick: (span: StoredSpan) => string) => textArray(spans.map(pick));
  await sql`
    insert into spans (trace_id, span_id, parent_span_id, name, type, status, start_ns, content)
    select trace_id, span_id, nullif(parent, ''), name, type, status, start_ns, content
    from unnest(${texts((span) => span.trace_id)}::text[], ${texts((span) => span.span_id)}::text[],
                ${texts((span) => span.parent_span_id ?? '')}::text[], ${texts((span) => span.name)}::text[],
                ${texts((span) => span.type)}::text[], ${texts((span) => span.status)}::text[],
                ${texts((span) => span.start_ns)}::numeric[], ${texts((span) => JSON.stringify(span.content))}::jsonb[])
         as n (trace_id, span_id, parent, name, type, status, start_ns, content)
    on conflict (trace_id, span_id) do update set parent_span_id = excluded.parent_span_id, name = excluded.name, type = excluded.type,
      status = excluded.status, start_ns = excluded.start_ns, content = excluded.content`.execute(trx);
}
