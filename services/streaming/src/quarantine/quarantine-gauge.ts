import type { PoolMetrics } from '../pool/pool-metrics.js';
import type { Quarantines } from './quarantines.js';

/** Keeps the gauge in line with the topic. */
export function quarantineGauge(quarantines: Quarantines, { inQuarantine }: PoolMetrics): void {
  const show = (): void => {
    inQuarantine.reset();
    for (const { model, version } of quarantines.all()) inQuarantine.set({ model, version: String(version) }, 1);
  };
  quarantines.onChange(show);
  show();
}
