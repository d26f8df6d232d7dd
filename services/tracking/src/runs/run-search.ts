import { Inject, Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, parseFilter, parseOrderBy } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { z } from 'zod';
import { stagesOf } from '../experiments/experiment-search.js';
import type { TrackingDatabase, TrackingTables } from '../tables.js';
import { loadRuns, type Run } from './load-runs.js';
import { conditionOf } from './run-conditions.js';
import { RUN_GRAMMAR, type SearchRuns } from './run-messages.js';
import { comesAfter, orderBy, type Position } from './run-ordering.js';
import { phasesOf, oneOf, type Phase } from './run-phases.js';

/** Number of the phase, then the value of each of its terms. */
const cursor = z.tuple([z.int().min(0)], z.union([z.string(), z.number(), z.null()]));

interface Found {
  readonly run_id: string;
  readonly phase: number;
  readonly position: readonly Position[];
}

/** MLflow's search over runs: metrics by their latest point. Pages begin behind the last run of the page before, whatever has been logged since. */
@Injectable()
export class RunSearch {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  async search(request: SearchRuns): Promise<{ runs: Run[]; nextPageToken: string | undefined }> {
    const { experiment_ids, max_results } = request;
    const comparisons = parseFilter(request.filter, RUN_GRAMMAR);
    const { phases, open } = phasesOf(parseOrderBy(request.order_by, RUN_GRAMMAR), experiment_ids, comparisons);
    const conditions = open.map((each) => conditionOf(each, experiment_ids));
    const [first, ...position] = decodeCursor(request.page_token, cursor) ?? [0];
    if (experiment_ids.length === 0) return { runs: [], nextPageToken: undefined };
    const found: Found[] = [];
    for (let at = first; at < phases.length && found.length <= max_results; at++) {
      const where = [...this.scope(request), ...conditions, ...after(phases[at]!, at === first ? position : [])];
      found.push(...(await this.walk(phases[at]!, at, where, max_results + 1 - found.length)));
    }
    const page = found.slice(0, max_results);
    const last = found.length > page.length ? page.at(-1) : undefined;
    return {
      runs: await loadRuns(
        this.db,
        page.map((run) => run.run_id),
      ),
      nextPageToken: last && encodeCursor([last.phase, ...last.position]),
    };
  }

  private scope({ experiment_ids, run_view_type }: SearchRuns): RawBuilder<SqlBool>[] {
    return [sql`r.experiment_id = ${oneOf(experiment_ids)}`, sql`r.lifecycle_stage = any(${stagesOf(run_view_type)})`];
  }

  private async walk(phase: Phase, at: number, where: readonly RawBuilder<SqlBool>[], limit: number): Promise<Found[]> {
    const columns = phase.terms.map(({ value }, n) => sql`${value} as ${sql.ref(`t${n}`)}`);
    const { rows } = await sql<Record<string, Position>>`
      select ${sql.join([sql`r.run_id`, ...columns])} from ${phase.from}
      where ${sql.join([...phase.where, ...where], sql` and `)}
      order by ${orderBy(phase.terms)} limit ${limit}`.execute(this.db);
    return rows.map((row) => ({
      run_id: row.run_id as string,
      phase: at,
      position: phase.terms.map((_, n) => asPosition(row[`t${n}`] ?? null)),
    }));
  }
}

function after(phase: Phase, position: readonly Position[]): RawBuilder<SqlBool>[] {
  return position.length === 0 ? [] : [comesAfter(phase.terms, position)];
}

function asPosition(value: Position): Position {
  return typeof value === 'number' ? String(value) : value;
}
