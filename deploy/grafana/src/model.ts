import {
  DashboardBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource, lines, now, steps, zeroWhereNone } from './panels.js';

/** How good is each deployment's model, has something changed, and what was decided about it. */
export function modelDashboard(): DashboardBuilder {
  const dashboard = new DashboardBuilder('Headrace: model')
    .uid('headrace-model')
    .description(
      'Quality, drift and decisions of deployments. Choose the champion and the one that never retrains to see them side by side.',
    )
    .tags(['headrace'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .timezone('browser')
    .readonly()
    .withVariable(
      new QueryVariableBuilder('deployment')
        .label('Deployment')
        .datasource(datasource)
        .query('label_values(headrace_predictions_total, deployment)')
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .current({ text: 'All', value: '$__all' }),
    );
  for (const row of [predictions, quality, drift, decisions]) row(dashboard);
  return dashboard;
}

const chosen = 'deployment=~"$deployment"';

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
    .withPanel(
      lines(
        {
          title: 'Labels',
          width: 6,
          description: 'Read by drift, by topic and what became of them; joined is counted once a deployment.',
          unit: 'rps',
          min: 0,
        },
        {
          expr: 'sum by (topic, outcome) (rate(headrace_drift_labels_total[$__rate_interval]))',
          legend: '{{topic}} {{outcome}}',
        },
      ),
    )
    .withPanel(
      steps(
        {
          title: 'Labelled share',
          width: 6,
          description: 'Share of the last window whose truth had arrived when it was closed. Low: allow more lateness.',
          unit: 'percentunit',
          min: 0,
          max: 1,
        },
        { expr: `headrace_drift_labelled_ratio{${chosen}}`, legend: '{{deployment}}' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Watermark lag',
          width: 6,
          description: 'Event time between the newest believed record and the watermark: what windows still wait for.',
          unit: 's',
          min: 0,
        },
        { expr: `max by (deployment) (headrace_drift_watermark_lag_seconds{${chosen}})`, legend: '{{deployment}}' },
      ),
    );
}

function quality(dashboard: DashboardBuilder): void {
  const figures: [title: string, metric: string, description: string][] = [
    ['AUC', 'headrace_drift_auc', 'Ranking: the chance that a positive scores above a negative. 0.5 is guessing.'],
    ['Log-loss', 'headrace_drift_log_loss', 'Quality of the probabilities; lower is better.'],
    ['Calibration error', 'headrace_drift_calibration_error', 'How far the scores are from the rates that come true.'],
    [
      'Base rate',
      'headrace_drift_base_rate',
      'Share of positives among the labels: it moves with the world, not with the model.',
    ],
  ];
  dashboard.withRow(new RowBuilder('Quality in the last closed window of event time'));
  for (const [title, metric, description] of figures) {
    dashboard.withPanel(
      steps({ title, description, width: 6, decimals: 3 }, { expr: `${metric}{${chosen}}`, legend: '{{deployment}}' }),
    );
  }
}

function drift(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Drift'))
    .withPanel(
      steps(
        {
          title: 'Inputs: PSI by feature',
          description:
            'Population stability index of the last window against the training period. 0.1 is noticed, 0.2 is large.',
          width: 12,
          min: 0,
          decimals: 3,
        },
        { expr: `headrace_drift_psi{${chosen}}`, legend: '{{deployment}} {{feature}}' },
      ),
    )
    .withPanel(
      steps(
        { title: 'Verdicts', description: 'Windows closed, by verdict.', width: 12, min: 0 },
        {
          expr: `sum by (deployment, verdict) (headrace_drift_reports_total{${chosen}})`,
          legend: '{{deployment}} {{verdict}}',
        },
      ),
    );
}

function decisions(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Decisions'))
    .withPanel(
      now(
        { title: 'Retrain commands', description: 'Asked for by drift, by deployment.', width: 8 },
        {
          expr: zeroWhereNone(
            `sum by (deployment) (headrace_drift_retrain_commands_total{${chosen}})`,
            `sum by (deployment) (headrace_drift_reports_total{${chosen}})`,
          ),
          legend: '{{deployment}}',
        },
      ),
    )
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
