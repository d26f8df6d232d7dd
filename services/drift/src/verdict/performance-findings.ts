import type { DriftKind, Finding, MonitorSpec } from '@headrace/contracts';
import type { AlarmLevels, DesignEffect, RowFigure, WorseWhen } from '@headrace/monitoring';
import { figureFinding, type ReferenceFigure } from './figure-finding.js';
import { streamKey, type Stream } from './streams.js';

interface Watched {
  readonly kind: DriftKind;
  readonly worseWhen: WorseWhen;
  readonly materiality: (materiality: MonitorSpec['materiality']) => number;
}

/** What labels tell, by name. The base rate is the world's, not the model's: it moves both ways. */
const WATCHED: ReadonlyMap<string, Watched> = new Map<string, Watched>([
  ['auc', { kind: 'PERFORMANCE', worseWhen: 'lower', materiality: ({ auc }) => auc }],
  ['log_loss', { kind: 'PERFORMANCE', worseWhen: 'higher', materiality: ({ logLoss }) => logLoss }],
  [
    'calibration_error',
    { kind: 'CALIBRATION', worseWhen: 'higher', materiality: ({ calibrationError }) => calibrationError },
  ],
  [
    'base_rate',
    {
      kind: 'LABEL',
      worseWhen: 'different',
      materiality: ({ baseRate, calibrationError }) => baseRate ?? calibrationError,
    },
  ],
]);

export interface SegmentFigures {
  /** Name; empty for all rows. */
  readonly segment: string;
  readonly figures: ReadonlyMap<string, RowFigure>;
  /** What a calibrated model of as many rows would show as its error. */
  readonly calibrationNoise: number;
}

/** What labels say of a segment: is the model worse than it was when it was let in, and has the world changed? Rows are the judged version's. */
export function performanceFindings(
  { segment, figures, calibrationNoise }: SegmentFigures,
  referenceOf: (metric: string) => ReferenceFigure | null,
  designOf: (stream: Stream, own: DesignEffect) => DesignEffect,
  materiality: MonitorSpec['materiality'],
  levels: AlarmLevels,
): Finding[] {
  return [...WATCHED].flatMap(([metric, { kind, worseWhen, materiality: least }]): Finding[] => {
    const [figure, reference] = [figures.get(metric), referenceOf(metric)];
    if (!figure || !reference) return [];
    const stream = { kind, metric, subject: '', segment };
    const finding = figureFinding(stream, figure, designOf(stream, figure.design), reference, {
      worseWhen,
      ...(metric === 'calibration_error' ? { floor: calibrationNoise } : {}),
      materiality: least(materiality),
      levels,
    });
    return finding ? [finding] : [];
  });
}

/**
 * How alike a pane's rows are, over this window and the judged ones before it: a week has seven days, and seven panes alone say little.
 * @param before by stream key, newest window first
 */
export function pooledDesign(
  stream: Stream,
  own: DesignEffect,
  before: ReadonlyArray<Readonly<Record<string, DesignEffect>>>,
): DesignEffect {
  const all = [own, ...before.flatMap((designs) => designs[streamKey(stream)] ?? [])];
  const degrees = all.reduce((sum, each) => sum + each.degrees, 0);
  if (degrees === 0) return own;
  return { effect: all.reduce((sum, each) => sum + each.effect * each.degrees, 0) / degrees, degrees };
}
