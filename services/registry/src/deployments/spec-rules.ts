import { type Fault } from '@headrace/service-kit';
import type { DeploymentSpec } from '@headrace/contracts';

interface Rule {
  readonly path: string;
  readonly broken: (spec: DeploymentSpec) => boolean;
  readonly message: string;
}

/** What must hold between fields, each with the field to change. */
const RULES: readonly Rule[] = [
  {
    path: 'spec.output.topic',
    broken: ({ input, output }) => output.topic === input.topic,
    message: 'is the input topic: predictions would be scored again, for ever',
  },
  {
    path: 'spec.output.topic',
    broken: ({ labels, output }) => output.topic === labels?.topic,
    message: 'is the labels topic: predictions would be read as ground truth',
  },
  {
    path: 'spec.output.plain.topic',
    broken: ({ input, output }) => output.plain?.topic === input.topic,
    message: 'is the input topic: what is written would be scored again, for ever',
  },
  {
    path: 'spec.output.plain.topic',
    broken: ({ output }) => output.plain?.topic === output.topic,
    message: 'is the predictions’ topic: its readers expect predictions alone',
  },
  {
    path: 'spec.output.plain.topic',
    broken: ({ labels, output }) => labels !== undefined && output.plain?.topic === labels.topic,
    message: 'is the labels topic: what is written would be read as ground truth',
  },
  {
    path: 'spec.explain.baseline',
    broken: ({ input, explain }) =>
      explain !== undefined && input.features.some((name) => !Object.hasOwn(explain.baseline, name)),
    message: 'needs a value for every feature: what stands for a feature that is not known',
  },
  {
    path: 'spec.explain.baseline',
    broken: ({ input, explain }) => Object.keys(explain?.baseline ?? {}).some((name) => !input.features.includes(name)),
    message: 'names what is none of the features',
  },
  {
    path: 'spec.training',
    broken: ({ training, labels }) => training !== undefined && labels === undefined,
    message: 'needs labels: without ground truth there is nothing to learn from',
  },
  {
    path: 'spec.training',
    broken: ({ training, model }) => training !== undefined && model.alias === undefined,
    message: 'needs model.alias: a deployment that stays on one version cannot take a retrained one',
  },
  {
    path: 'spec.training.windowMs',
    broken: ({ training }) => training?.windowMs != null && training.windowMs <= training.holdoutMs,
    message: 'must be longer than the holdout, which is taken from its end',
  },
  {
    path: 'spec.training.bootstrapAfterMs',
    broken: ({ training }) => training?.bootstrapAfterMs != null && training.bootstrapAfterMs <= training.holdoutMs,
    message: 'must be longer than the holdout, which is taken from its end',
  },
  {
    path: 'spec.monitor.segments',
    broken: ({ monitor, input }) =>
      monitor?.segments?.some(({ feature }) => !input.features.includes(feature)) ?? false,
    message: 'names what is none of the features',
  },
  {
    path: 'spec.monitor.categories',
    broken: ({ monitor, input }) => monitor?.categories?.some((name) => !input.features.includes(name)) ?? false,
    message: 'names what is none of the features',
  },
  {
    path: 'spec.monitor.kpis',
    broken: ({ monitor, input, output }) =>
      monitor?.kpis?.some(({ topic }) => topic === input.topic || topic === output.topic) ?? false,
    message: 'reads the input or the predictions as a KPI: it needs a topic of its own',
  },
  {
    path: 'spec.monitor.labelsTtlMs',
    broken: ({ monitor }) =>
      monitor?.labelsTtlMs !== undefined && monitor.labelsTtlMs < monitor.windowMs + monitor.allowedLatenessMs,
    message: 'must not be less than window and allowed lateness: rows would be forgotten before their window closes',
  },
  {
    path: 'spec.monitor.action',
    broken: ({ monitor, training }) => monitor?.action === 'retrain' && training === undefined,
    message: "'retrain' needs training: say how a challenger is made",
  },
];

export function brokenRules(spec: DeploymentSpec): Fault[] {
  return RULES.filter((rule) => rule.broken(spec)).map(({ path, message }) => ({ path, message }));
}
