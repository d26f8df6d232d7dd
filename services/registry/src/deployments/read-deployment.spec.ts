import { describe, expect, it } from '@jest/globals';
import { HeadraceError, type Fault } from '@headrace/service-kit';
import { readDeployment } from './read-deployment.js';

const DAY = 86_400_000;
const minimal = { model: { name: 'm', alias: 'champion' }, input: { topic: 'features', features: ['a', 'b'] } };
const plain = (topic: string) => ({ topic, fields: { id: 'recordId' } });
const labels = { topic: 'labels', recordId: 'id', value: 'late' };
const document = (spec: object, name = 'd') => ({
  apiVersion: 'headrace.dev/v1',
  kind: 'Deployment',
  metadata: { name },
  spec,
});
const read = (spec: object) => readDeployment('d', document(spec));

function faultsOf(run: () => unknown): Fault[] {
  try {
    run();
  } catch (error) {
    if (error instanceof HeadraceError && error.code === 'INPUT_INVALID') return error.context['faults'] as Fault[];
    throw error;
  }
  return [];
}

const paths = (spec: object): string[] => faultsOf(() => read(spec)).map((fault) => fault.path);

describe('a deployment document', () => {
  it('needs a model and an input; the rest has defaults', () => {
    expect(read(minimal)).toEqual({ ...minimal, output: { topic: 'headrace.predictions' } });
  });

  it('fills in what a monitor and a training leave out', () => {
    const { monitor, training } = read({ ...minimal, labels, monitor: {}, training: {} });
    expect(monitor).toEqual({
      windowMs: 7 * DAY,
      panes: 7,
      allowedLatenessMs: DAY,
      minRows: 500,
      materiality: {
        auc: 0.02,
        logLoss: 0.02,
        calibrationError: 0.03,
        psi: 0.2,
        quality: 0.05,
        volume: 0.5,
        freshness: 0.25,
      },
      budget: { alpha: 0.05, horizon: 100 },
      reference: { kind: 'training' },
      segments: [],
      categories: [],
      persistence: 2,
      cooldownMs: 14 * DAY,
      commandsPerDay: 1,
      action: 'alert',
    });
    expect(training).toEqual({
      trainer: 'mlp',
      windowMs: null,
      bootstrapAfterMs: 28 * DAY,
      holdoutMs: 7 * DAY,
      gate: { minRows: 300, minAucGain: -0.002, maxLogLossIncrease: 0, maxCalibrationError: 0.1 },
    });
  });

  it('takes the registry’s subject, what missing features count as, and whether predictions repeat them', () => {
    const full = {
      ...minimal,
      input: {
        ...minimal.input,
        subject: 'user.Features',
        features: ['a', 'b.c'],
        defaults: { 'b.c': -1.5 },
        missing: 'nan',
      },
      output: { topic: 'headrace.predictions', echo: false },
    };
    expect(read(full)).toEqual(full);
  });

  it('takes durations as people write them, and as it answers them itself', () => {
    const short = read({
      ...minimal,
      labels,
      monitor: { window: '7d', cooldown: 'P3W' },
      training: { window: '56d', bootstrapAfter: null },
    });
    expect(short.monitor).toMatchObject({ windowMs: 7 * DAY, cooldownMs: 21 * DAY });
    expect(short.training).toMatchObject({ windowMs: 56 * DAY, bootstrapAfterMs: null });
    expect(read(short)).toEqual(short);
  });

  it('takes business figures beside the labels', () => {
    const kpi = { name: 'revenue', topic: 'kpi.revenue', recordId: 'id', value: 'amount', materiality: 0.5 };
    const { monitor } = read({ ...minimal, monitor: { kpis: [kpi] } });
    expect(monitor?.kpis).toEqual([{ ...kpi, worseWhen: 'lower' }]);
    const faulty = { ...minimal, monitor: { kpis: [kpi, { ...kpi, topic: 'headrace.alerts', materiality: -1 }] } };
    expect(paths(faulty).sort()).toEqual([
      'spec.monitor.kpis',
      'spec.monitor.kpis.1.materiality',
      'spec.monitor.kpis.1.topic',
    ]);
    const { recordId: _, ...nobody } = kpi;
    expect(paths({ ...minimal, monitor: { kpis: [{ ...kpi, entity: 'who' }] } })).toEqual(['spec.monitor.kpis.0']);
    expect(paths({ ...minimal, monitor: { kpis: [nobody] } })).toEqual(['spec.monitor.kpis.0']);
    expect(paths({ ...minimal, monitor: { kpis: [{ ...nobody, entity: 'who' }] } })).toEqual([]);
    const circular = { ...minimal, monitor: { kpis: [{ ...kpi, topic: 'features' }] } };
    expect(paths(circular)).toEqual(['spec.monitor.kpis']);
  });

  it('equal documents give equal JSON, whatever the order of their fields', () => {
    const turned = { input: { features: ['a', 'b'], topic: 'features' }, model: { alias: 'champion', name: 'm' } };
    expect(JSON.stringify(read(turned))).toBe(JSON.stringify(read(minimal)));
  });

  it('lists every fault at once, each with its path', () => {
    const faulty = {
      model: { name: 'm', alias: 'latest' },
      input: { topic: 'headrace.deployments', features: [], colour: 'red' },
      output: { topic: 'not a topic' },
      monitor: { window: 'soon', minRows: 0, cooldown: '1d', cooldownMs: 5 },
    };
    expect(paths(faulty).sort()).toEqual([
      'spec.input.colour',
      'spec.input.features',
      'spec.input.topic',
      'spec.model.alias',
      'spec.monitor.cooldown',
      'spec.monitor.minRows',
      'spec.monitor.window',
      'spec.output.topic',
    ]);
  });

  it('takes plain outputs, a batch policy and explanations', () => {
    const full = {
      ...minimal,
      output: { topic: 'out', plain: { topic: 'decisions', fields: { id: 'recordId', risk: 'outputs.p.1' } } },
      batch: { maxRecords: 64, maxDelay: '20ms' },
      explain: { baseline: { a: 0, b: 1.5 } },
    };
    expect(read(full)).toMatchObject({
      output: full.output,
      batch: { maxRecords: 64, maxDelayMs: 20 },
      explain: { method: 'shapley', baseline: { a: 0, b: 1.5 }, share: 1, permutations: 16 },
    });
    expect(read(read(full))).toEqual(read(full));
  });

  it.each<[string, object, string]>([
    ['a plain output to the input', { ...minimal, output: { plain: plain('features') } }, 'spec.output.plain.topic'],
    [
      'a plain output among predictions',
      { ...minimal, output: { topic: 'out', plain: plain('out') } },
      'spec.output.plain.topic',
    ],
    [
      'a plain output among labels',
      { ...minimal, labels, output: { topic: 'out', plain: plain('labels') } },
      'spec.output.plain.topic',
    ],
    [
      'a plain output to a topic of the platform',
      { ...minimal, output: { plain: plain('headrace.predictions') } },
      'spec.output.plain.topic',
    ],
    [
      'a source that there is not',
      { ...minimal, output: { plain: { topic: 'decisions', fields: { id: 'record' } } } },
      'spec.output.plain.fields.id',
    ],
    ['batches of none', { ...minimal, batch: { maxRecords: 0 } }, 'spec.batch.maxRecords'],
    ['batches above 4096', { ...minimal, batch: { maxRecords: 4097 } }, 'spec.batch.maxRecords'],
    ['a delay beyond patience', { ...minimal, batch: { maxDelay: '1h' } }, 'spec.batch.maxDelay'],
    ['explanations without a baseline', { ...minimal, explain: {} }, 'spec.explain.baseline'],
    ['a baseline of some features', { ...minimal, explain: { baseline: { a: 0 } } }, 'spec.explain.baseline'],
    ['a baseline of no feature', { ...minimal, explain: { baseline: { a: 0, b: 0, z: 0 } } }, 'spec.explain.baseline'],
    ['a share of nothing', { ...minimal, explain: { baseline: { a: 0, b: 0 }, share: 0 } }, 'spec.explain.share'],
    ['neither alias nor version', { ...minimal, model: { name: 'm' } }, 'spec.model'],
    ['both alias and version', { ...minimal, model: { name: 'm', alias: 'a', version: 1 } }, 'spec.model'],
    ['output is input', { ...minimal, output: { topic: 'features' } }, 'spec.output.topic'],
    [
      'output is another topic of the platform',
      { ...minimal, output: { topic: 'headrace.promotions' } },
      'spec.output.topic',
    ],
    [
      'labels from a topic of the platform',
      { ...minimal, labels: { ...labels, topic: 'headrace.alerts' } },
      'spec.labels.topic',
    ],
    ['a feature twice', { ...minimal, input: { topic: 't', features: ['a', 'a'] } }, 'spec.input.features'],
    [
      'a default of no feature',
      { ...minimal, input: { ...minimal.input, defaults: { a: 0, z: 0 } } },
      'spec.input.defaults.z',
    ],
    [
      'a default that no model takes',
      { ...minimal, input: { ...minimal.input, defaults: { a: 1e39 } } },
      'spec.input.defaults.a',
    ],
    [
      'an unknown policy for what is missing',
      { ...minimal, input: { ...minimal.input, missing: 'zero' } },
      'spec.input.missing',
    ],
    ['training without labels', { ...minimal, training: {} }, 'spec.training'],
    [
      'training of a pinned version',
      { ...minimal, model: { name: 'm', version: 1 }, labels, training: {} },
      'spec.training',
    ],
    [
      'a segment of no feature',
      { ...minimal, monitor: { segments: [{ name: 'x', feature: 'none', from: 0 }] } },
      'spec.monitor.segments',
    ],
    ['a category that is no feature', { ...minimal, monitor: { categories: ['none'] } }, 'spec.monitor.categories'],
    [
      'rows forgotten before their window',
      { ...minimal, monitor: { window: '7d', labelsTtl: '1d' } },
      'spec.monitor.labelsTtl',
    ],
    ['retrain without training', { ...minimal, labels, monitor: { action: 'retrain' } }, 'spec.monitor.action'],
    ['a window inside the holdout', { ...minimal, labels, training: { window: '7d' } }, 'spec.training.window'],
  ])('refuses %s', (_what, spec, path) => {
    expect(paths(spec)).toEqual([path]);
  });

  it('refuses another name than the address says, another kind, and no document at all', () => {
    expect(faultsOf(() => readDeployment('e', document(minimal)))).toMatchObject([{ path: 'metadata.name' }]);
    expect(faultsOf(() => readDeployment('D!', document(minimal, 'D!')))).toMatchObject([{ path: 'metadata.name' }]);
    expect(faultsOf(() => readDeployment('d', { ...document(minimal), kind: 'Pod', apiVersion: 'v1' }))).toHaveLength(
      2,
    );
    expect(faultsOf(() => readDeployment('d', undefined))).toMatchObject([{ path: '' }]);
    expect(faultsOf(() => readDeployment('d', []))).not.toEqual([]);
  });
});
