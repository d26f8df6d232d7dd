import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client';

/** Every metric of one process at one moment, as plain data. */
export type MetricsSnapshot = Array<MetricObjectWithValues<MetricValue<string>>>;

/**
 * Counters and histograms of several processes add up. Of gauges the largest counts (prom-client would add them): what processes
 * state of one thing, a version or a lag, is the same thing stated again.
 */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): Registry {
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => snapshot.map(withAggregator)) as never);
}

/** What a process that has ended leaves behind, so that counters never go backwards; its gauges end with it. */
export async function finalCounts(snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> {
  const counts = snapshots.map((snapshot) => snapshot.filter(({ type }) => typeName(type) !== 'gauge'));
  return mergeSnapshots(counts).getMetricsAsJSON();
}

function withAggregator(metric: MetricsSnapshot[number]): MetricsSnapshot[number] {
  const gauge = typeName(metric.type) === 'gauge' && (metric.aggregator as string) === 'sum';
  return gauge ? { ...metric, aggregator: 'max' as never } : metric;
}

/** prom-client's types declare an enumeration, its data has names. */
function typeName(type: unknown): string {
  return String(type);
}
