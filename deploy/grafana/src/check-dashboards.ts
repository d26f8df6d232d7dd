import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { queriesOf, substitute, variablesOf, type DashboardFile, type DashboardQuery } from './dashboard-queries.js';
import { LocalPrometheus, type ScrapeTarget } from './local-prometheus.js';

export interface DashboardCheck {
  /** Every process whose metrics the dashboards show. */
  targets: readonly ScrapeTarget[];
  /** Path or name of Prometheus's own program; default `prometheus`. */
  prometheusBinary?: string;
  /** Paths of dashboards' JSON files; default deploy/grafana/dashboards/*.json. */
  dashboards?: readonly string[];
  /** How long a query may stay empty after the first scrape of every target, ms; default 60,000. */
  timeoutMs?: number;
}

export interface DashboardFault extends DashboardQuery {
  /** invalid: Prometheus refuses it. empty: no series with a number in it appeared in time. */
  fault: 'invalid' | 'empty';
  /** What Prometheus said, or the expression as it was sent. */
  message: string;
}

export interface DashboardCheckResult {
  /** Queries asked, all dashboards together. */
  queries: number;
  faults: DashboardFault[];
  /** Services whose metrics could not be read. */
  down: string[];
}

/** Long enough for two samples at one scrape a second, short enough that a stopped series is noticed. */
const RATE_INTERVAL = '5s';

/**
 * Starts a real Prometheus against a running platform and asks every query of every dashboard until it returns data.
 * Ends as soon as all do; the result lists those that are invalid, or still empty at the time limit.
 */
export async function checkDashboards(check: DashboardCheck): Promise<DashboardCheckResult> {
  const files = (check.dashboards ?? committedDashboards()).map(
    (path) => JSON.parse(readFileSync(path, 'utf8')) as DashboardFile,
  );
  const prometheus = await LocalPrometheus.start(check.prometheusBinary ?? 'prometheus', check.targets);
  try {
    const down = await prometheus.firstScrapes();
    return { ...(await askUntilAnswered(prometheus, files, check.timeoutMs ?? 60_000)), down };
  } finally {
    await prometheus.stop();
  }
}

function committedDashboards(): string[] {
  const folder = join(import.meta.dirname, '../dashboards');
  return globSync('*.json', { cwd: folder }).map((file) => join(folder, file));
}

async function askUntilAnswered(
  prometheus: LocalPrometheus,
  files: readonly DashboardFile[],
  timeoutMs: number,
): Promise<Omit<DashboardCheckResult, 'down'>> {
  const started = Date.now();
  let open = files.flatMap((file) => queriesOf(file).map((query) => ({ query, file })));
  const queries = open.length;
  for (;;) {
    const seconds = Math.ceil((Date.now() - started) / 1000) + 5;
    const faults: DashboardFault[] = [];
    const still: typeof open = [];
    for (const item of open) {
      const fault = await ask(prometheus, item.query, item.file, seconds);
      if (!fault) continue;
      faults.push(fault);
      still.push(item);
    }
    open = still;
    // An invalid query stays invalid, so only empty ones are worth waiting for.
    const worthWaiting = faults.some(({ fault }) => fault === 'empty') && Date.now() - started < timeoutMs;
    if (!worthWaiting) return { queries, faults };
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function ask(
  prometheus: LocalPrometheus,
  query: DashboardQuery,
  file: DashboardFile,
  seconds: number,
): Promise<DashboardFault | undefined> {
  const expr = substitute(query.expr, await valuesOf(prometheus, file), RATE_INTERVAL);
  const answer = await prometheus.queryRange(expr, seconds);
  if ('invalid' in answer) return { ...query, fault: 'invalid', message: answer.invalid };
  // NaN is what a quantile of no observation is: drawn as nothing, so it counts as nothing.
  const hasNumber = answer.series.some(({ values }) => values.some(([, value]) => value !== 'NaN'));
  return hasNumber ? undefined : { ...query, fault: 'empty', message: expr };
}

async function valuesOf(prometheus: LocalPrometheus, file: DashboardFile): Promise<Map<string, string[]>> {
  const values = new Map<string, string[]>();
  for (const [name, { metric, label }] of variablesOf(file)) {
    values.set(name, await prometheus.labelValues(label, metric));
  }
  return values;
}
