import type { ReferenceFigure } from '../verdict/figure-finding.js';
import type { RowFigure } from '@headrace/monitoring';
import type { Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { gateFigures } from '../facts/read-facts.js';
import type { AttributionPane } from '../attributions/attribution-panes.js';
import { referenceAttributions } from '../attributions/reference-attributions.js';
import type { KpiFigure } from '../figures/kpi-figures.js';
import type { CountedPane } from '../inputs/count-rows.js';
import { panesWithin, type PaneOwner } from '../inputs/pane-store.js';
import { referenceInputs, volumesOf, type Flow, type ReferenceInputs } from '../inputs/window-inputs.js';
import type { Baseline } from './baseline.js';
import type { EventWindow } from './window-grid.js';
import { silencesWithin } from './window-store.js';

export interface JudgedWindow extends EventWindow, Flow {
  /** By segment name. */
  readonly figures: ReadonlyMap<string, ReadonlyMap<string, RowFigure>>;
  /** With enough rows to be a reference. */
  readonly kpis: readonly KpiFigure[];
  /** The judged version's; empty with too few explained rows. */
  readonly attributions: readonly AttributionPane[];
  /** The judged version's. */
  readonly panes: readonly CountedPane[];
}

/** The version's stored baseline; the first window that can be judged makes it, and what has too few rows there (a KPI, attributions) is added by the first that has enough. Null until then. */
export async function baselineFor(
  trx: Trx,
  deployment: MonitoredDeployment,
  version: number,
  owner: PaneOwner | null,
  window: JudgedWindow | null,
  trainedOn: EventWindow | null,
): Promise<Baseline | null> {
  const { name, monitor, layout } = deployment;
  const { baseline: stored } =
    (await trx
      .selectFrom('baselines')
      .select('baseline')
      .where('deployment', '=', name)
      .where('version', '=', version)
      .executeTakeFirst()) ?? {};
  if (!window) return stored ?? null;
  const kpis = { ...kpiReferences(window), ...stored?.kpis };
  const fits = stored && (!owner || stored.layout === layout.id);
  const attributions = await referenceAttributions(trx, deployment, version, window, stored?.attributions);
  if (fits && sameSize(kpis, stored.kpis ?? {}) && attributions === stored.attributions) return stored;
  const inputs = fits ? stored.inputs : owner && (await storedInputs(trx, owner, monitor, layout, window, trainedOn));
  const figures = stored?.figures ?? figuresOf(window);
  const baseline: Baseline = {
    layout: fits ? stored.layout : (owner?.layout ?? null),
    figures,
    inputs,
    kpis,
    attributions,
  };
  const row = { deployment: name, version, baseline: JSON.stringify(baseline) as never };
  await trx
    .insertInto('baselines')
    .values(row)
    .onConflict((conflict) => conflict.columns(['deployment', 'version']).doUpdateSet({ baseline: row.baseline }))
    .execute();
  return baseline;
}

type Parts = Pick<MonitoredDeployment, 'monitor' | 'layout'>;

/** From the declared stretch, or from what the version was trained on, as far as that was recorded; else the window itself. */
async function storedInputs(
  trx: Trx,
  owner: PaneOwner,
  monitor: Parts['monitor'],
  layout: Parts['layout'],
  window: JudgedWindow,
  trainedOn: EventWindow | null,
): Promise<ReferenceInputs | null> {
  const { reference = { kind: 'training' } } = monitor;
  const options = { grid: owner.grid, segments: layout.segments.length, leastRows: monitor.minRows };
  const period = reference.kind === 'fixed' ? { start: reference.from, end: reference.to } : trainedOn;
  if (period && reference.kind !== 'trailing') {
    const panes = await panesWithin(trx, owner, period.start, period.end);
    const flow = await recordedFlow(trx, owner, panes, period, layout.paneMs);
    const from = reference.kind === 'fixed' ? 'fixed' : 'training-period';
    const inputs = referenceInputs(from, panes, options, flow);
    if (inputs) return inputs;
  }
  const { volumes, silences } = window;
  return referenceInputs('first-window', window.panes, options, { volumes, silences });
}

/** The windows just before this one, whichever version answered; null while they hold too few rows. */
export async function trailingInputs(
  trx: Trx,
  { monitor, layout }: Parts,
  owner: PaneOwner,
  window: EventWindow,
): Promise<ReferenceInputs | null> {
  if (monitor.reference?.kind !== 'trailing') return null;
  const from = window.start - monitor.reference.windows * monitor.windowMs;
  const period = { start: from, end: window.start };
  const panes = await panesWithin(trx, owner, period.start, period.end);
  const options = { grid: owner.grid, segments: layout.segments.length, leastRows: monitor.minRows };
  return referenceInputs('trailing', panes, options, await recordedFlow(trx, owner, panes, period, layout.paneMs));
}

async function recordedFlow(
  trx: Trx,
  { deployment }: PaneOwner,
  panes: readonly CountedPane[],
  period: EventWindow,
  paneMs: number,
): Promise<Flow> {
  return {
    volumes: volumesOf(panes, period.start, period.end, paneMs),
    silences: await silencesWithin(trx, deployment, period, paneMs),
  };
}

/** The gate's figure of the version where there is one, which is of all rows; else the first judged window's. */
export async function figureReference(
  trx: Trx,
  model: string,
  version: number,
  baseline: Baseline | null,
): Promise<(segment: string, metric: string) => ReferenceFigure | null> {
  const gate = await gateFigures(trx, model, version);
  return (segment, metric) => {
    const gated = segment === '' ? gate?.metrics[metric] : undefined;
    if (gate && gated != null) return { value: gated, rows: gate.rows };
    return baseline?.figures[segment]?.[metric] ?? null;
  };
}

function figuresOf({ figures }: JudgedWindow): Baseline['figures'] {
  const plain = [...figures].map(([segment, byMetric]) => [
    segment,
    Object.fromEntries([...byMetric].map(([metric, { value, rows }]) => [metric, { value, rows }])),
  ]);
  return Object.fromEntries(plain) as Baseline['figures'];
}

function kpiReferences({ kpis }: JudgedWindow): NonNullable<Baseline['kpis']> {
  return Object.fromEntries(kpis.map(({ kpi, figure: { value, rows } }) => [kpi.source.id, { value, rows }]));
}

function sameSize(a: object, b: object): boolean {
  return Object.keys(a).length === Object.keys(b).length;
}
