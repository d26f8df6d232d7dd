import { DashboardBuilder, QueryVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.js';

export interface DeploymentDashboard {
  title: string;
  uid: string;
  /** What it is for. */
  description: string;
  /** Has a series for each deployment that can be chosen. */
  metric: string;
}

/** Selects the deployments that are chosen; part of a PromQL selector. */
export const chosen = 'deployment=~"$deployment"';

/** A dashboard without panels on which deployments are chosen. */
export function deploymentDashboard({ title, uid, description, metric }: DeploymentDashboard): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['headrace'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .timezone('browser')
    .readonly()
    .withVariable(
      new QueryVariableBuilder('deployment')
        .label('Deployment')
        .datasource(datasource)
        .query(`label_values(${metric}, deployment)`)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .current({ text: 'All', value: '$__all' }),
    );
}
