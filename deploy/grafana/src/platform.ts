import { DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { lines, now, zeroWhereNone } from './panels.js';

/** Is everything up, does everything keep up, and what does it cost. */
export function platformDashboard(): DashboardBuilder {
  const dashboard = new DashboardBuilder('Headrace: platform')
    .uid('headrace-platform')
    .description('Services, the log, HTTP and processes of one Headrace platform.')
    .tags(['headrace'])
    .time({ from: 'now-30m', to: 'now' })
    .refresh('10s')
    .timezone('browser')
    .readonly();
  for (const row of [overview, log, http, processes]) row(dashboard);
  return dashboard;
}

function overview(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Overview'))
    .withPanel(
      now(
        { title: 'Services up', description: 'Processes that answer /metrics.' },
        { expr: 'sum(up{job="headrace"})', legend: 'up' },
      ),
    )
    .withPanel(
      now(
        { title: 'Services ready', description: 'Of those that alerting watches: all their readiness checks hold.' },
        { expr: 'sum(headrace_alerting_service_up)', legend: 'ready' },
      ),
    )
    .withPanel(
      now(
        { title: 'Records read a second', description: 'By all consumer groups together.', unit: 'rps', decimals: 1 },
        { expr: 'sum(rate(headrace_consumed_records_total[$__rate_interval]))', legend: 'records' },
      ),
    )
    .withPanel(
      now(
        {
          title: 'Predictions a second',
          description: 'By streaming, all deployments together.',
          unit: 'rps',
          decimals: 1,
        },
        { expr: 'sum(rate(headrace_predictions_total[$__rate_interval]))', legend: 'predictions' },
      ),
    )
    .withPanel(
      now(
        {
          title: 'Dead letters',
          description:
            'Records refused since the processes started. `headrace.dead-letters` holds each with its reason.',
        },
        { expr: 'sum(headrace_dead_letters_total) or vector(0)', legend: 'dead letters' },
      ),
    )
    .withPanel(
      now(
        {
          title: 'Alerts firing',
          description: 'As the alerting service sees them; GET /api/headrace/v1/alerts lists them.',
        },
        { expr: 'sum(headrace_alerting_alerts{state="firing"})', legend: 'firing' },
      ),
    );
}

function log(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('The log'))
    .withPanel(
      lines(
        { title: 'Records read', description: 'Handed to a handler and committed, by topic.', unit: 'rps', min: 0 },
        { expr: 'sum by (topic) (rate(headrace_consumed_records_total[$__rate_interval]))', legend: '{{topic}}' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Consumer lag',
          description:
            'Records between what a group has committed and the end of its topics. Rising for minutes: the group is too slow, or stopped.',
          min: 0,
        },
        { expr: 'sum by (group) (headrace_consumer_lag_records)', legend: '{{group}}' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Dead letters',
          description: 'By reason, and what went back. Neighbours of a refused record go on.',
          unit: 'rps',
          min: 0,
        },
        {
          expr: 'sum by (code) (rate(headrace_dead_letters_total[$__rate_interval])) or vector(0)',
          legend: '{{code}}',
        },
        {
          expr: 'sum by (group) (rate(headrace_dead_letters_redriven_total[$__rate_interval])) or vector(0)',
          legend: 'redriven for {{group}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Batch duration, 95 %',
          description: 'From a batch in hand to its offsets committed.',
          unit: 's',
          min: 0,
        },
        {
          expr: 'histogram_quantile(0.95, sum by (le, group) (rate(headrace_batch_duration_seconds_bucket[$__rate_interval])))',
          legend: '{{group}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Batches tried again',
          description: 'Failed, rolled back and repeated: a dependency is away, or a rebalance fenced the owner.',
          unit: 'rps',
          min: 0,
        },
        {
          expr: zeroWhereNone(
            'sum by (service, group) (rate(headrace_batch_failures_total[$__rate_interval]))',
            'sum by (service, group) (rate(headrace_batch_duration_seconds_count[$__rate_interval]))',
          ),
          legend: '{{service}} {{group}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Outbox backlog',
          description:
            'Events committed in PostgreSQL and not yet on their topic. Not falling: Kafka cannot be reached.',
          min: 0,
        },
        { expr: 'sum by (service) (headrace_outbox_pending_events)', legend: '{{service}}' },
      ),
    );
}

function http(dashboard: DashboardBuilder): void {
  const requests = 'sum by (service) (rate(headrace_http_requests_total[$__rate_interval]))';
  const serverErrors = 'sum by (service) (rate(headrace_http_requests_total{status=~"5.."}[$__rate_interval]))';
  dashboard
    .withRow(new RowBuilder('HTTP'))
    .withPanel(
      lines(
        { title: 'Requests', description: 'Answered, by service.', unit: 'reqps', min: 0 },
        { expr: requests, legend: '{{service}}' },
      ),
    )
    .withPanel(
      lines(
        { title: 'Latency, 95 %', description: 'Request to the end of its answer, by service.', unit: 's', min: 0 },
        {
          expr: 'histogram_quantile(0.95, sum by (le, service) (rate(headrace_http_request_duration_seconds_bucket[$__rate_interval])))',
          legend: '{{service}}',
        },
      ),
    )
    .withPanel(
      lines(
        { title: 'Server errors', description: 'Share of answers with a 5xx status.', unit: 'percentunit', min: 0 },
        {
          expr: `(${zeroWhereNone(serverErrors, requests)}) / ${requests}`,
          legend: '{{service}}',
        },
      ),
    );
}

function processes(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Processes'))
    .withPanel(
      lines(
        { title: 'CPU', description: 'Cores in use, by service.', min: 0 },
        {
          expr: 'sum by (service) (rate(process_cpu_seconds_total{job="headrace"}[$__rate_interval]))',
          legend: '{{service}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Resident memory',
          description: 'By service; Kafka and PostgreSQL are not in it.',
          unit: 'bytes',
          min: 0,
        },
        { expr: 'sum by (service) (process_resident_memory_bytes{job="headrace"})', legend: '{{service}}' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Event loop lag, 99 %',
          description: 'Above 0.1 s a process does something long in one go: heartbeats and answers wait for it.',
          unit: 's',
          min: 0,
        },
        { expr: 'max by (service) (nodejs_eventloop_lag_p99_seconds{job="headrace"})', legend: '{{service}}' },
      ),
    );
}
