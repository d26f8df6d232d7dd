import { topics, type DriftReported } from '@headrace/contracts';
import type { Outbox } from '@headrace/persistence';
import { sql } from 'kysely';
import type { Db, Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { eventUuid } from '@headrace/persistence';
import { gridForWindow } from '../inputs/grid-store.js';
import { reportedMetrics, windowFigures } from '../figures/window-figures.js';
import { judgeWindow, type Judgement } from './judge-window.js';
import { retrainCommand, type AskedCommand } from './retrain-command.js';
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
      if (!(await lockDeployment(trx, deployment.name))) return null;
      const window = await dueWindow(trx, deployment, watermark);
      return window && this.close(trx, deployment, window);
    });
  }

  private async close(trx: Trx, deployment: MonitoredDeployment, window: EventWindow): Promise<ClosedWindow> {
    const { name, labels } = deployment;
    const owner = await gridForWindow(trx, name, deployment.layout, window.end, deployment.monitor.minRows);
    const rows = await windowRows(trx, name, labels?.id ?? null, window);
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
      findings: [...judgement.findings],
      metrics: reportedMetrics(figures),
      predictionRanges: await predictionRanges(trx, name, window),
      reportedAt: this.now(),
      judgedVersion: judgement.version,
      drifts: [...judgement.drifts],
      figuresVersion: 1,
      completeness: judgement.completeness,
      anomalies: judgement.anomalies,
      budget: judgement.budget,
    };
    const asked = await retrainCommand(trx, deployment, decided, judgement);
    const report = { ...decided, retrain: 'why' in asked ? asked.why : asked.command.commandId };
    await this.store(trx, report, judgement);
    if (!('why' in asked)) await storeCommand(trx, this.outbox, asked);
    await trx.updateTable('monitors').set({ closed_until: window.end }).where('deployment', '=', name).execute();
    await forgetRows(trx, deployment, window.end);
    return { report, commandId: 'why' in asked ? null : asked.command.commandId };
  }

  private async store(trx: Trx, report: DriftReported, { version, held, judged, designs }: Judgement): Promise<void> {
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
        figures_version: 1,
      })
      .execute();
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

/** The command and its event in one transaction: kept and told, or neither. */
export async function storeCommand(trx: Trx, outbox: Outbox, { command, epoch }: AskedCommand): Promise<void> {
  await trx
    .insertInto('commands')
    .values({
      command_id: command.commandId,
      deployment: command.deployment,
      version: command.championVersion,
      epoch,
      window_end: command.windowEnd,
      command: JSON.stringify(command) as never,
    })
    .execute();
  const id = eventUuid(`retrain:${command.commandId}`);
  const event = { topic: topics.retrainCommands, key: command.deployment, value: command, id };
  await outbox.enqueue(trx, [{ ...event, eventTime: command.windowEnd }]);
}

export async function lockDeployment(trx: Trx, deployment: string): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`headrace.drift.close.${deployment}`}, 0)) as locked`.execute(
    trx,
  );
  return rows[0]!.locked;
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
