import { Inject, Injectable } from '@nestjs/common';
import { doesNotExist, MlflowError } from '@headrace/mlflow-protocol';
import { Pause } from '@headrace/service-kit';
import { ChangeLog } from '../changes/change-log.js';
import type { TraceRow } from '../tables.js';
import { loadSpans, loadTrace } from './load-traces.js';
import { SPANS_HERE } from './merge-spans.js';
import type { SpanContent } from './stored-span.js';

export interface WholeTrace {
  readonly trace: TraceRow;
  readonly spans: readonly SpanContent[];
}

/** Clients export spans beside the trace itself: how long a reader waits for those that are announced, ms (MLflow's). */
const WAITS_MS = [1000, 2000];
const [[LOCATION, HERE]] = Object.entries(SPANS_HERE) as [[string, string]];
const ANNOUNCED = 'mlflow.trace.sizeStats';

/** Traces with their spans. */
@Injectable()
export class WholeTraces {
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  /** @throws MlflowError when there is no such trace, its spans are in a file, or (unless `partial`) not all of them have come */
  async get(traceId: string, partial: boolean): Promise<WholeTrace> {
    for (const waitMs of [...WAITS_MS, 0]) {
      const trace = await loadTrace(this.changes.db, traceId);
      const [whole] = await this.withSpans([trace]);
      if (whole === undefined) throw new MlflowError('BAD_REQUEST', 'Trace data not stored in tracking store');
      if (partial || isComplete(whole)) return whole;
      if (waitMs > 0) await new Pause().forMs(waitMs);
    }
    throw doesNotExist(`Trace with ID ${traceId} is not fully exported yet, please try again later.`);
  }

  /** Those of the traces whose spans are here. */
  async withSpans(traces: readonly TraceRow[]): Promise<WholeTrace[]> {
    const here = traces.filter(({ tags }) => tags[LOCATION] === HERE);
    const spansOf = await loadSpans(
      this.changes.db,
      here.map((trace) => trace.trace_id),
    );
    return here.map((trace) => ({ trace, spans: spansOf(trace.trace_id) }));
  }
}

function isComplete({ trace, spans }: WholeTrace): boolean {
  return spans.length >= announced(trace.metadata[ANNOUNCED]);
}

function announced(sizeStats: string | undefined): number {
  try {
    return Number((JSON.parse(sizeStats ?? '{}') as { num_spans?: unknown } | null)?.num_spans ?? 1) || 1;
  } catch {
    return 1;
  }
}
