import { sql } from 'kysely';
import type { RetrainModel } from '@headrace/contracts';
import type { Trx } from '../database.js';
import type { EventWindow } from '../windows/window-grid.js';

/** What the gate measured of a version before it was let in. */
export interface GateFigures {
  /** By check name: auc, log_loss, calibration_error. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Holdout rows they stand on. */
  readonly rows: number;
}

/** What the gate measured of a version when it was the candidate; null when no gate's verdict is known. */
export async function gateFigures(trx: Trx, model: string, version: number): Promise<GateFigures | null> {
  const verdict = await trx
    .selectFrom('gate_verdicts')
    .select(['checks', 'rows'])
    .where('model', '=', model)
    .where('candidate_version', '=', version)
    .orderBy('decided_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!verdict || verdict.rows <= 0) return null;
  return {
    metrics: Object.fromEntries(verdict.checks.map(({ name, candidate }) => [name, candidate])),
    rows: verdict.rows,
  };
}

/** Event time that a version was trained on; null for a version that was not trained here. */
export async function trainingPeriod(trx: Trx, model: string, version: number): Promise<EventWindow | null> {
  const result = await trx
    .selectFrom('training_results')
    .select(['snapshot_from', 'snapshot_to'])
    .where('model', '=', model)
    .where('version', '=', version)
    .where('snapshot_to', 'is not', null)
    .orderBy('job_id')
    .limit(1)
    .executeTakeFirst();
  return result ? { start: result.snapshot_from!, end: result.snapshot_to! } : null;
}

/** What earlier commands mean for a further one. */
export interface CommandHistory {
  /** windowEnd of the deployment's latest command. */
  readonly lastCommandAt: number | null;
  /** Commands for this version so far. */
  readonly asked: number;
  /** One of them is unanswered: training has not failed, the gate has not refused, the registry has not decided. */
  readonly open: boolean;
  /** Commands for any version whose evidence ends after `after`. */
  readonly recent: number;
}

/** Commands whose evidence ends at `until` or before, event time, ms: what came later was not known then, and a replay must decide the same. */
export async function commandHistory(
  trx: Trx,
  deployment: string,
  version: number,
  { after, until }: { readonly after: number; readonly until: number },
): Promise<CommandHistory> {
  const { rows } = await sql<CommandHistory>`
    select max(window_end) as "lastCommandAt", count(*) filter (where version = ${version}) as asked,
      count(*) filter (where window_end > ${after}) as recent,
      coalesce(bool_or(version = ${version}
        and not exists (select from training_results t where t.command_id = c.command_id and t.status = 'FAILED')
        and not exists (select from gate_verdicts g where g.command_id = c.command_id and not g.passed)
        and not exists (select from gate_verdicts g join promotions p on p.verdict_id = g.verdict_id
          where g.command_id = c.command_id)), false) as open
    from commands c where deployment = ${deployment} and window_end <= ${until}`.execute(trx);
  return rows[0]!;
}

/** Whether an operator wants no command for evidence that ends at this event time. */
export async function isVetoed(trx: Trx, deployment: string, windowEnd: number): Promise<boolean> {
  const veto = await trx
    .selectFrom('retrain_vetoes')
    .select('veto_id')
    .where('deployment', '=', deployment)
    .where('from_time', '<', windowEnd)
    .where(({ eb, or }) => or([eb('to_time', 'is', null), eb('to_time', '>=', windowEnd)]))
    .limit(1)
    .executeTakeFirst();
  return veto !== undefined;
}

/** What an earlier life of the database told about a window; null when nothing. */
export async function toldBefore(
  trx: Trx,
  reportId: string,
): Promise<{ readonly retrain: string; readonly command: RetrainModel | null } | null> {
  const told = await trx
    .selectFrom('told_reports')
    .leftJoin('told_commands', 'told_commands.command_id', 'told_reports.retrain')
    .select(['told_reports.retrain', 'told_commands.command'])
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  return told ?? null;
}
