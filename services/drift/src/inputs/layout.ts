import { paneLength } from '@headrace/monitoring';
import { createHash } from 'node:crypto';
import type { ExplainSpec, MonitorSegment, MonitorSpec } from '@headrace/contracts';

const DEFAULT_PANES = 7;

/** What a deployment's rows are counted by. Another list of features, categories, segments or panes is another layout, with references of its own. */
export interface Layout {
  /** Names it in the tables. */
  readonly id: string;
  readonly features: readonly string[];
  readonly categories: readonly string[];
  readonly segments: readonly MonitorSegment[];
  readonly paneMs: number;
}

export function layoutOf(features: readonly string[], monitor: MonitorSpec): Layout {
  const { windowMs, panes = DEFAULT_PANES, categories = [], segments = [] } = monitor;
  const paneMs = paneLength(windowMs, panes);
  return {
    id: digestOf([features, categories, segments, paneMs]),
    features,
    categories,
    segments,
    paneMs,
  };
}

/** Names how a layout's predictions are explained. Other permutations are another: noise makes attributions look larger. */
export function explainedAs({ method, baseline, permutations }: ExplainSpec, { id, features }: Layout): string {
  return digestOf([id, method, permutations, features.map((name) => baseline[name] ?? null)]);
}

function digestOf(declared: unknown): string {
  return createHash('sha256').update(JSON.stringify(declared)).digest('hex').slice(0, 16);
}

export function paneOf(eventTime: number, { paneMs }: Pick<Layout, 'paneMs'>): number {
  return Math.floor(eventTime / paneMs) * paneMs;
}

/** Column of the scores, after the features'. */
export const SCORE = 'score';

export function columnNames({ features }: Pick<Layout, 'features'>): string[] {
  return [...features, SCORE];
}

/** A bit for each segment that the row lies in; a missing value lies in none. */
export function segmentsOf(
  row: readonly number[] | null,
  { features, segments }: Pick<Layout, 'features' | 'segments'>,
): number {
  let mask = 0;
  segments.forEach(({ feature, from = -Infinity, to = Infinity }, i) => {
    const value = row?.[features.indexOf(feature)] ?? NaN;
    if (value >= from && value < to) mask |= 1 << i;
  });
  return mask;
}

/** Numbers of the segments of a mask: 0, which holds every row, and those of the bits, from 1. */
export function segmentNumbers(mask: number): number[] {
  const numbers = [0];
  for (let i = 0; mask >> i !== 0; i++) if (mask & (1 << i)) numbers.push(i + 1);
  return numbers;
}
