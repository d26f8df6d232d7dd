import type { DriftReported, EstimatedFigures, Finding } from '@headrace/contracts';
import { evaluate, type Evaluation, type Evidence } from '@headrace/monitoring';
import type { GatewayClient } from '../gateway/gateway-client.js';

/** The report `deployment:windowStart` with each finding's figures computed again from its evidence. @throws when one comes out differently */
export async function explainReport(gateway: GatewayClient, reportId: string): Promise<string> {
  const deployment = reportId.slice(0, reportId.lastIndexOf(':'));
  const path = `/api/headrace/v1/monitors/${encodeURIComponent(deployment)}/windows/${encodeURIComponent(reportId)}`;
  return explanation(await gateway.get<DriftReported>(path));
}

export function explanation(report: DriftReported): string {
  return [...headLines(report), ...report.findings.flatMap(findingLines)].join('\n');
}

function headLines(report: DriftReported): string[] {
  const { reportId, verdict, drifts = [], windowStart, windowEnd, predictions, labelled, budget, retrain } = report;
  const ranges = report.predictionRanges.map(
    ({ topic, partition, from, to }) => `${topic}/${partition}@${from}..${to}`,
  );
  const lines = [
    `report ${reportId}: ${verdict}${drifts.length > 0 ? ` (${drifts.join(', ')})` : ''}, figures version ${report.figuresVersion ?? 1}`,
    `window ${time(windowStart)} to ${time(windowEnd)}, version ${report.judgedVersion ?? '?'}, ${labelled} of ${predictions} labelled`,
    `records ${ranges.join(' ')}`,
  ];
  if (budget) {
    const { alpha, horizon, looks, spent, streams, persistence, lookLevel, referenceLevel } = budget;
    lines.push(
      `budget ${alpha} in ${horizon} looks: ${looks} so far, ${spent.toPrecision(3)} spent; ${streams} streams, each at ${lookLevel.toPrecision(3)} a look` +
        ` (reference ${referenceLevel.toPrecision(3)}), ${persistence} looks in a row`,
    );
  }
  if (retrain) lines.push(`retrain ${retrain}`);
  return [...lines, ...(report.estimated ?? []).map(estimateLine)];
}

/** What the scores alone say beside what the labels say; the rows that it is computed from are the service's. */
function estimateLine({
  version,
  rows,
  valid,
  reason,
  figures: expected,
  realised,
  calibration,
}: EstimatedFigures): string {
  const beside = Object.entries(expected).map(([name, value]) =>
    name in realised ? `${name} ${text(value)} (labels say ${text(realised[name])})` : `${name} ${text(value)}`,
  );
  const basis = calibration
    ? ` from ${rows} scores calibrated on ${calibration.rows} labelled rows of ${time(calibration.from)} to ${time(calibration.to)}: ${beside.join(', ')}`
    : '';
  return `estimated for version ${version}${basis}${valid ? '' : `; not valid: ${reason ?? '?'}`}`;
}

function findingLines(finding: Finding): string[] {
  const { kind, metric, subject, segment, threshold, significant, material, persisted } = finding;
  const name = [kind, metric, subject, segment && `of ${segment}`].filter(Boolean).join(' ');
  const state = persisted
    ? 'ALARM'
    : significant && material
      ? 'held'
      : material
        ? 'material'
        : significant
          ? 'significant'
          : '-';
  const stated = `  ${name}: ${figures(finding)}, matters from ${threshold}: ${state}`;
  if (!finding.evidence) return [stated];
  const evidence = JSON.parse(finding.evidence) as Evidence;
  const again = evaluate(evidence);
  if (again === null || !same(again, finding))
    throw new Error(
      `${name} does not follow from its evidence: stated ${figures(finding)}, computed ${again ? figures(again) : 'nothing'}`,
    );
  return [stated, `    computed again from ${evidence.test}: ${figures(again)}`];
}

function same(again: Evaluation, stated: Finding): boolean {
  return (
    again.value === stated.value &&
    again.pValue === stated.pValue &&
    again.significant === stated.significant &&
    again.material === stated.material
  );
}

type Figures = Pick<Finding, 'value' | 'reference' | 'pValue' | 'low' | 'high' | 'rows' | 'referenceRows' | 'effect'>;

function figures({ value, reference, pValue, low, high, rows, referenceRows, effect }: Figures): string {
  const from = reference == null ? '' : `${text(reference)} → `;
  return `${from}${text(value)} [${text(low)}, ${text(high)}], p ${text(pValue)}, ${text(rows)} rows against ${text(referenceRows)}, effect ${text(effect)}`;
}

function text(number: number | null | undefined): string {
  return number == null ? '?' : String(Number(number.toPrecision(6)));
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
