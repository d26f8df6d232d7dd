import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';

/** The provisioned data source (provisioning/datasources/prometheus.yml). */
export const datasource = { type: 'prometheus', uid: 'prometheus' };

/** One PromQL expression and how its series are named. */
export interface Query {
  expr: string;
  legend: string;
}

export interface PanelOptions {
  title: string;
  /** What it tells, and what to do when it looks wrong. */
  description: string;
  /** Grafana unit id: s, bytes, reqps, percentunit, short … */
  unit?: string;
  /** Of 24 columns; default 8. */
  width?: number;
  min?: number;
  max?: number;
  decimals?: number;
}

/**
 * A counter's series appears with its first event; until then its panel would be empty, which also means 'broken'.
 * @param known an expression with the same labels that has a series for everything that could have counted
 */
export const zeroWhereNone = (counted: string, known: string): string => `${counted} or 0 * ${known}`;

const refIds = 'ABCDEFGH';

function target({ expr, legend }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder().datasource(datasource).refId(refIds.charAt(index)).expr(expr).legendFormat(legend);
}

/** Lines over time. */
export function lines(options: PanelOptions, ...queries: Query[]): TimeseriesPanel {
  const panel = new TimeseriesPanel()
    .title(options.title)
    .description(options.description)
    .datasource(datasource)
    .unit(options.unit ?? 'short')
    .span(options.width ?? 8)
    .height(8)
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .targets(queries.map(target));
  if (options.min !== undefined) panel.min(options.min);
  if (options.max !== undefined) panel.max(options.max);
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  return panel;
}

/** Figures that stay: the value of a window holds until the next one, so gaps are joined. */
export function steps(options: PanelOptions, ...queries: Query[]): TimeseriesPanel {
  return lines(options, ...queries)
    .spanNulls(true)
    .showPoints(VisibilityMode.Auto);
}

/** One number a series, as it is now. */
export function now(options: PanelOptions, ...queries: Query[]): StatPanel {
  const panel = new StatPanel()
    .title(options.title)
    .description(options.description)
    .datasource(datasource)
    .unit(options.unit ?? 'short')
    .span(options.width ?? 4)
    .height(4)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .targets(queries.map((query, index) => target(query, index).instant()));
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  return panel;
}
