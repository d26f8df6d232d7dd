import type { DeploymentChanged, DeploymentSpec, KpiSpec, MonitorSpec } from '@headrace/contracts';
import { explainedAs, layoutOf, type Layout } from '../inputs/layout.js';
import { kpiSourceOf, labelSourceOf, type LabelSource } from './label-source.js';

export interface WatchedKpi extends Pick<KpiSpec, 'name' | 'materiality' | 'worseWhen'> {
  readonly source: LabelSource;
}

/** What drift needs of a deployment that declares a monitor. */
export interface MonitoredDeployment {
  readonly name: string;
  readonly model: string;
  /** Null while no version answers yet. */
  readonly championVersion: number | null;
  readonly predictionsTopic: string;
  readonly labels: LabelSource | null;
  readonly kpis: readonly WatchedKpi[];
  /** A KPI is told of entities: whose a prediction is must be known. */
  readonly byEntity: boolean;
  readonly features: readonly string[];
  readonly monitor: MonitorSpec;
  readonly layout: Layout;
  /** Names how predictions are explained; null where they are not. */
  readonly explained: string | null;
  readonly canTrain: boolean;
}

/** Null for a deployment that nobody asked to watch. */
export function monitoredDeployment(change: DeploymentChanged): MonitoredDeployment | null {
  const spec = JSON.parse(change.spec) as DeploymentSpec;
  if (!spec.monitor) return null;
  const layout = layoutOf(spec.input.features, spec.monitor);
  return {
    name: change.name,
    model: spec.model.name,
    championVersion: change.model?.version ?? null,
    predictionsTopic: spec.output.topic,
    labels: spec.labels ? labelSourceOf(spec.labels) : null,
    kpis: (spec.monitor.kpis ?? []).map(({ name, materiality, worseWhen, ...declared }) => ({
      name,
      materiality,
      worseWhen,
      source: kpiSourceOf({ name, ...declared }),
    })),
    byEntity: spec.monitor.kpis?.some(({ entity }) => entity !== undefined) ?? false,
    features: spec.input.features,
    monitor: spec.monitor,
    layout,
    explained: spec.explain ? explainedAs(spec.explain, layout) : null,
    canTrain: spec.training !== undefined && spec.training !== null,
  };
}

/** Where the deployment's records are told more of later: labels first, then KPIs. */
export function labelSources({ labels, kpis }: Pick<MonitoredDeployment, 'labels' | 'kpis'>): LabelSource[] {
  return [...(labels ? [labels] : []), ...kpis.map(({ source }) => source)];
}

/** Names the predictions of a topic in progress and marks. */
export function predictionsSource(topic: string): string {
  return `predictions:${topic}`;
}
