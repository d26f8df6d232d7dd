import type { DriftKind, Finding } from '@headrace/contracts';
import { evaluate, type Evidence } from '@headrace/monitoring';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import type { Layout } from '../inputs/layout.js';

/** One figure of one subject in one segment: what the budget counts, and what must persist. */
export interface Stream {
  readonly kind: DriftKind;
  readonly metric: string;
  /** Feature or output; empty for the whole model. */
  readonly subject: string;
  /** Empty for all rows. */
  readonly segment: string;
}

export function streamKey({
  metric,
  subject,
  segment = '',
}: Pick<Stream, 'metric' | 'subject'> & { segment?: string }): string {
  return `${metric}|${subject}|${segment}`;
}

/** auc, log_loss, calibration_error, base_rate. */
const FIGURES = 4;
/** Index, missing, out of range or new, constant; of each feature and of the score. */
const OF_A_COLUMN = 4;
/** Schema, volume and freshness, of all rows together. */
const OF_ALL = 3;

/** How many streams a monitor watches, whether or not this window has figures for all of them. */
export function streamCount({
  layout: { features, segments },
  kpis,
  explained,
}: Pick<MonitoredDeployment, 'layout' | 'kpis' | 'explained'>): number {
  const attributions = explained === null ? 0 : features.length;
  return (1 + segments.length) * ((features.length + 1) * OF_A_COLUMN + FIGURES) + OF_ALL + kpis.length + attributions;
}

/** Those of them that labels tell. */
export function figureStreams({ segments }: Layout): number {
  return (1 + segments.length) * FIGURES;
}

/** A finding with the evidence that it was computed from; null where that is too little. */
export function findingOf(stream: Stream, evidence: Evidence): Finding | null {
  const found = evaluate(evidence);
  if (found === null) return null;
  const { value, reference, pValue, low, high, rows, referenceRows, effect, significant, material } = found;
  return {
    ...stream,
    value,
    reference,
    statistic: null,
    threshold: evidence.materiality,
    significant,
    material,
    persisted: false,
    pValue,
    low: finite(low),
    high: finite(high),
    rows,
    referenceRows,
    effect,
    evidence: JSON.stringify(evidence),
  };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
