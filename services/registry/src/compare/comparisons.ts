import type { DeploymentSpec } from '@headrace/contracts';
import { DATABASE } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { holm } from '@headrace/statistics';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { RegistryDatabase } from '../tables.js';
import { compareFigures } from './compare-figures.js';
import { comparePredictions } from './compare-predictions.js';
import { merge, type NotEnoughData, type Options, type Outcome, type TestResult } from './comparison.js';
import { pairFigures, type RunFigures } from './paired-figures.js';
import { pairRows, type ScoredTable } from './paired-rows.js';
import { RecordedPredictions } from './recorded-predictions.js';
import { RunEvidence, TABLES, type TrackedRun } from './run-evidence.js';

export interface Version {
  readonly name: string;
  readonly version: number;
}

export interface Asked extends Options {
  readonly runs?: readonly string[];
  readonly versions?: readonly Version[];
  readonly metrics?: readonly string[];
}

/** What is compared, with all that is known of it. */
interface Item {
  readonly id: string;
  readonly runId: string | null;
  readonly runName: string | null;
  readonly figures: RunFigures | undefined;
  readonly table: ScoredTable | { readonly missing: string } | undefined;
  /** What it has answered on topics; versions alone. */
  readonly recorded: ScoredTable | undefined;
}

export interface ComparedPair {
  readonly first: string;
  readonly second: string;
  readonly tests: ReadonlyArray<TestResult & { readonly adjustedPValue: number | null }>;
  readonly notEnoughData: readonly NotEnoughData[];
}

/** Runs and versions compared pair by pair, on what they have logged and answered; p-values are corrected for all tests of the answer. */
@Injectable()
export class Comparisons {
  constructor(
    @Inject(DATABASE) private readonly database: RegistryDatabase,
    @Inject(RunEvidence) private readonly evidence: RunEvidence,
    @Inject(RecordedPredictions) private readonly recorded: RecordedPredictions,
  ) {}

  async of({ runs, versions, metrics, ...options }: Asked) {
    const items = versions ? await this.versions(versions, metrics) : await this.runs(runs ?? [], metrics);
    const pairs = items.flatMap((first, at) =>
      items.slice(at + 1).map((second) => ({ first: first.id, second: second.id, ...compare(first, second, options) })),
    );
    return {
      items: items.map(({ id, runId, runName }) => ({ id, runId, runName })),
      ...options,
      correction: { method: 'holm', tests: pairs.flatMap(({ tests }) => withP(tests)).length },
      pairs: corrected(pairs),
    };
  }

  private async runs(ids: readonly string[], metrics?: readonly string[]): Promise<Item[]> {
    const items: Item[] = [];
    for (const id of ids) {
      const run = await this.evidence.run(id);
      if (!run) throw new HeadraceError('NOT_FOUND', `There is no run ${id}`);
      items.push({ id, ...(await this.ofRun(run, metrics)), recorded: undefined });
    }
    return items;
  }

  private async versions(versions: readonly Version[], metrics?: readonly string[]): Promise<Item[]> {
    const recorded = await this.recordedOf(versions);
    const items: Item[] = [];
    for (const [at, { name, version }] of versions.entries()) {
      const runId = await this.runOf(name, version);
      const run = runId === null ? undefined : await this.evidence.run(runId);
      const logged = run ? await this.ofRun(run, metrics) : nothingLogged(runId);
      items.push({ id: `${name}@${version}`, ...logged, recorded: recorded[at] });
    }
    return items;
  }

  private async ofRun(run: TrackedRun, metrics?: readonly string[]) {
    const { run_id: runId, run_name: runName = null } = run.info;
    return {
      runId,
      runName,
      figures: await this.evidence.figures(run, metrics),
      table: await this.evidence.table(run),
    };
  }

  /** Versions of one model answer the same records: those of its deployments' topics. */
  private async recordedOf(versions: readonly Version[]): Promise<Array<ScoredTable | undefined>> {
    const [model, ...others] = new Set(versions.map(({ name }) => name));
    if (model === undefined || others.length > 0) return versions.map(() => undefined);
    const { rows } = await sql<{ spec: string }>`
      select spec from deployments where model_name = ${model} and not deleted order by name`.execute(this.database.db);
    const specs = rows.map(({ spec }) => JSON.parse(spec) as DeploymentSpec);
    return this.recorded.tables(model, versions.map(({ version }) => version), specs); // prettier-ignore
  }

  /** @returns null for a version without a run */
  private async runOf(name: string, version: number): Promise<string | null> {
    const { rows } = await sql<{ run_id: string | null }>`
      select run_id from model_versions where name = ${name} and version = ${version}`.execute(this.database.db);
    if (!rows[0]) throw new HeadraceError('NOT_FOUND', `There is no version ${version} of '${name}'`);
    return rows[0].run_id;
  }
}

const nothingLogged = (runId: string | null) => ({ runId, runName: null, figures: undefined, table: undefined });

function compare(first: Item, second: Item, options: Options): Outcome {
  if (first.runId !== null && first.runId === second.runId) {
    const missing = `two runs: both are of ${first.runId}`;
    return { tests: [], notEnoughData: [{ test: 'all', figure: 'all', missing }] };
  }
  return merge([...predictions(first, second, options), figures(first, second, options)]);
}

function predictions(first: Item, second: Item, options: Options): Outcome[] {
  const outcomes: Outcome[] = [];
  const { recorded: a, recorded: _, table } = first;
  if (a && second.recorded && a.rows.size > 0 && second.recorded.rows.size > 0)
    outcomes.push(tables(a, second.recorded, 'recorded predictions', options));
  if (table && second.table) outcomes.push(tables(table, second.table, 'logged predictions', options));
  if (outcomes.length > 0) return outcomes;
  const without = [first, second].filter((item) => !item.table).map(({ id }) => id);
  const logged = `${TABLES.join(', ')} with id, label and score or prediction among the artifacts of ${without.join(' and ')}`;
  const missing = a ? `${logged}, or labelled predictions of both on topics (see headrace replay)` : logged;
  return [{ tests: [], notEnoughData: [{ test: 'all', figure: 'predictions', missing }] }];
}

function tables(
  first: NonNullable<Item['table']>,
  second: NonNullable<Item['table']>,
  over: string,
  options: Options,
): Outcome {
  const paired = 'missing' in first ? first : 'missing' in second ? second : pairRows(first, second);
  if ('missing' in paired)
    return { tests: [], notEnoughData: [{ test: 'all', figure: 'predictions', missing: paired.missing }] };
  return comparePredictions(paired, over, options);
}

function figures(first: Item, second: Item, options: Options): Outcome {
  if (!first.figures || !second.figures) {
    const missing = `the run of ${first.figures ? second.id : first.id}`;
    return { tests: [], notEnoughData: [{ test: 'wilcoxon', figure: 'metrics', missing }] };
  }
  const { paired, missing } = pairFigures(first.figures, second.figures);
  return merge([...paired.map((each) => compareFigures(each, options)), { tests: [], notEnoughData: missing }]);
}

const withP = (tests: readonly TestResult[]) => tests.filter(({ pValue }) => pValue !== null);

/** Holm's correction over every test of every pair. */
function corrected(pairs: ReadonlyArray<{ first: string; second: string } & Outcome>): ComparedPair[] {
  const adjusted = holm(pairs.flatMap(({ tests }) => withP(tests).map(({ pValue }) => pValue!)));
  let at = 0;
  return pairs.map((pair) => ({
    ...pair,
    tests: pair.tests.map((test) => ({ ...test, adjustedPValue: test.pValue === null ? null : adjusted[at++]! })),
  }));
}
