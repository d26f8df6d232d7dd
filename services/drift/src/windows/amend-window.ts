import { topics, type DriftReported } from '@headrace/contracts';
import { eventUuid, type Outbox } from '@headrace/persistence';
import type { Db, Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { estimateWindowAgain } from '../estimates/estimate-window.js';
import { kpiMetrics } from '../figures/kpi-figures.js';
import { isLabelled } from '../figures/window-rows.js';
import { reportedMetrics, windowFigures } from '../figures/window-figures.js';
import { lockDeployment } from '../operator/lock-deployment.js';
import { windowRows } from './window-store.js';

/**
 * Computes the figures of a closed window again, because labels or KPIs have come for it since. The report's figures get the next version and are told on a topic of their own; verdict, findings and
 * command stay what they were. One transaction, one at a time with whoever closes windows; a label that comes meanwhile makes it fail and be tried again.
 */
export class AmendWindow {
  constructor(
    private readonly db: Db,
    private readonly outbox: Outbox,
  ) {}

  /**
   * @param before wall clock, ms: labels gather until then
   * @returns null when nothing is due, or another process is at it
   */
  async run(deployment: MonitoredDeployment, before: number): Promise<DriftReported | null> {
    const transaction = this.db.transaction().setIsolationLevel('repeatable read');
    return transaction.execute(async (trx) => {
      if (!(await lockDeployment(trx, deployment.name, 'give-up'))) return null;
      const due = await takeDue(trx, deployment.name, before);
      return due && this.amend(trx, deployment, due);
    });
  }

  private async amend(trx: Trx, deployment: MonitoredDeployment, report: DriftReported): Promise<DriftReported> {
    const rows = await windowRows(trx, deployment, { start: report.windowStart, end: report.windowEnd });
    const figures = windowFigures(rows);
    const judged = rows.filter(({ version }) => version === report.judgedVersion);
    const amended: DriftReported = {
      ...report,
      labelled: figures.labelled,
      metrics: { ...reportedMetrics(figures), ...kpiMetrics(rows, deployment) },
      completeness: judged.length > 0 ? judged.filter(isLabelled).length / judged.length : null,
      figuresVersion: (report.figuresVersion ?? 1) + 1,
      estimated: await estimateWindowAgain(trx, report, rows),
    };
    await trx
      .updateTable('reports')
      .set({ report: JSON.stringify(amended) as never, figures_version: amended.figuresVersion })
      .where('report_id', '=', report.reportId)
      .execute();
    const id = eventUuid(`amendment:${report.reportId}:${amended.figuresVersion}`);
    const event = {
      topic: topics.driftAmendments,
      key: deployment.name,
      value: amended,
      id,
      eventTime: report.windowEnd,
    };
    await this.outbox.enqueue(trx, [event]);
    return amended;
  }
}

/** The report whose labels have gathered longest. Windows whose rows have been forgotten, even in part, keep their figures. */
async function takeDue(trx: Trx, deployment: string, before: number): Promise<DriftReported | null> {
  const due = await trx
    .deleteFrom('amendments')
    .where('deployment', '=', deployment)
    .where('since', '<=', before)
    .where('window_start', '=', ({ selectFrom }) =>
      selectFrom('amendments as first')
        .select(({ fn }) => fn.min<number>('window_start').as('start'))
        .where('deployment', '=', deployment)
        .where('since', '<=', before),
    )
    .returning('window_start')
    .executeTakeFirst();
  if (!due) return null;
  const row = await trx
    .selectFrom('reports')
    .innerJoin('monitors', 'monitors.deployment', 'reports.deployment')
    .select(['report', 'forgotten_until'])
    .where('reports.deployment', '=', deployment)
    .where('window_start', '=', due.window_start)
    .executeTakeFirst();
  return row && due.window_start >= (row.forgotten_until ?? -Infinity) ? row.report : null;
}
