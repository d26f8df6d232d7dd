import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
} from 'prom-client';
import { mergeSnapshots, type MetricsSnapshot } from './merge-snapshots.js';

type Described<C> = Omit<C, 'registers'>;

/**
 * The process's Prometheus metrics. Asking twice for a name gives the same metric, so that libraries need no wiring.
 * Names follow Prometheus's rules: headrace_ prefix, base units, _total on counters.
 */
export class Metrics {
  readonly registry = new Registry();
  private readonly others: Array<() => Promise<readonly MetricsSnapshot[]>> = [];

  constructor(options: { defaults: boolean } = { defaults: false }) {
    if (options.defaults) collectDefaultMetrics({ register: this.registry });
  }

  counter<L extends string>(configuration: Described<CounterConfiguration<L>>): Counter<L> {
    return (
      this.existing<Counter<L>>(configuration.name) ?? new Counter({ ...configuration, registers: [this.registry] })
    );
  }

  gauge<L extends string>(configuration: Described<GaugeConfiguration<L>>): Gauge<L> {
    return this.existing<Gauge<L>>(configuration.name) ?? new Gauge({ ...configuration, registers: [this.registry] });
  }

  histogram<L extends string>(configuration: Described<HistogramConfiguration<L>>): Histogram<L> {
    return (
      this.existing<Histogram<L>>(configuration.name) ?? new Histogram({ ...configuration, registers: [this.registry] })
    );
  }

  /** Adds metrics of other processes, for which this one answers; they are asked at each scrape. */
  include(snapshots: () => Promise<readonly MetricsSnapshot[]>): void {
    this.others.push(snapshots);
  }

  snapshot(): Promise<MetricsSnapshot> {
    return this.registry.getMetricsAsJSON();
  }

  /** Prometheus' text format. */
  async scrape(): Promise<string> {
    if (this.others.length === 0) return this.registry.metrics();
    const others = (await Promise.all(this.others.map((snapshots) => snapshots()))).flat();
    return mergeSnapshots([await this.snapshot(), ...others]).metrics();
  }

  private existing<M>(name: string): M | undefined {
    return this.registry.getSingleMetric(name) as M | undefined;
  }
}
