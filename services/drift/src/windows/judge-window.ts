import type { AlarmBudget } from '@headrace/contracts';
import { alarmLevels, rowFigures, spentAlpha, type DesignEffect, type RowFigure } from '@headrace/monitoring';
import { estimateCalibrationError } from '@headrace/statistics';
import type { AttributionPane } from '../attributions/attribution-panes.js';
import { countExplanations } from '../attributions/attribution-store.js';
import { enoughExplained, trailingAttributions } from '../attributions/reference-attributions.js';
import type { PaneSilences, Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { trainingPeriod } from '../facts/read-facts.js';
import { kpiFigures, type KpiFigure } from '../figures/kpi-figures.js';
import { isLabelled, type WindowRow } from '../figures/window-rows.js';
import { paneOf } from '../inputs/layout.js';
import { joinPanes, type PaneOwner } from '../inputs/pane-store.js';
import { silencesOf } from '../inputs/silences.js';
import { volumesOf } from '../inputs/window-inputs.js';
import { attributionFindings } from '../verdict/attribution-findings.js';
import { decideVerdict, type Verdict } from '../verdict/decide-verdict.js';
import { inputFindings } from '../verdict/input-findings.js';
import { kpiFindings, kpiStream } from '../verdict/kpi-findings.js';
import { performanceFindings, pooledDesign, type SegmentFigures } from '../verdict/performance-findings.js';
import { figureStreams, streamCount, streamKey } from '../verdict/streams.js';
import type { Baseline } from './baseline.js';
import { baselineFor, figureReference, trailingInputs, type JudgedWindow } from './reference.js';
import type { EventWindow } from './window-grid.js';
import { judgedBefore, judgedCount } from './window-store.js';

export interface Judgement extends Verdict {
  readonly version: number;
  /** Reports that the verdict stands on beside this one, newest first. */
  readonly before: readonly string[];
  readonly budget: AlarmBudget;
  /** How alike a pane's rows were, by stream: later windows pool it. */
  readonly designs: Readonly<Record<string, DesignEffect>>;
  /** Share of the version's rows with a label; null without any row. */
  readonly completeness: number | null;
  readonly anomalies: number | null;
  readonly silences: PaneSilences;
}

export const DEFAULT_BUDGET = { alpha: 0.05, horizon: 100 };
/** Judged windows before this one whose panes tell how alike rows are. */
const POOLED_WINDOWS = 4;

/**
 * Judges the version that made the window's last prediction, on its own rows: those of a version that was replaced in the window prove nothing about
 * its successor, and unlike "the champion now" it is the same however long the window waited to be closed.
 */
export async function judgeWindow(
  trx: Trx,
  deployment: MonitoredDeployment,
  window: EventWindow,
  rows: readonly WindowRow[],
  owner: PaneOwner | null,
): Promise<Judgement> {
  const { name, monitor, model, labels, layout } = deployment;
  const version = rows.at(-1)!.version;
  const own = rows.filter((row) => row.version === version);
  const trainedOn = await trainingPeriod(trx, model, version);
  const before = await judgedBefore(
    trx,
    name,
    version,
    window.start,
    Math.max(monitor.persistence - 1, POOLED_WINDOWS),
  );
  const labelled = own.filter(isLabelled).length;
  const given = {
    labelled: labels ? labelled : null,
    predictions: own.length,
    minRows: monitor.minRows,
    persistence: monitor.persistence,
    inSample: trainedOn !== null && window.start < trainedOn.end,
    heldBefore: before.map(({ held }) => held),
  };
  const panes = owner ? await joinPanes(trx, owner, window.start, window.end) : [];
  const segments = segmentFigures(own, deployment);
  const kpis = kpiFigures(own, deployment).filter(({ figure }) => figure.rows >= monitor.minRows);
  const times = rows.map(({ eventTime }) => eventTime);
  const silences = silencesOf(times, window.start, window.end, layout.paneMs);
  const judged: JudgedWindow = {
    ...window,
    figures: new Map(segments.map(({ segment, figures }) => [segment, figures])),
    kpis,
    attributions: await explainedPanes(trx, deployment, window, version),
    panes: panes.filter((pane) => pane.version === version),
    volumes: volumesOf(panes, window.start, window.end, layout.paneMs),
    silences,
  };
  const canBeReference = decideVerdict({ ...given, findings: [] }).judged;
  const baseline = await baselineFor(trx, deployment, version, owner, canBeReference ? judged : null, trainedOn);
  const budget = await budgetOf(trx, deployment, version, canBeReference);
  const levels = levelsOf(deployment);
  const referenceFor = await figureReference(trx, model, version, baseline);
  const designsBefore = before.slice(0, POOLED_WINDOWS).map(({ designs }) => designs);
  const inputs = (owner && (await trailingInputs(trx, deployment, owner, window))) ?? baseline?.inputs ?? null;
  const attributed =
    (await trailingAttributions(trx, deployment, version, window)) ?? knownAttributions(baseline, deployment);
  const test = { levels: levels.inputs, materiality: monitor.materiality };
  const findings = [
    ...segments.flatMap((each) =>
      performanceFindings(
        each,
        (metric) => referenceFor(each.segment, metric),
        (stream, design) => pooledDesign(stream, design, designsBefore),
        monitor.materiality,
        levels.figures,
      ),
    ),
    ...kpiFindings(
      kpis,
      baseline?.kpis ?? {},
      (stream, design) => pooledDesign(stream, design, designsBefore),
      levels.inputs,
    ),
    ...attributionFindings(judged.attributions, attributed, layout.features, test),
    ...(owner && inputs ? inputFindings(judged, inputs, layout, test) : []),
  ];
  return {
    ...decideVerdict({ ...given, findings }),
    version,
    before: before.slice(0, monitor.persistence - 1).map(({ reportId }) => reportId),
    budget,
    designs: { ...designsOf(segments), ...kpiDesigns(kpis) },
    completeness: own.length > 0 ? labelled / own.length : null,
    anomalies: owner ? panes.reduce((sum, pane) => sum + (pane.segment === 0 ? pane.sketch.anomalies : 0), 0) : null,
    silences: { paneMs: layout.paneMs, longest: silences },
  };
}

/** Figures of all rows, and of each segment's. */
function segmentFigures(rows: readonly WindowRow[], { layout }: MonitoredDeployment): SegmentFigures[] {
  const labelled = rows.filter(isLabelled);
  return ['', ...layout.segments.map(({ name }) => name)].map((segment, number) => {
    const own = number === 0 ? labelled : labelled.filter((row) => row.segments & (1 << (number - 1)));
    const columns = {
      labels: own.map(({ label }) => label),
      scores: Float64Array.from(own, ({ score }) => score),
      panes: own.map(({ eventTime }) => paneOf(eventTime, layout)),
    };
    const figures = rowFigures(columns);
    const calibrated = figures.has('calibration_error');
    const calibrationNoise = calibrated ? estimateCalibrationError(columns.labels, columns.scores)!.noise : 0;
    return { segment, figures, calibrationNoise };
  });
}

function designsOf(segments: readonly SegmentFigures[]): Record<string, DesignEffect> {
  const all = segments.flatMap(({ segment, figures }) =>
    [...figures].map(([metric, { design }]: [string, RowFigure]) => [
      streamKey({ metric, subject: '', segment }),
      design,
    ]),
  );
  return Object.fromEntries(all) as Record<string, DesignEffect>;
}

/** The judged version's, summed up now; none with too few explained rows. */
async function explainedPanes(
  trx: Trx,
  deployment: MonitoredDeployment,
  window: EventWindow,
  version: number,
): Promise<readonly AttributionPane[]> {
  if (deployment.explained === null) return [];
  const panes = await countExplanations(trx, deployment, window);
  const own = panes.filter((pane) => pane.version === version);
  return enoughExplained(own, deployment.monitor);
}

function knownAttributions(baseline: Baseline | null, { explained }: MonitoredDeployment): readonly AttributionPane[] {
  const { attributions } = baseline ?? {};
  return attributions && attributions.explained === explained ? attributions.panes : [];
}

function kpiDesigns(kpis: readonly KpiFigure[]): Record<string, DesignEffect> {
  return Object.fromEntries(kpis.map(({ kpi, figure }) => [streamKey(kpiStream(kpi)), figure.design]));
}

/** @param judged whether this look counts */
async function budgetOf(
  trx: Trx,
  deployment: MonitoredDeployment,
  version: number,
  judged: boolean,
): Promise<AlarmBudget> {
  const { name, monitor } = deployment;
  const { alpha, horizon } = monitor.budget ?? DEFAULT_BUDGET;
  const { persistence } = monitor;
  const streams = streamCount(deployment);
  const levels = levelsOf(deployment).inputs;
  const looks = (await judgedCount(trx, name, version)) + (judged ? 1 : 0);
  const spent = spentAlpha({ alpha, horizon }, looks);
  return {
    alpha,
    horizon,
    looks,
    spent,
    streams,
    persistence,
    lookLevel: levels.look,
    referenceLevel: levels.reference,
  };
}

/** Half of alpha is for what labels tell, so that a thousand features take nothing from it; half for everything else. */
function levelsOf(deployment: MonitoredDeployment) {
  const { monitor, layout } = deployment;
  const { alpha, horizon } = monitor.budget ?? DEFAULT_BUDGET;
  const { persistence } = monitor;
  const half = { alpha: alpha / 2, horizon };
  const figures = figureStreams(layout);
  const references = monitor.reference?.kind === 'trailing' ? horizon : 1;
  return {
    figures: alarmLevels(half, { streams: figures, persistence }),
    inputs: alarmLevels(half, { streams: streamCount(deployment) - figures, persistence, references }),
  };
}
