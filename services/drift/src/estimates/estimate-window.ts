import type { DriftReported, EstimatedFigures } from '@headrace/contracts';
import type { Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { trainingPeriod } from '../facts/read-facts.js';
import type { WindowRow } from '../figures/window-rows.js';
import type { Judgement } from '../windows/judge-window.js';
import type { EventWindow } from '../windows/window-grid.js';
import { lastJudgedReport } from '../windows/window-store.js';
import { conceptDoubt } from './concept-doubt.js';
import {
  calibrationOf,
  estimateAgain,
  estimateFigures,
  type Basis,
  type VersionCalibration,
} from './estimate-figures.js';

/**
 * Estimates every version's figures in a window that closes. A version is calibrated once, on the labels of its first judged window: the one whose figures it is compared with where no gate left any. It
 * informs: no verdict, command or budget looks at it.
 */
export async function estimateWindow(
  trx: Trx,
  deployment: MonitoredDeployment,
  window: EventWindow,
  rows: readonly WindowRow[],
  judgement: Judgement,
): Promise<EstimatedFigures[]> {
  const estimates: EstimatedFigures[] = [];
  for (const [version, own] of byVersion(rows)) {
    const judged = version === judgement.version && judgement.judged;
    const basis = await basisOf(trx, deployment, version, judged ? { ...window, rows: own } : null);
    const trainedOn = await trainingPeriod(trx, deployment.model, version);
    const doubt = conceptDoubt({
      inSample: trainedOn !== null && window.start < trainedOn.end,
      judged,
      findings: version === judgement.version ? judgement.findings : [],
      last: await lastJudgedReport(trx, deployment.name, version, window.start),
    });
    estimates.push(estimateFigures(version, own, basis, doubt));
  }
  return estimates;
}

/** A closed window's estimates over its rows as they are now. */
export async function estimateWindowAgain(
  trx: Trx,
  report: DriftReported,
  rows: readonly WindowRow[],
): Promise<EstimatedFigures[]> {
  const own = new Map(byVersion(rows));
  const estimates: EstimatedFigures[] = [];
  for (const before of report.estimated ?? []) {
    const calibration = await storedCalibration(trx, report.deployment, before.version);
    estimates.push(estimateAgain(before, own.get(before.version) ?? [], calibration));
  }
  return estimates;
}

function byVersion(rows: readonly WindowRow[]): Array<[version: number, rows: WindowRow[]]> {
  return [...Map.groupBy(rows, ({ version }) => version)].sort(([a], [b]) => a - b);
}

/** The version's calibration; a judged window makes it where there is none, and is not estimated by itself. */
async function basisOf(
  trx: Trx,
  { name, labels, monitor }: MonitoredDeployment,
  version: number,
  judged: (EventWindow & { readonly rows: readonly WindowRow[] }) | null,
): Promise<Basis> {
  if (!labels) return { why: 'the deployment declares no labels to calibrate on' };
  const stored = await storedCalibration(trx, name, version);
  if (stored) return stored;
  const made = judged && calibrationOf(judged.rows, judged);
  if (!made) {
    return {
      why: `no judged window of version ${version} has had ${monitor.minRows} labelled rows, of both classes, yet`,
    };
  }
  const row = { deployment: name, version, calibration: JSON.stringify(made) as never };
  await trx.insertInto('calibrations').values(row).execute();
  return { why: `version ${version} is calibrated on this window's labels: later windows are estimated by them` };
}

async function storedCalibration(trx: Trx, deployment: string, version: number): Promise<VersionCalibration | null> {
  const row = await trx
    .selectFrom('calibrations')
    .select('calibration')
    .where('deployment', '=', deployment)
    .where('version', '=', version)
    .executeTakeFirst();
  return row?.calibration ?? null;
}
