import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { chosen, deploymentDashboard } from './deployment-dashboard.js';
import {
  alarms,
  amendments,
  anomalies,
  clocksAhead,
  estimated,
  estimateValid,
  labelledShare,
  labelsRead,
  predictionsRead,
  psiByFeature,
  realised,
  retrainCommands,
  spentAlpha,
  verdicts,
  watermarkLag,
} from './drift-panels.js';

/** What the monitors found, how good the models are by labels and without, and what the verdicts stand on. */
export function driftDashboard(): DashboardBuilder {
  const dashboard = deploymentDashboard({
    title: 'Headrace: drift',
    uid: 'headrace-drift',
    description:
      'What monitors found in the last closed windows of event time: verdicts, figures by labels and without, inputs, and whether labels and clocks can be trusted.',
    metric: 'headrace_drift_watermark_timestamp_seconds',
  });
  for (const row of [found, performance, inputs, ground]) row(dashboard);
  return dashboard;
}

function found(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Found'))
    .withPanel(verdicts({ width: 8 }))
    .withPanel(alarms({ width: 8 }))
    .withPanel(spentAlpha({ width: 8 }))
    .withPanel(retrainCommands({ width: 8 }))
    .withPanel(estimateValid({ width: 8 }))
    .withPanel(amendments({ width: 8 }));
}

function performance(dashboard: DashboardBuilder): void {
  const width = { width: 8 };
  const byScores = { expr: `headrace_drift_estimated_auc{${chosen}}`, legend: '{{deployment}} estimated' };
  dashboard
    .withRow(new RowBuilder('Performance, by labels and estimated by scores alone'))
    .withPanel(realised('auc', width, byScores))
    .withPanel(realised('log_loss', width))
    .withPanel(realised('calibration_error', width))
    .withPanel(realised('base_rate', width))
    .withPanel(estimated('Estimated accuracy', 'accuracy', 'Share of rows answered right, yes from 0.5 on.', width))
    .withPanel(estimated('Estimated F1', 'f1', 'Harmonic mean of precision and recall.', width));
}

function inputs(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Inputs and scores'))
    .withPanel(psiByFeature({ width: 16 }))
    .withPanel(anomalies({ width: 8 }));
}

function ground(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('What verdicts stand on'))
    .withPanel(labelsRead({ width: 8 }))
    .withPanel(labelledShare({ width: 8 }))
    .withPanel(watermarkLag({ width: 8 }))
    .withPanel(predictionsRead({ width: 12 }))
    .withPanel(clocksAhead({ width: 12 }));
}
