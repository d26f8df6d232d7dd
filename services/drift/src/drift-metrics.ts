import type { DriftReported } from '@headrace/contracts';
import type { Metrics } from '@headrace/service-kit';

const byDeployment = { labelNames: ['deployment'] as const };

/** The service's Prometheus metrics. Figures are those of a deployment's last closed window; counters are this process's. */
export class DriftMetrics {
  readonly predictions;
  readonly labels;
  readonly explanations;
  readonly eventTimesAhead;
  readonly watermarkLag;
  readonly watermark;
  readonly retrainCommands;
  readonly amendments;
  private readonly spentAlpha;
  private readonly anomalies;
  private readonly alarms;
  private readonly reports;
  private readonly figures;
  private readonly estimated;
  private readonly estimateValid;
  private readonly psi;
  private readonly labelled;

  constructor(metrics: Metrics) {
    this.predictions = metrics.counter({
      name: 'headrace_drift_predictions_total',
      help: 'Predictions read: accepted, of them late (their window was closed), and duplicate',
      labelNames: ['topic', 'outcome'],
    });
    this.labels = metrics.counter({
      name: 'headrace_drift_labels_total',
      help: 'Labels read: accepted, of them late (a window was closed without them), duplicate, contradictory, rejected; and joined: counted in a closed window, once a deployment',
      labelNames: ['topic', 'outcome'],
    });
    this.explanations = metrics.counter({
      name: 'headrace_drift_explanations_total',
      help: 'Explanations read: accepted, unused (nobody watches them, their window was closed, or a repeat), rejected',
      labelNames: ['outcome'],
    });
    this.eventTimesAhead = metrics.counter({
      name: 'headrace_drift_event_times_ahead_total',
      help: 'Records too far ahead of their neighbours to move the watermark',
      labelNames: ['topic'],
    });
    this.watermarkLag = metrics.gauge({
      name: 'headrace_drift_watermark_lag_seconds',
      help: 'Event time between the newest believed record and the watermark',
      ...byDeployment,
    });
    this.watermark = metrics.gauge({
      name: 'headrace_drift_watermark_timestamp_seconds',
      help: 'Event time up to which predictions and labels are complete',
      ...byDeployment,
    });
    this.retrainCommands = metrics.counter({
      name: 'headrace_drift_retrain_commands_total',
      help: 'Retrain commands decided',
      ...byDeployment,
    });
    this.amendments = metrics.counter({
      name: 'headrace_drift_amendments_total',
      help: 'Closed windows whose figures later labels changed',
      ...byDeployment,
    });
    this.spentAlpha = gauge(
      metrics,
      'headrace_drift_spent_alpha',
      'Of the false-alarm budget, since the champion was promoted or the horizon began',
    );
    this.anomalies = metrics.counter({
      name: 'headrace_drift_anomalies_total',
      help: 'Rows of closed windows with a feature further from its median than 8 robust standard deviations',
      ...byDeployment,
    });
    this.alarms = metrics.counter({
      name: 'headrace_drift_alarms_total',
      help: 'Findings that persisted, by kind',
      labelNames: ['deployment', 'kind'],
    });
    this.reports = metrics.counter({
      name: 'headrace_drift_reports_total',
      help: 'Windows closed, by verdict',
      labelNames: ['deployment', 'verdict'],
    });
    this.figures = {
      auc: gauge(metrics, 'headrace_drift_auc', 'Area under the ROC curve in the last window'),
      log_loss: gauge(metrics, 'headrace_drift_log_loss', 'Mean log loss in the last window, nats'),
      brier: gauge(metrics, 'headrace_drift_brier', 'Brier score in the last window'),
      calibration_error: gauge(
        metrics,
        'headrace_drift_calibration_error',
        'Expected calibration error in the last window',
      ),
      base_rate: gauge(metrics, 'headrace_drift_base_rate', 'Share of positive labels in the last window'),
      mean_score: gauge(metrics, 'headrace_drift_mean_score', 'Mean score in the last window'),
    };
    const estimated = (name: string, what: string) =>
      gauge(metrics, name, `${what} in the last window by scores alone; none where concept drift was found`);
    this.estimated = {
      auc: estimated('headrace_drift_estimated_auc', 'Area under the ROC curve'),
      accuracy: estimated('headrace_drift_estimated_accuracy', 'Share of rows answered right'),
      precision: estimated('headrace_drift_estimated_precision', 'Precision'),
      recall: estimated('headrace_drift_estimated_recall', 'Recall'),
      f1: estimated('headrace_drift_estimated_f1', 'F1'),
    };
    this.estimateValid = gauge(
      metrics,
      'headrace_drift_estimate_valid',
      'Whether the last window has an estimate by scores that is to be believed',
    );
    this.labelled = gauge(
      metrics,
      'headrace_drift_labelled_ratio',
      'Share of predictions with a label in the last window',
    );
    this.psi = metrics.gauge({
      name: 'headrace_drift_psi',
      help: 'Population stability index of a feature, or of the score, in the last window',
      labelNames: ['deployment', 'feature'],
    });
  }

  /** A window was closed by this process. */
  reported(report: DriftReported): void {
    const { deployment } = report;
    this.reports.inc({ deployment, verdict: report.verdict });
    this.anomalies.inc({ deployment }, report.anomalies ?? 0);
    for (const { kind, persisted } of report.findings) if (persisted) this.alarms.inc({ deployment, kind });
    this.show(report);
  }

  /** Sets the figures; also at start, from the last report of an earlier process. */
  show(report: DriftReported): void {
    const { deployment, metrics, findings, labelled, predictions, budget } = report;
    this.spentAlpha.set({ deployment }, budget?.spent ?? NaN);
    for (const [name, metric] of Object.entries(this.figures)) metric.set({ deployment }, metrics[name] ?? NaN);
    const estimate = report.estimated?.find(({ version }) => version === report.judgedVersion);
    // A figure that is not to be believed would be plotted, and alerted on, all the same.
    const believed = estimate?.valid ? estimate.figures : {};
    for (const [name, metric] of Object.entries(this.estimated)) metric.set({ deployment }, believed[name] ?? NaN);
    this.estimateValid.set({ deployment }, estimate?.valid ? 1 : 0);
    this.labelled.set({ deployment }, predictions > 0 ? labelled / predictions : NaN);
    for (const { metric, subject, segment, value } of findings)
      if (metric === 'psi' && !segment) this.psi.set({ deployment, feature: subject }, value ?? NaN);
  }
}

function gauge(metrics: Metrics, name: string, help: string) {
  return metrics.gauge({ name, help, ...byDeployment });
}
