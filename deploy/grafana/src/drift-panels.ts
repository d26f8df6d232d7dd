import { chosen } from './deployment-dashboard.js';
import { lines, now, steps, zeroWhereNone, type PanelOptions, type Query } from './panels.js';

/** Panels that tell the same on every dashboard that has them; widths are the dashboard's. */
type Width = Pick<PanelOptions, 'width'>;

const reports = `sum by (deployment) (headrace_drift_reports_total{${chosen}})`;
/** A counter of drift's that is 0 until something counts. */
const total = (metric: string): string => zeroWhereNone(`sum by (deployment) (${metric}{${chosen}})`, reports);

export const labelsRead = (width: Width) =>
  lines(
    {
      title: 'Labels',
      ...width,
      description: 'Read by drift, by topic and what became of them; joined is counted once a deployment.',
      unit: 'rps',
      min: 0,
    },
    {
      expr: 'sum by (topic, outcome) (rate(headrace_drift_labels_total[$__rate_interval]))',
      legend: '{{topic}} {{outcome}}',
    },
  );

export const labelledShare = (width: Width) =>
  steps(
    {
      title: 'Labelled share',
      ...width,
      description: 'Share of the last window whose truth had arrived when it was closed. Low: allow more lateness.',
      unit: 'percentunit',
      min: 0,
      max: 1,
    },
    { expr: `headrace_drift_labelled_ratio{${chosen}}`, legend: '{{deployment}}' },
  );

export const watermarkLag = (width: Width) =>
  lines(
    {
      title: 'Watermark lag',
      ...width,
      description: 'Event time between the newest believed record and the watermark: what windows still wait for.',
      unit: 's',
      min: 0,
    },
    { expr: `max by (deployment) (headrace_drift_watermark_lag_seconds{${chosen}})`, legend: '{{deployment}}' },
  );

const FIGURES = {
  auc: ['AUC', 'Ranking: the chance that a positive scores above a negative. 0.5 is guessing.'],
  log_loss: ['Log-loss', 'Quality of the probabilities; lower is better.'],
  calibration_error: ['Calibration error', 'How far the scores are from the rates that come true.'],
  base_rate: ['Base rate', 'Share of positives among the labels: it moves with the world, not with the model.'],
} as const;

/** A figure by the labels. @param beside further queries in the same panel */
export const realised = (name: keyof typeof FIGURES, width: Width, ...beside: Query[]) => {
  const [title, description] = FIGURES[name];
  const told = { expr: `headrace_drift_${name}{${chosen}}`, legend: '{{deployment}}' };
  return steps({ title, description, ...width, decimals: 3 }, told, ...beside);
};

export const psiByFeature = (width: Width) =>
  steps(
    {
      title: 'Inputs: PSI by feature',
      description:
        'Population stability index of the last window against the training period. 0.1 is noticed, 0.2 is large.',
      ...width,
      min: 0,
      decimals: 3,
    },
    { expr: `headrace_drift_psi{${chosen}}`, legend: '{{deployment}} {{feature}}' },
  );

export const verdicts = (width: Width) =>
  steps(
    { title: 'Verdicts', description: 'Windows closed, by verdict.', ...width, min: 0 },
    {
      expr: `sum by (deployment, verdict) (headrace_drift_reports_total{${chosen}})`,
      legend: '{{deployment}} {{verdict}}',
    },
  );

export const retrainCommands = (width: Width) =>
  now(
    { title: 'Retrain commands', description: 'Asked for by drift, by deployment.', ...width },
    { expr: total('headrace_drift_retrain_commands_total'), legend: '{{deployment}}' },
  );

export const alarms = (width: Width) =>
  steps(
    {
      title: 'Alarms by kind',
      description:
        'Findings that were significant, material and persistent. PERFORMANCE and CALIBRATION make a verdict DRIFT, all others WARNING.',
      ...width,
      min: 0,
    },
    {
      expr: `sum by (deployment, kind) (headrace_drift_alarms_total{${chosen}}) or on (deployment) 0 * ${reports}`,
      legend: '{{deployment}} {{kind}}',
    },
  );

export const spentAlpha = (width: Width) =>
  steps(
    {
      title: 'False-alarm budget spent',
      description: 'Of alpha, since the champion was promoted or the horizon began anew. It falls back then.',
      ...width,
      min: 0,
      decimals: 3,
    },
    { expr: `headrace_drift_spent_alpha{${chosen}}`, legend: '{{deployment}}' },
  );

export const estimateValid = (width: Width) =>
  now(
    {
      title: 'Estimate is valid',
      description:
        '0: the last window has no estimate by scores alone that is to be believed. Its report says why: no labelled reference yet, or concept drift was found.',
      ...width,
    },
    { expr: `headrace_drift_estimate_valid{${chosen}}`, legend: '{{deployment}}' },
  );

export const estimated = (title: string, name: string, description: string, width: Width) =>
  steps(
    {
      title,
      description: `${description} By scores alone; nothing is drawn while it is not valid.`,
      ...width,
      decimals: 3,
    },
    { expr: `headrace_drift_estimated_${name}{${chosen}}`, legend: '{{deployment}}' },
  );

export const anomalies = (width: Width) =>
  steps(
    {
      title: 'Anomalies',
      description: 'Rows of closed windows with a feature beyond 8 robust standard deviations.',
      ...width,
      min: 0,
    },
    { expr: total('headrace_drift_anomalies_total'), legend: '{{deployment}}' },
  );

export const amendments = (width: Width) =>
  now(
    {
      title: 'Amended windows',
      description: 'Closed windows whose figures later labels changed. Many: allow more lateness.',
      ...width,
    },
    { expr: total('headrace_drift_amendments_total'), legend: '{{deployment}}' },
  );

export const predictionsRead = (width: Width) =>
  lines(
    {
      title: 'Predictions read',
      description: 'By topic and what became of them; late ones came after their window was closed.',
      ...width,
      unit: 'rps',
      min: 0,
    },
    {
      expr: 'sum by (topic, outcome) (rate(headrace_drift_predictions_total[$__rate_interval]))',
      legend: '{{topic}} {{outcome}}',
    },
  );

export const clocksAhead = (width: Width) =>
  lines(
    {
      title: 'Clocks ahead',
      description: 'Records too far ahead of their neighbours to move the watermark: a producer’s clock is wrong.',
      ...width,
      unit: 'rps',
      min: 0,
    },
    {
      expr: 'sum by (topic) (rate(headrace_drift_event_times_ahead_total[$__rate_interval]))',
      legend: '{{topic}}',
    },
  );
