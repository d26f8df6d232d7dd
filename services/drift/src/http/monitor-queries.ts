import type { DriftReported, DriftVerdict, MonitorAction, RetrainModel, RetrainVetoed } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import { sql } from 'kysely';
import type { Db } from '../database.js';
import type { MonitoredDeployments } from '../deployments/monitored-deployments.js';

export interface MonitorSummary {
  readonly deployment: string;
  /** waiting: nothing predicted yet; watching; removed: the deployment, or its monitor, is gone and its history is kept. */
  readonly state: 'waiting' | 'watching' | 'removed';
  readonly championVersion: number | null;
  readonly action: MonitorAction | null;
  readonly watermark: number | null;
  readonly closedUntil: number | null;
  readonly lastVerdict: DriftVerdict | null;
  readonly windows: number;
  /** Over all closed windows. */
  readonly predictions: number;
  readonly labelled: number;
  readonly labelledShare: number | null;
  readonly commands: number;
}

type StoredSummary = Omit<MonitorSummary, 'state' | 'championVersion' | 'action' | 'labelledShare'>;

export interface CommandView extends RetrainModel {
  /** open: nobody has answered yet. */
  readonly outcome: 'open' | 'training failed' | 'refused by the gate' | 'promoted' | 'refused by the registry';
}

/** Reads for the HTTP API. */
export class MonitorQueries {
  constructor(
    private readonly db: Db,
    private readonly deployments: MonitoredDeployments,
  ) {}

  async monitors(): Promise<MonitorSummary[]> {
    const { rows } = await sql<StoredSummary>`
      select m.deployment, m.watermark, m.closed_until as "closedUntil", r.windows, r.predictions, r.labelled, r."lastVerdict",
        (select count(*) from commands c where c.deployment = m.deployment) as commands
      from monitors m cross join lateral (
        select count(*) as windows, coalesce(sum((report->>'predictions')::bigint), 0)::bigint as predictions,
          coalesce(sum((report->>'labelled')::bigint), 0)::bigint as labelled,
          (array_agg(report->>'verdict' order by window_start desc))[1] as "lastVerdict"
        from reports where deployment = m.deployment) r
      order by m.deployment`.execute(this.db);
    const watched = new Map(this.deployments.all().map((deployment) => [deployment.name, deployment]));
    return rows.map((row) => {
      const deployment = watched.get(row.deployment);
      const state = !deployment ? 'removed' : row.watermark === null ? 'waiting' : 'watching';
      const { championVersion = null, monitor } = deployment ?? {};
      const labelledShare = row.predictions > 0 ? row.labelled / row.predictions : null;
      return { ...row, state, championVersion, action: monitor?.action ?? null, labelledShare };
    });
  }

  /** @throws HeadraceError NOT_FOUND */
  async monitor(name: string): Promise<MonitorSummary> {
    const found = (await this.monitors()).find(({ deployment }) => deployment === name);
    if (!found) throw new HeadraceError('NOT_FOUND', `No monitor watches a deployment '${name}'`);
    return found;
  }

  /** Every report, oldest first. @throws HeadraceError NOT_FOUND */
  async windows(name: string): Promise<DriftReported[]> {
    await this.requireMonitor(name);
    const rows = await this.db
      .selectFrom('reports')
      .select('report')
      .where('deployment', '=', name)
      .orderBy('window_start')
      .execute();
    return rows.map(({ report }) => report);
  }

  /** Every command with what became of it, oldest first. @throws HeadraceError NOT_FOUND */
  async commands(name: string): Promise<CommandView[]> {
    await this.requireMonitor(name);
    const { rows } = await sql<{ command: RetrainModel; outcome: CommandView['outcome'] }>`
      select command, case
        when exists (select from training_results t where t.command_id = c.command_id and t.status = 'FAILED') then 'training failed'
        when exists (select from gate_verdicts g where g.command_id = c.command_id and not g.passed) then 'refused by the gate'
        else coalesce((select case p.decision when 'PROMOTED' then 'promoted' else 'refused by the registry' end
          from gate_verdicts g join promotions p on p.verdict_id = g.verdict_id
          where g.command_id = c.command_id limit 1), 'open') end as outcome
      from commands c where deployment = ${name} order by window_end, epoch`.execute(this.db);
    return rows.map(({ command, outcome }) => ({ ...command, outcome }));
  }

  /** Vetoes against retraining, those in force and those lifted. @throws HeadraceError NOT_FOUND */
  async vetoes(name: string): Promise<RetrainVetoed[]> {
    await this.requireMonitor(name);
    const rows = await this.db
      .selectFrom('retrain_vetoes')
      .select('veto')
      .where('deployment', '=', name)
      .orderBy('from_time')
      .execute();
    return rows.map(({ veto }) => veto);
  }

  /** @throws HeadraceError NOT_FOUND */
  async report(id: string): Promise<DriftReported> {
    const row = await this.db.selectFrom('reports').select('report').where('report_id', '=', id).executeTakeFirst();
    if (!row) throw new HeadraceError('NOT_FOUND', `There is no report '${id}'`);
    return row.report;
  }

  private async requireMonitor(name: string): Promise<void> {
    const query = this.db.selectFrom('monitors').select('deployment').where('deployment', '=', name);
    if (!(await query.executeTakeFirst()))
      throw new HeadraceError('NOT_FOUND', `No monitor watches a deployment '${name}'`);
  }
}
