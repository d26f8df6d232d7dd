import type { Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import type { Baseline } from '../windows/baseline.js';
import type { EventWindow } from '../windows/window-grid.js';
import { explainedRows, type AttributionPane } from './attribution-panes.js';
import { attributionsWithin } from './attribution-store.js';

/** Explained rows below which shares are not compared. */
const LEAST_ROWS = 100;

/** The panes, or none of them where they hold too few rows. */
export function enoughExplained(
  panes: readonly AttributionPane[],
  { minRows }: Pick<MonitoredDeployment['monitor'], 'minRows'>,
): readonly AttributionPane[] {
  return explainedRows(panes) >= Math.min(minRows, LEAST_ROWS) ? panes : [];
}

/**
 * What a version's attributions are compared with, once it is known: the declared stretch as far as this version answered in it, else the first judged window with enough rows. What
 * it was trained on tells nothing here: another version answered then.
 */
export async function referenceAttributions(
  trx: Trx,
  deployment: MonitoredDeployment,
  version: number,
  window: { readonly attributions: readonly AttributionPane[] },
  stored: Baseline['attributions'],
): Promise<Baseline['attributions']> {
  const { explained, monitor } = deployment;
  if (explained === null || stored?.explained === explained) return stored;
  const { reference } = monitor;
  const declared =
    reference?.kind === 'fixed'
      ? await attributionsWithin(trx, deployment, version, { start: reference.from, end: reference.to })
      : [];
  const panes = [enoughExplained(declared, monitor), window.attributions].find(({ length }) => length > 0);
  return panes ? { explained, panes } : stored;
}

/** The version's panes in the windows just before this one, where the monitor compares with those; null while they hold too few rows. */
export async function trailingAttributions(
  trx: Trx,
  deployment: MonitoredDeployment,
  version: number,
  { start }: EventWindow,
): Promise<readonly AttributionPane[] | null> {
  const { monitor, explained } = deployment;
  if (explained === null || monitor.reference?.kind !== 'trailing') return null;
  const stretch = { start: start - monitor.reference.windows * monitor.windowMs, end: start };
  const panes = enoughExplained(await attributionsWithin(trx, deployment, version, stretch), monitor);
  return panes.length > 0 ? panes : null;
}
