import type { Metrics } from '@headrace/service-kit';
import type { Alert } from './alerts/alert.js';
import type { Db } from './database.js';

/** The service's Prometheus metrics. */
export class AlertingMetrics {
  private readonly transitions;
  private readonly deliveries;
  private readonly up;
  private readonly alerts;
  private readonly open;

  constructor(metrics: Metrics) {
    this.transitions = metrics.counter({
      name: 'headrace_alerting_transitions_total',
      help: 'State changes of alerts',
      labelNames: ['rule', 'state'],
    });
    this.deliveries = metrics.counter({
      name: 'headrace_alerting_deliveries_total',
      help: 'Attempts to deliver a notification',
      labelNames: ['channel', 'outcome'],
    });
    this.up = metrics.gauge({
      name: 'headrace_alerting_service_up',
      help: '1 when the service was ready at the last look',
      labelNames: ['service'],
    });
    this.alerts = metrics.gauge({
      name: 'headrace_alerting_alerts',
      help: 'Alerts that are not resolved, by state',
      labelNames: ['rule', 'state'],
    });
    this.open = metrics.gauge({ name: 'headrace_alerting_deliveries_open', help: 'Notifications not delivered yet' });
  }

  changed({ rule, state }: Alert): void {
    this.transitions.inc({ rule, state: state.toLowerCase() });
  }

  delivered(channel: string, outcome: string): void {
    this.deliveries.inc({ channel, outcome });
  }

  looked(service: string, ready: boolean): void {
    this.up.set({ service }, ready ? 1 : 0);
  }

  /** What stands in the database now. */
  async refresh(db: Db, rules: readonly string[]): Promise<void> {
    const count = db.fn.countAll<number>().as('count');
    const query = db.selectFrom('alerts').select(['rule', 'state', count]).where('state', '<>', 'RESOLVED');
    const rows = await query.groupBy(['rule', 'state']).execute();
    for (const rule of rules)
      for (const state of ['PENDING', 'FIRING'] as const) {
        const row = rows.find((each) => each.rule === rule && each.state === state);
        this.alerts.set({ rule, state: state.toLowerCase() }, row?.count ?? 0);
      }
    const open = db.selectFrom('deliveries').select(count).where('delivered_at', 'is', null);
    this.open.set((await open.executeTakeFirstOrThrow()).count);
  }
}
