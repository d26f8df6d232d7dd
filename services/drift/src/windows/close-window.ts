import { topics, type DriftReported } from '@headrace/contracts';
import type { Outbox } from '@headrace/persistence';
import type { Db, Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { eventUuid } from '@headrace/persistence';
import { estimateWindow } from '../estimates/estimate-window.js';
import { gridForWindow } from '../inputs/grid-store.js';
import { kpiMetrics } from '../figures/kpi-figures.js';
import { reportedMetrics, windowFigures } from '../figures/window-figures.js';
import { judgeWindow, type Judgement } from './judge-window.js';
import { toldBefore } from '../facts/read-facts.js';
import { lockDeployment } from '../operator/lock-deployment.js';
import { keepCommand, tellCommand } from '../operator/keep.js';
import { retrainCommand } from './retrain-command.js';
import { nextEventTime, predictionRanges, windowRows } from './window-store.js';
import { forgetRows } from './forget-rows.js';
import { originOf, windowAt, type EventWindow } from './window-grid.js';

export interface ClosedWindow {
  readonly report: DriftReported;
  readonly commandId: string | null;
}

/**
 * Closes a deployment's next window when the watermark allows, in one transaction:
 *  1. take the deployment's lock: one closer at a time, whichever process
 *  2. find the next window that holds predictions; empty ones are skipped, not reported
 *  3. figures and verdict over its rows
 *  4. store the report, put DriftReported in the outbox
 *  5. where the verdict asks for it, store the command, put RetrainModel in the outbox
 *  6. move closed_until, forget rows whose labels have had their time
 * A crash before the commit leaves nothing, after it the window is closed: no second report, no second command.
 */
export class CloseWindow {
  constructor(
    private readonly db: Db,
    private readonly outbox: Outbox,
    private readonly now: () => number,
  ) {}

  /** @returns null when no window is due, or another process is at it */
  async run(deployment: MonitoredDeployment, watermark: number): Promise<ClosedWindow | null> {
    // One snapshot for all reads: a label that arrives meanwhile is in all figures or in none.
    const transaction = this.db.transaction().setIsolationLevel('repeatable read');
    return transaction.execute(async (trx) => {
      if (!(await lockDeployment(trx, deployment.name, 'give-up'))) return null;
      const window = await dueWindow(trx, deployment, watermark);
      return window && this.close(trx, deployment, window);
    });
  }

  private async close(trx: Trx, deployment: MonitoredDeployment, window: EventWindow): Promise<ClosedWindow> {
    const { name } = deployment;
    const owner = await gridForWindow(trx, name, deployment.layout, window.end, deployment.monitor.minRows);
    const rows = await windowRows(trx, deployment, window);
    const judgement = await judgeWindow(trx, deployment, window, rows, owner);
    const figures = windowFigures(rows);
    const decided: DriftReported = {
      reportId: `${name}:${window.start}`,
      deployment: name,
      model: deployment.model,
      versions: [...new Set(rows.map((row) => row.version))].sort((a, b) => a - b),
      windowStart: window.start,
      windowEnd: window.end,
      predictions: figures.predictions,
      labelled: figures.labelled,
      verdict: judgement.verdict,
      alerts: deployment.monitor.action !== 'report',
      findings: [...judgement.findings],
      metrics: { ...reportedMetrics(figures), ...kpiMetrics(rows, deployment) },
      predictionRanges: await predictionRanges(trx, name, window),
      reportedAt: this.now(),
      judgedVersion: judgement.version,
      drifts: [...judgement.drifts],
      figuresVersion: 1,
      completeness: judgement.completeness,
      anomalies: judgement.anomalies,
      budget: judgement.budget,
      estimated: await estimateWindow(trx, deployment, window, rows, judgement),
    };
    const { retrain, told, command } = await this.retrain(trx, deployment, decided, judgement);
    const report = { ...decided, retrain };
    await this.store(trx, report, judgement, told);
    if (command) await keepCommand(trx, command);
    if (command && !told) await tellCommand(trx, this.outbox, command);
    await trx.updateTable('monitors').set({ closed_until: window.end }).where('deployment', '=', name).execute();
    await forgetRows(trx, deployment, window.end);
    return { report, commandId: command && !told ? command.commandId : null };
  }

  /** What was told before, by an earlier life of the database, stays: a command that was asked for is known and not asked for again, one that was not is not asked for now. */
  private async retrain(trx: Trx, deployment: MonitoredDeployment, report: DriftReported, judgement: Judgement) {
    const before = await toldBefore(trx, report.reportId);
    if (before) return { ...before, told: true };
    const asked = await retrainCommand(trx, deployment, report, judgement);
    return 'why' in asked
      ? { retrain: asked.why, command: null, told: false }
      : { retrain: asked.commandId, command: asked, told: false };
  }

  private async store(
    trx: Trx,
    report: DriftReported,
    { version, held, judged, designs, silences }: Judgement,
    told: boolean,
  ): Promise<void> {
    await trx
      .insertInto('reports')
      .values({
        report_id: report.reportId,
        deployment: report.deployment,
        window_start: report.windowStart,
        window_end: report.windowEnd,
        judged_version: version,
        held: [...held],
        judged,
        report: JSON.stringify(report) as never,
        designs: JSON.stringify(designs) as never,
        silences: JSON.stringify(silences) as never,
        figures_version: 1,
      })
      .execute();
    if (told) return;
    const id = eventUuid(`report:${report.reportId}`);
    const event = {
      topic: topics.driftReports,
      key: report.deployment,
      value: report,
      id,
      eventTime: report.windowEnd,
    };
    await this.outbox.enqueue(trx, [event]);
  }
}

/** The origin is fixed by the first window that is looked at, and kept. */
async function dueWindow(
  trx: Trx,
  { name, monitor }: MonitoredDeployment,
  watermark: number,
): Promise<EventWindow | null> {
  const state = await trx.selectFrom('monitors').selectAll().where('deployment', '=', name).executeTakeFirstOrThrow();
  const first = await nextEventTime(trx, name, state.closed_until);
  if (first === null) return null;
  const origin = state.origin ?? originOf(first);
  if (state.origin === null) {
    await trx.updateTable('monitors').set({ origin }).where('deployment', '=', name).execute();
  }
  const window = windowAt(first, origin, monitor.windowMs, state.closed_until);
  return watermark >= window.end + monitor.allowedLatenessMs ? window : null;
}
