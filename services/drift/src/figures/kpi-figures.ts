import { meanFigure, type RowFigure } from '@headrace/monitoring';
import type { MonitoredDeployment, WatchedKpi } from '../deployments/monitored-deployment.js';
import { paneOf } from '../inputs/layout.js';
import type { WindowRow } from './window-rows.js';

/** A KPI's mean over the rows that it has come for. */
export interface KpiFigure {
  readonly kpi: WatchedKpi;
  readonly figure: RowFigure;
}

type Parts = Pick<MonitoredDeployment, 'kpis' | 'layout'>;
type Rows = ReadonlyArray<Pick<WindowRow, 'eventTime' | 'kpis'>>;

/** A KPI that has come for no row has no figure: missing is not zero. */
export function kpiFigures(rows: Rows, { kpis, layout }: Parts): KpiFigure[] {
  return kpis.flatMap((kpi, i): KpiFigure[] => {
    const told = rows.filter(({ kpis: values }) => values[i] !== null);
    const panes = told.map(({ eventTime }) => paneOf(eventTime, layout));
    const figure = meanFigure(
      Float64Array.from(told, ({ kpis: values }) => values[i]!),
      panes,
    );
    return figure ? [{ kpi, figure }] : [];
  });
}

/** Every KPI's mean, as reports name it; null where nothing has come. */
export function kpiMetrics(rows: Rows, parts: Parts): Record<string, number | null> {
  const known = new Map(kpiFigures(rows, parts).map(({ kpi, figure }) => [kpi.name, figure.value]));
  return Object.fromEntries(parts.kpis.map(({ name }) => [`kpi:${name}`, known.get(name) ?? null]));
}
