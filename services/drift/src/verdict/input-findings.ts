import type { DriftKind, Finding, MonitorSpec } from '@headrace/contracts';
import {
  binColumn,
  estimatePsi,
  normalTail,
  zOfProportions,
  type PsiEstimate,
  type QuantileBins,
} from '@headrace/statistics';
import { featureColumns, type Baseline } from '../figures/baseline.js';
import type { WindowFigures } from '../figures/window-figures.js';
import type { WindowRow } from '../figures/window-rows.js';
import { SIGNIFICANCE_LEVEL } from './performance-findings.js';

/**
 * What moved beside the model's quality: each feature, the scores, the base rate. The level is shared by the features (Bonferroni),
 * so that more features do not mean more alarms.
 */
export function inputFindings(
  rows: readonly WindowRow[],
  figures: WindowFigures,
  baseline: Baseline,
  featureNames: readonly string[],
  materiality: MonitorSpec['materiality'],
): Finding[] {
  const columns = featureColumns(rows);
  const level = SIGNIFICANCE_LEVEL / Math.max(1, featureNames.length);
  const features = featureNames.flatMap((name, i) => {
    const [reference, column] = [baseline.features[i], columns[i]];
    return reference && column ? [shift('INPUT', name, reference, column, materiality.psi, level)] : [];
  });
  const scores = rows.map((row) => row.score);
  return [
    ...features,
    shift('PREDICTION', 'score', baseline.scores, scores, materiality.psi, SIGNIFICANCE_LEVEL),
    baseRate(figures, baseline, materiality.calibrationError),
  ];
}

function shift(
  kind: DriftKind,
  subject: string,
  reference: QuantileBins,
  column: ArrayLike<number | null>,
  threshold: number,
  level: number,
): Finding {
  const estimate = estimatePsi(reference, binColumn(reference.edges, column), { countMissing: true });
  const broken = leavesConstant(reference, column);
  return {
    kind,
    subject,
    metric: 'psi',
    value: estimate?.psi ?? null,
    reference: null,
    statistic: estimate?.statistic ?? null,
    threshold,
    significant: broken || isUnlikely(estimate, level),
    material: broken || (estimate !== null && estimate.psi >= threshold),
  };
}

function isUnlikely(estimate: PsiEstimate | null, level: number): boolean {
  return estimate !== null && estimate.pValue < level;
}

/** A reference of one value has one cut: values below it share its bin and PSI is blind. Any other value is a change all the same. */
function leavesConstant({ min, max }: QuantileBins, column: ArrayLike<number | null>): boolean {
  if (min === null || min !== max) return false;
  return Array.from(column).some((value) => value !== null && Number.isFinite(value) && value !== min);
}

/**
 * The share of positives. A spec declares no materiality of its own for it; a base rate that moves by the material calibration error is
 * one that a model which does not follow would show as such.
 */
function baseRate(figures: WindowFigures, baseline: Baseline, threshold: number): Finding {
  const value = figures.labelled > 0 ? figures.positives / figures.labelled : null;
  const reference = baseline.labelled > 0 ? baseline.positives / baseline.labelled : null;
  const z = zOfProportions(figures.positives, figures.labelled, baseline.positives, baseline.labelled);
  return {
    kind: 'LABEL',
    subject: '',
    metric: 'base_rate',
    value,
    reference,
    statistic: z,
    threshold,
    significant: 2 * normalTail(Math.abs(z)) < SIGNIFICANCE_LEVEL,
    material: value !== null && reference !== null && Math.abs(value - reference) >= threshold,
  };
}
