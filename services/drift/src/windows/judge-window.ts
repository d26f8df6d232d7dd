import type { DriftReported, Finding, RetrainModel } from '@headrace/contracts';
import type { Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { commandHistory, gateFigures, trainingPeriod } from '../facts/read-facts.js';
import { baselineOf, type Baseline } from '../figures/baseline.js';
import { windowFigures, type WindowFigures } from '../figures/window-figures.js';
import type { WindowRow } from '../figures/window-rows.js';
import { decideRetrain, severityOf } from '../verdict/decide-retrain.js';
import { alarmingFindings, decideVerdict, type Verdict } from '../verdict/decide-verdict.js';
import { inputFindings } from '../verdict/input-findings.js';
import { performanceFindings } from '../verdict/performance-findings.js';
import { referenceOf } from '../verdict/reference.js';
import { judgedBefore, trainingRows } from './window-store.js';
import type { EventWindow } from './window-grid.js';

export interface Judgement extends Verdict {
  readonly version: number;
  readonly findings: readonly Finding[];
  /** Reports that the verdict stands on beside this one, newest first. */
  readonly before: readonly string[];
}

/**
 * Judges the version that made the window's last prediction, on its own rows: those of a version that was replaced in the window prove nothing about
 * its successor, and unlike "the champion now" it is the same however long the window waited to be closed.
 */
export async function judgeWindow(
  trx: Trx,
  deployment: MonitoredDeployment,
  window: EventWindow,
  rows: readonly WindowRow[],
): Promise<Judgement> {
  const { monitor, model, labels } = deployment;
  const version = rows.at(-1)!.version;
  const own = rows.filter((row) => row.version === version);
  const figures = windowFigures(own);
  const trainedOn = await trainingPeriod(trx, model, version);
  const before = await judgedBefore(trx, deployment.name, version, window.start, monitor.persistence - 1);
  const given = {
    labelled: labels ? figures.labelled : null,
    predictions: own.length,
    minRows: monitor.minRows,
    persistence: monitor.persistence,
    inSample: trainedOn !== null && window.start < trainedOn.end,
    heldBefore: before.map(({ held }) => held),
  };
  const canBeReference = decideVerdict({ ...given, findings: [] }).judged;
  const baseline = await baselineFor(
    trx,
    deployment,
    version,
    canBeReference ? { rows: own, figures } : null,
    trainedOn,
  );
  const findings = [
    ...performanceFindings(figures, referenceOf(await gateFigures(trx, model, version), baseline), monitor.materiality),
    ...(baseline ? inputFindings(own, figures, baseline, deployment.features, monitor.materiality) : []),
  ];
  return {
    ...decideVerdict({ ...given, findings }),
    version,
    findings,
    before: before.map(({ reportId }) => reportId),
  };
}

/** The version's stored baseline; the first window that can be judged makes it. */
async function baselineFor(
  trx: Trx,
  { name, monitor }: MonitoredDeployment,
  version: number,
  window: { readonly rows: readonly WindowRow[]; readonly figures: WindowFigures } | null,
  trainedOn: EventWindow | null,
): Promise<Baseline | null> {
  const stored = await trx
    .selectFrom('baselines')
    .select('baseline')
    .where('deployment', '=', name)
    .where('version', '=', version)
    .executeTakeFirst();
  if (stored || !window) return stored?.baseline ?? null;
  const reference = trainedOn ? await trainingRows(trx, name, trainedOn) : [];
  const baseline = baselineOf(window, reference, monitor.minRows);
  const row = { deployment: name, version, baseline: JSON.stringify(baseline) as never };
  await trx.insertInto('baselines').values(row).execute();
  return baseline;
}

/** The command that the verdict asks for; null when there is a reason not to ask. Its id is the same however often the window is judged. */
export async function retrainCommand(
  trx: Trx,
  deployment: MonitoredDeployment,
  report: DriftReported,
  judgement: Judgement,
): Promise<{ command: RetrainModel; epoch: number } | null> {
  const { name, monitor, championVersion } = deployment;
  const history = await commandHistory(trx, name, judgement.version);
  const decision = decideRetrain({
    verdict: judgement.verdict,
    action: monitor.action,
    canTrain: deployment.canTrain,
    judgedVersion: judgement.version,
    championVersion,
    windowEnd: report.windowEnd,
    cooldownMs: monitor.cooldownMs,
    lastCommandAt: history.lastCommandAt,
    commandIsOpen: history.open,
  });
  if (!decision.ask) return null;
  const evidence = alarmingFindings(judgement.findings);
  const epoch = history.asked + 1;
  const command: RetrainModel = {
    commandId: `${name}:${judgement.version}:${epoch}`,
    deployment: name,
    model: report.model,
    championVersion: judgement.version,
    reason: reasonOf(evidence, monitor.persistence),
    severity: severityOf(evidence),
    evidence,
    reportIds: [...judgement.before.toReversed(), report.reportId],
    windowEnd: report.windowEnd,
    requestedBy: 'drift',
    requestedAt: report.reportedAt,
  };
  return { command, epoch };
}

function reasonOf(evidence: readonly Finding[], persistence: number): string {
  const changes = evidence.map(
    ({ metric, reference, value }) => `${metric} ${reference?.toFixed(4) ?? '?'} → ${value?.toFixed(4) ?? '?'}`,
  );
  return `${changes.join(', ')}; persisted for ${persistence} window(s)`;
}
