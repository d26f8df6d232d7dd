import type { TrackingReads } from '../tracking/tracking-reads.js';
import type { ScoredTable } from './paired-rows.js';
import type { RunFigures } from './paired-figures.js';
import { readTable } from './read-table.js';

interface Metric {
  readonly key: string;
  readonly value: number | string;
  readonly step?: number | string;
  readonly timestamp?: number | string;
}
interface Pair {
  readonly key: string;
  readonly value: string;
}
export interface TrackedRun {
  readonly info: {
    readonly run_id: string;
    readonly run_name?: string;
    readonly experiment_id: string;
    readonly artifact_uri: string;
  };
  readonly data: {
    readonly metrics?: readonly Metric[];
    readonly params?: readonly Pair[];
    readonly tags?: readonly Pair[];
  };
}

/** Artifacts of a run in which predictions are looked for, in this order. */
export const TABLES = ['eval_results_table.json', 'predictions.json', 'predictions.csv'];
/** What tells one child run from its siblings, and the same in both parents. */
const SIBLING = ['fold', 'cv_fold', 'split', 'repeat', 'seed', 'random_state'];

const LARGEST_TABLE_BYTES = 64 * 2 ** 20;
const MOST_METRICS = 50;
const MOST_POINTS = 10_000;
const MOST_CHILDREN = 1000;

/** What a run has logged that a comparison can use, through tracking's HTTP API. */
export class RunEvidence {
  constructor(private readonly tracking: TrackingReads) {}

  async run(runId: string): Promise<TrackedRun | undefined> {
    return (await this.tracking.get<{ run: TrackedRun }>('runs/get', { run_id: runId }))?.run;
  }

  /** @param keys of metrics; default the run's first fifty, and its children's */
  async figures(run: TrackedRun, keys?: readonly string[]): Promise<RunFigures> {
    const isWanted = (key: string) => keys?.includes(key) ?? true;
    const steps = new Map<string, ReadonlyMap<string, number>>();
    for (const { key } of (run.data.metrics ?? []).filter(({ key }) => isWanted(key)).slice(0, MOST_METRICS))
      steps.set(key, await this.history(run.info.run_id, key));
    return { runId: run.info.run_id, steps, children: byMetric(await this.children(run), isWanted) };
  }

  /** The run's table of predictions; undefined when it has none. */
  async table(run: TrackedRun): Promise<ScoredTable | { readonly missing: string } | undefined> {
    const root = run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
    if (root === run.info.artifact_uri) return { missing: `artifacts of run ${run.info.run_id} lie elsewhere` };
    for (const name of TABLES) {
      const response = await this.tracking.artifact(`${root}/${name}`);
      if (!response) continue;
      const source = `${name} of run ${run.info.run_id}`;
      if (Number(response.headers.get('content-length')) > LARGEST_TABLE_BYTES) {
        await response.body?.cancel();
        return { missing: `${source} is larger than 64 MiB` };
      }
      return rename(readTable(name, await response.text()), source);
    }
    return undefined;
  }

  /** The last value of each step. */
  private async history(run_id: string, metric_key: string): Promise<ReadonlyMap<string, number>> {
    const query = { run_id, metric_key, max_results: String(MOST_POINTS) };
    const points = (await this.tracking.get<{ metrics?: Metric[] }>('metrics/get-history', query))?.metrics ?? [];
    const inTime = points.toSorted((a, b) => Number(a.timestamp ?? 0) - Number(b.timestamp ?? 0));
    return new Map(inTime.map(({ step = 0, value }) => [String(step), Number(value)]));
  }

  private async children({ info }: TrackedRun): Promise<TrackedRun[]> {
    const filter = `tags.\`mlflow.parentRunId\` = '${info.run_id}'`;
    const body = { experiment_ids: [info.experiment_id], filter, max_results: MOST_CHILDREN };
    return (await this.tracking.post<{ runs?: TrackedRun[] }>('runs/search', body))?.runs ?? [];
  }
}

function rename(table: ScoredTable | { missing: string }, source: string): ScoredTable | { missing: string } {
  return 'missing' in table ? { missing: `${table.missing} (${source})` } : { ...table, source };
}

/** A child without a fold or seed cannot be paired. Of two with the same the first counts. */
function byMetric(children: readonly TrackedRun[], isWanted: (key: string) => boolean): RunFigures['children'] {
  const figures = new Map<string, Map<string, number>>();
  for (const { data } of children) {
    const known = new Map([...(data.tags ?? []), ...(data.params ?? [])].map(({ key, value }) => [key, value]));
    const sibling = SIBLING.flatMap((name) => (known.has(name) ? [`${name}=${known.get(name)}`] : [])).join(',');
    if (sibling === '') continue;
    for (const { key, value } of data.metrics ?? []) {
      if (!isWanted(key)) continue;
      const of = figures.get(key) ?? new Map<string, number>();
      if (!of.has(sibling)) of.set(sibling, Number(value));
      figures.set(key, of);
    }
  }
  return figures;
}
