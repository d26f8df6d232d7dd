import type { PaneRatio } from '@headrace/monitoring';
import { paneOf, type Layout } from '../inputs/layout.js';

/** One explained prediction. */
export interface ExplainedRow {
  readonly eventTime: number;
  readonly version: number;
  /** In the order of the deployment's features. */
  readonly attributions: readonly number[];
}

/** Sums of a pane's explained rows of one version. Plain JSON. */
export interface AttributionPane {
  readonly pane: number;
  readonly version: number;
  /** Rows, their wholes and the wholes' squares; then of each feature its parts, the parts' squares, and the products of part and whole. */
  readonly sums: readonly number[];
}

const HEAD = 3;
const OF_A_FEATURE = 3;

/**
 * Sums pane by pane, version by version: a row's part is a feature's attribution without its sign, its whole is what all features have. Rows with another number of features are
 * left out. In the order of the rows, so that the same rows give the same bits.
 */
export function attributionPanes(
  rows: readonly ExplainedRow[],
  layout: Pick<Layout, 'features' | 'paneMs'>,
): AttributionPane[] {
  const width = layout.features.length;
  const panes = new Map<string, { readonly pane: number; readonly version: number; readonly sums: number[] }>();
  for (const { eventTime, version, attributions } of rows) {
    if (attributions.length !== width) continue;
    const pane = paneOf(eventTime, layout);
    const key = `${pane}/${version}`;
    const entry = panes.get(key) ?? { pane, version, sums: new Array<number>(HEAD + OF_A_FEATURE * width).fill(0) };
    add(entry.sums, attributions);
    panes.set(key, entry);
  }
  return [...panes.values()].sort((a, b) => a.pane - b.pane || a.version - b.version);
}

function add(sums: number[], attributions: readonly number[]): void {
  const whole = attributions.reduce((sum, each) => sum + Math.abs(each), 0);
  sums[0]! += 1;
  sums[1]! += whole;
  sums[2]! += whole * whole;
  attributions.forEach((attribution, feature) => {
    const part = Math.abs(attribution);
    const at = HEAD + OF_A_FEATURE * feature;
    sums[at]! += part;
    sums[at + 1]! += part * part;
    sums[at + 2]! += part * whole;
  });
}

/** What one feature has of the whole, pane by pane. */
export function paneRatios(panes: readonly AttributionPane[], feature: number): PaneRatio[] {
  const at = HEAD + OF_A_FEATURE * feature;
  return panes.map(({ sums }) => ({
    rows: sums[0]!,
    part: sums[at]!,
    whole: sums[1]!,
    partSquares: sums[at + 1]!,
    wholeSquares: sums[2]!,
    products: sums[at + 2]!,
  }));
}

export function explainedRows(panes: readonly AttributionPane[]): number {
  return panes.reduce((sum, { sums }) => sum + sums[0]!, 0);
}

/** Neighbours in time added up until there are at most so many: each report carries them as evidence. Of one version. */
export function joinedPanes(panes: readonly AttributionPane[], most: number): AttributionPane[] {
  const size = Math.ceil(panes.length / most) || 1;
  return Array.from({ length: Math.ceil(panes.length / size) }, (_, i) => {
    const members = panes.slice(i * size, (i + 1) * size);
    const sums = members[0]!.sums.map((_each, at) => members.reduce((sum, each) => sum + each.sums[at]!, 0));
    return { ...members[0]!, sums };
  });
}
