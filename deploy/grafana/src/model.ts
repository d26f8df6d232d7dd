import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { chosen, deploymentDashboard } from './deployment-dashboard.js';
import {
  labelledShare,
  labelsRead,
  psiByFeature,
  realised,
  retrainCommands,
  verdicts,
  watermarkLag,
} from './drift-panels.js';
import { lines, now, zeroWhereNone } from './panels.js';

/** How good is each deployment's model, has something changed, and what was decided about it. */
export function modelDashboard(): DashboardBuilder {
  const dashboard = deploymentDashboard({
    title: 'Headrace: model',
    uid: 'headrace-model',
    description:
      'Quality, drift and decisions of deployments. Choose the champion and the one that never retrains to see them side by side.',
    metric: 'headrace_predictions_total',
  });
  for (const row of [predictions, quality, drift, decisions]) row(dashboard);
  return dashboard;
}

function predictions(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Predictions'))
    .withPanel(
      lines(
        {
          title: 'Predictions',
          description: 'By the version that made them: a swap is one line falling and another rising.',
          unit: 'rps',
          width: 12,
          min: 0,
        },
        {
          expr: `sum by (deployment, version) (rate(headrace_predictions_total{${chosen}}[$__rate_interval]))`,
          legend: '{{deployment}} v{{version}}',
        },
      ),
    )
    .withPanel(
      now(
        { title: 'Version that answers', description: 'In streaming, now.', width: 6 },
        { expr: `max by (deployment) (headrace_deployment_version{${chosen}})`, legend: '{{deployment}}' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Scoring a batch, 95 %',
          description: 'To read, score and shape one micro-batch; without Kafka.',
          unit: 's',
          width: 6,
          min: 0,
        },
        {
          expr: `histogram_quantile(0.95, sum by (le, deployment) (rate(headrace_inference_duration_seconds_bucket{${chosen}}[$__rate_interval])))`,
          legend: '{{deployment}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Predictions over HTTP',
          description: 'Rows that serving answered and recorded.',
          unit: 'rps',
          width: 6,
          min: 0,
        },
        {
          expr: zeroWhereNone(
            `sum by (deployment) (rate(headrace_serving_rows_total{${chosen}}[$__rate_interval]))`,
            `max by (deployment) (headrace_deployment_version{${chosen}})`,
          ),
          legend: '{{deployment}}',
        },
      ),
    )
    .withPanel(labelsRead({ width: 6 }))
    .withPanel(labelledShare({ width: 6 }))
    .withPanel(watermarkLag({ width: 6 }));
}

function quality(dashboard: DashboardBuilder): void {
  dashboard.withRow(new RowBuilder('Quality in the last closed window of event time'));
  for (const figure of ['auc', 'log_loss', 'calibration_error', 'base_rate'] as const)
    dashboard.withPanel(realised(figure, { width: 6 }));
}

function drift(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Drift'))
    .withPanel(psiByFeature({ width: 12 }))
    .withPanel(verdicts({ width: 12 }));
}

function decisions(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Decisions'))
    .withPanel(retrainCommands({ width: 8 }))
    .withPanel(
      now(
        { title: 'Training jobs', description: 'By state; all models. WAITING is for a replay.', width: 8 },
        { expr: 'sum by (state) (headrace_training_jobs)', legend: '{{state}}' },
      ),
    )
    .withPanel(
      now(
        {
          title: 'Promotions and refusals',
          description: 'What the registry did with candidates; all models.',
          width: 8,
        },
        { expr: 'sum by (decision) (headrace_promotion_decisions_total) or vector(0)', legend: '{{decision}}' },
      ),
    );
}
